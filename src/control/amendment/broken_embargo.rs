//! The embargo breaks: the advisory or a fix is public early, by somebody's mistake or by an attack. The release goes on at
//! once: its disclosure time becomes the hour at which that was noticed. An amendment like any other, but for its hour.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::hour::hour_of_notice;
use super::proposal::Amendment;
use super::refused::AmendRefusal;
use crate::control::disk::write_whole;
use crate::control::opened::Opened;
use crate::ids::Login;
use crate::kinds::{Phase, StepKind};
use crate::plan::{Plan, Step};
use crate::run::State;

/// The embargo of a release, broken at an hour.
#[derive(Debug)]
pub struct BrokenEmbargo {
    /// Where the release file is, and its text with that hour as its disclosure time.
    release_file: (PathBuf, String),
    amendment: Amendment,
}

impl BrokenEmbargo {
    /// The hour at which it was noticed: the one that is given, or now, in whole seconds.
    ///
    /// # Errors
    /// When it cannot be that hour.
    pub fn hour(opened: &Opened, given: Option<Timestamp>) -> Result<Timestamp, AmendRefusal> {
        opened.decisions().check_under_way()?;
        let (now, disclosure) = (opened.now(), opened.plan.inputs.release.disclosure);
        let started = opened.events.first().map_or(now, |first| first.at);
        Ok(hour_of_notice(given, now, started, disclosure)?)
    }

    /// What a run would do otherwise by this plan, which was made with this text of the release file.
    ///
    /// # Errors
    /// As [`Amendment::propose`].
    pub fn propose(
        opened: &Opened,
        release_file: (&Path, &str),
        plan: Plan,
    ) -> Result<BrokenEmbargo, AmendRefusal> {
        let amendment = Amendment::propose(opened, plan)?;
        let (path, text) = release_file;
        Ok(BrokenEmbargo { release_file: (path.to_owned(), text.to_owned()), amendment })
    }

    /// What it changes.
    #[must_use]
    pub fn amendment(&self) -> &Amendment {
        &self.amendment
    }

    /// The steps that are left until the first fix is public, in their order, once this is recorded.
    #[must_use]
    pub fn left(&self, state: &State) -> Vec<Step> {
        let after = self.amendment.after(state);
        let plan = self.amendment.plan();
        let is_before = |step: &&Step| step.phase < Phase::Release || step.kind == StepKind::Gate;
        let is_left = |step: &&Step| !after.is_done(&step.name) && step.kind != StepKind::AdvanceMail;
        plan.steps().filter(is_before).filter(is_left).cloned().collect()
    }

    /// Who read of another hour reads anew here, and not what the files say.
    fn of_its_hour(&self, refusal: AmendRefusal) -> AmendRefusal {
        match refusal {
            AmendRefusal::OtherDigest { read, shown, .. } => {
                let hour = self.amendment.plan().inputs.release.disclosure;
                AmendRefusal::OtherDigest { read, shown, hour: Some(hour) }
            }
            other => other,
        }
    }

    /// Writes the hour into the release file and records the amendment. The file comes first: without the record, what it says is
    /// shown as a change that was not taken in.
    ///
    /// # Errors
    /// When somebody has no part in the release or has read something else, or the disk refuses.
    pub fn record(
        self,
        opened: &mut Opened,
        who: &Login,
        read: Option<&str>,
        reason: String,
    ) -> Result<Login, AmendRefusal> {
        let by =
            self.amendment.check_reader(opened, who, read).map_err(|refusal| self.of_its_hour(refusal))?;
        let (path, text) = &self.release_file;
        write_whole(path, text)?;
        self.amendment.take_in(opened, by, Some(reason))
    }
}
