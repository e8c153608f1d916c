//! The status of a run that a process drives at this moment: it continues by itself, and takes in what people decide.

use super::status::Status;
use crate::next_action::{Advice, NextAction};

impl Status {
    /// The same of a run that `driver` drives, as they call themselves. Nobody has to resume it, but `resume` makes it look again at
    /// what people have put right outside of Lockgate.
    #[must_use]
    pub fn driven_by(mut self, driver: String) -> Status {
        let is_plain = |advice: &Advice| advice.text.is_none() && advice.action == Some(NextAction::Resume);
        let is_put_right = |advice: &Advice| advice.text.is_some() && advice.action.is_none();
        let afterwards = !self.failed.is_empty() || self.next.iter().any(is_put_right);
        self.next.retain(|advice| !is_plain(advice));
        if afterwards {
            let again =
                "once that is put right, to have it looked at again by the process that drives the run";
            self.next.push(Advice::then(again, NextAction::Resume));
        }
        self.driver = Some(driver);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::State;

    fn status(next: Vec<Advice>) -> Status {
        let plan = demo_plan("github");
        Status { next, ..Status::of(&plan, &State::default(), &[]) }
    }

    #[test]
    fn nobody_resumes_what_is_under_way() {
        let waive = || {
            let step = "await-cve/GHSA-23cf-ghjm-pqrv".parse().unwrap();
            Advice::then("without it", NextAction::Waive { step, reason: None })
        };
        let driven = status(vec![waive(), NextAction::Resume.into()]).driven_by("mara@desk".into());
        assert_eq!(driven.next, [waive()]);
        assert_eq!(driven.driver.as_deref(), Some("mara@desk"));
    }

    #[test]
    fn what_is_put_right_outside_is_looked_at_again_by_the_process() {
        let put_right = Advice::from("restore the branch, then");
        let driven = status(vec![put_right.clone(), NextAction::Resume.into()]).driven_by("mara@desk".into());
        assert_eq!(driven.next[0], put_right);
        assert_eq!(driven.next[1].action, Some(NextAction::Resume));
        assert!(driven.next[1].text.as_ref().unwrap().contains("looked at again"));
    }
}
