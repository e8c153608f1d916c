//! What each worker can run. The matrix is planned for every kind of machine that is there; an entry goes where its verdict
//! is best.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::crew::Crew;
use crate::matrix::{Capabilities, CiEntry, CiPlan, EntryVerdict, RunnerClass};
use crate::runner::{ExecutorChoice, no_worker_with};
use crate::workers::key::PublicKey;
use crate::workers::subject::{QueueName, kind_of_machine};
use crate::workers::wire::SentEntry;

/// The plan of a crew: each entry as the machine sees it that can do most with it, and who has such a machine.
pub(super) struct Placing {
    pub(super) plan: CiPlan,
    able: BTreeMap<SentEntry, BTreeSet<PublicKey>>,
}

/// How an entry stands that starts: what can be done with it, the most first.
fn rank(verdict: EntryVerdict) -> u8 {
    match verdict {
        EntryVerdict::RunHere => 0,
        EntryVerdict::NeedsNetwork => 1,
        EntryVerdict::NeedsTool => 2,
        _ => 3,
    }
}

impl Placing {
    /// Of the plans of all machines; each with those who have such a machine. Nothing without a plan.
    pub(super) fn of(plans: Vec<(CiPlan, BTreeSet<PublicKey>)>) -> Option<Placing> {
        let mut able = BTreeMap::new();
        let mut best: Option<CiPlan> = None;
        for (plan, owners) in plans {
            let Some(best) = &mut best else {
                for entry in plan.entries() {
                    able.insert(SentEntry::of(entry), owners.clone());
                }
                best = Some(plan);
                continue;
            };
            let pairs =
                best.workflows.iter_mut().flat_map(|workflow| &mut workflow.entries).zip(plan.entries());
            for (chosen, other) in pairs {
                let (ours, theirs) = (rank(chosen.verdict()), rank(other.verdict()));
                if theirs < ours {
                    *chosen = other.clone();
                    able.insert(SentEntry::of(other), owners.clone());
                } else if theirs == ours {
                    able.entry(SentEntry::of(other)).or_default().extend(owners.iter().cloned());
                }
            }
        }
        best.map(|plan| Placing { plan, able })
    }

    /// Of everybody who is there: planned once for those whose machines are alike. Nothing without anybody.
    pub(super) fn of_crew(
        crew: &Crew,
        executor: ExecutorChoice,
        plan: &dyn Fn(&Capabilities) -> CiPlan,
    ) -> Option<Placing> {
        let mut machines: BTreeMap<String, (Cow<'_, Capabilities>, BTreeSet<PublicKey>)> = BTreeMap::new();
        for (key, member) in crew.iter() {
            let capabilities = executor.elsewhere(&member.card.capabilities, member.card.act.as_deref());
            let same = serde_json::to_string(&*capabilities).unwrap_or_else(|_| key.to_string());
            let alike = machines.entry(same).or_insert_with(|| (capabilities, BTreeSet::new()));
            alike.1.insert(key.clone());
        }
        Placing::of(machines.into_values().map(|(machine, owners)| (plan(&machine), owners)).collect())
    }

    /// Who can do most with an entry.
    pub(super) fn able(&self, entry: &SentEntry) -> BTreeSet<PublicKey> {
        self.able.get(entry).cloned().unwrap_or_default()
    }

    /// Why nothing is attempted of the entries that no worker is for, and of how many.
    pub(super) fn unattended(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for why in self.plan.entries().filter_map(why_unattended) {
            *counts.entry(why).or_default() += 1;
        }
        counts
    }
}

fn why_unattended(entry: &CiEntry) -> Option<String> {
    match entry.verdict() {
        EntryVerdict::RunOn => {
            Some(format!("no worker for {}", kind_of(entry).unwrap_or_else(|| entry.reason())))
        }
        EntryVerdict::NeedsTool => no_worker_with(&entry.reason()),
        _ => None,
    }
}

/// The kind of machine that an entry asks for, if it is one of GitHub's.
pub(super) fn kind_of(entry: &CiEntry) -> Option<String> {
    match entry.runner.class() {
        RunnerClass::Hosted(system, architecture) => Some(kind_of_machine(system, architecture)),
        _ => None,
    }
}

/// The queue of an entry that these can run: that of the kind if all of the kind can.
pub(super) fn queue_of(kind: &str, able: &BTreeSet<PublicKey>, crew: &Crew) -> QueueName {
    let mut of_kind = crew.iter().filter(|(_, member)| member.kind() == kind);
    if of_kind.all(|(key, _)| able.contains(key)) {
        QueueName::of_kind(kind)
    } else {
        QueueName::of_some(kind, able.iter())
    }
}

/// Said of an entry that takes files of another job.
pub(super) const CARRIED_NOT: &str = "files of other jobs are not carried between machines";

/// Why an entry cannot be given away, whoever is there.
pub(super) fn hindrance(entry: &CiEntry) -> Option<&'static str> {
    match kind_of(entry) {
        None => Some("workers take entries for GitHub's own kinds of machines alone"),
        Some(_) if takes_files_of_others(entry) => Some(CARRIED_NOT),
        Some(_) => None,
    }
}

/// Whether an entry takes files that another job has put by. Those are on the machine that ran it.
fn takes_files_of_others(entry: &CiEntry) -> bool {
    let Some(recipe) = &entry.recipe else { return false };
    let steps = recipe.job.get("steps");
    let mut steps = steps.as_items().into_iter().flatten();
    steps.any(|step| step.get("uses").to_text().starts_with("actions/download-artifact"))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::matrix::{
        ActionFiles, Architecture, Capabilities, CiEvent, EventKind, JobFacts, Library, OperatingSystem,
        WorkflowFile, plan_after,
    };
    use crate::workers::key::SigningKey;

    struct NoActions;
    impl ActionFiles for NoActions {
        fn action(&self, _folder: &str) -> Option<String> {
            None
        }
    }

    /// The entries of a workflow that is pushed to `main`, for a machine with these programs.
    pub(in crate::workers::coordinator) fn planned(
        text: &str,
        (system, architecture): (OperatingSystem, Architecture),
        programs: &[&str],
    ) -> CiPlan {
        let path = ".github/workflows/ci.yml";
        let read = WorkflowFile::read(path, text);
        let library = Library::of(BTreeMap::from([(path.to_owned(), read)]), &NoActions);
        let event = CiEvent {
            kind: EventKind::Push,
            action: None,
            branch: "main".to_owned(),
            repository: None,
            commit: "c".to_owned(),
            skip: None,
        };
        let machine = Capabilities {
            system,
            architecture,
            processor_flags: BTreeSet::new(),
            programs: programs.iter().map(|name| ((*name).to_owned(), None)).collect(),
            labels: BTreeSet::new(),
            actions: Default::default(),
        };
        plan_after(&JobFacts::default(), &library, &event, Some(&machine), &|_| true)
    }

    #[test]
    fn an_entry_goes_to_those_who_can_do_most_with_it() {
        let text = "on: push
jobs:
  plain: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  build: { runs-on: ubuntu-latest, steps: [{ run: 'cmake -B x' }] }
  mac: { runs-on: macos-15, steps: [{ run: 'true' }] }
  windows: { runs-on: windows-2025, steps: [{ run: 'true' }] }
";
        let linux = (OperatingSystem::Linux, Architecture::X64);
        let [bare, full, mac] = [(); 3].map(|()| SigningKey::new().unwrap().public());
        let plans = vec![
            (planned(text, linux, &[]), BTreeSet::from([bare.clone()])),
            (planned(text, linux, &["cmake"]), BTreeSet::from([full.clone()])),
            (
                planned(text, (OperatingSystem::MacOs, Architecture::Arm64), &[]),
                BTreeSet::from([mac.clone()]),
            ),
        ];
        let placing = Placing::of(plans).unwrap();
        let entries: Vec<&CiEntry> = placing.plan.entries().collect();
        let able = |at: usize| placing.able(&SentEntry::of(entries[at]));
        assert_eq!(able(0), BTreeSet::from([bare, full.clone()]));
        assert_eq!(able(1), BTreeSet::from([full]), "the other one lacks the tool");
        assert_eq!((able(2), entries[2].verdict()), (BTreeSet::from([mac]), EntryVerdict::RunHere));
        assert_eq!(placing.unattended(), BTreeMap::from([("no worker for windows-x64".to_owned(), 1)]));
    }
}
