//! The aims of the project, measured: `cargo bench`.
//!
//! A plan of a hundred targets, a rehearsal of twenty repositories with five lines each, and picks against what git
//! itself takes for them. Picks on a real repository are measured where a mirror is given:
//! `LOCKGATE_BENCH_MIRROR=PATH LOCKGATE_BENCH_CASES=FILE cargo bench`, with git 2.40 or later. A line of FILE holds
//! `fix`, `fix_parent` and `bp_parent`; the parts `chain` and `verdicts` need `bp`, `bp_tree`, `branch`, `security` and
//! `tier` as well. `cargo bench -- plan` measures that part alone; the parts are `plan`, `matrix`, `rehearsal`, `scale`,
//! `picks`, `tree`, `fair`, `agreement`, `chain` and `verdicts`.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod agreement;
mod cases;
mod chain;
mod cpu;
mod crew;
mod death;
mod fair;
mod given;
mod huge;
mod laid_out;
mod makespan;
mod matrix;
mod measured;
mod overhead;
mod picks;
mod planning;
mod rehearsal;
mod release;
mod repository;
mod scale;
mod shape;
mod table;
mod verdicts;

use table::{Failure, Table};

type Part = fn(&mut Table) -> Result<(), Failure>;

const PARTS: [(&str, Part); 10] = [
    ("plan", planning::measure),
    ("matrix", matrix::measure),
    ("rehearsal", rehearsal::measure),
    ("scale", scale::measure),
    ("picks", cases::measure),
    ("tree", huge::measure),
    ("fair", fair::measure),
    ("agreement", agreement::measure),
    ("chain", chain::measure),
    ("verdicts", verdicts::measure),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut table = Table::default();
    table.note(format!("machine: {}", table::machine()));
    for (name, part) in PARTS {
        if !wanted.is_empty() && !wanted.iter().any(|word| word == name) {
            continue;
        }
        if let Err(failure) = part(&mut table) {
            table.note(format!("{name}: not measured: {failure}"));
        }
    }
    table.note(format!("machine: {}", table::machine()));
    println!("{table}");
}
