//! Which jobs of a file come before which.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::job::CiJob;
use crate::matrix::expression::fold;

/// The needs of the jobs of a file, by position. It is made once: files with thousands of jobs are generated.
#[derive(Debug)]
pub struct JobNeeds {
    positions: HashMap<String, usize>,
    /// What each job needs; `None` is a job that does not exist.
    direct: Vec<Vec<Option<usize>>>,
}

impl JobNeeds {
    /// Of these jobs.
    pub fn of(jobs: &[CiJob<'_>]) -> JobNeeds {
        // Of two jobs with one id the first is meant.
        let positions = jobs.iter().enumerate().rev().map(|(at, job)| (fold(job.id), at)).collect();
        let mut needs = JobNeeds { positions, direct: Vec::new() };
        needs.direct =
            jobs.iter().map(|job| job.needs().iter().map(|need| needs.position(need)).collect()).collect();
        needs
    }

    /// Which job has this id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(&fold(id)).copied()
    }

    /// The positions of the jobs such that each stands after those that it needs, and otherwise as in the file. A job that
    /// can never start, since its needs lead back to it or to what does not exist, is not among them.
    pub fn in_order(&self) -> Vec<usize> {
        let mut waits: Vec<usize> = self.direct.iter().map(Vec::len).collect();
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); waits.len()];
        for (at, needs) in self.direct.iter().enumerate() {
            needs.iter().flatten().for_each(|need| needed_by[*need].push(at));
        }
        let free = waits.iter().enumerate().filter(|(_, open)| **open == 0);
        let mut free: BinaryHeap<Reverse<usize>> = free.map(|(at, _)| Reverse(at)).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse(at)) = free.pop() {
            order.push(at);
            for next in &needed_by[at] {
                waits[*next] -= 1;
                if waits[*next] == 0 {
                    free.push(Reverse(*next));
                }
            }
        }
        order
    }

    /// All that comes before a job: what it needs, and what that needs, in the order of the file.
    pub fn before(&self, job: usize) -> Vec<usize> {
        let mut found = vec![false; self.direct.len()];
        let mut open = vec![job];
        while let Some(at) = open.pop() {
            for need in self.direct[at].iter().flatten() {
                if !std::mem::replace(&mut found[*need], true) {
                    open.push(*need);
                }
            }
        }
        (0..found.len()).filter(|at| found[*at]).collect()
    }
}
