//! What a step rests on, as values that can be compared: where one of them is another in a later plan, the step is not what
//! it was.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::graph::Plan;
use super::step::Step;
use super::target::Target;
use crate::catalog::Repo;
use crate::ids::RepoName;
use crate::kinds::{Basis, StepKind};
use crate::release::{Advisory, CveWish, Fix, TagAnswer};

/// What the files say of a step's subject, as far as it is of this kind.
pub(super) fn value(plan: &Plan, step: &Step, basis: Basis) -> Value {
    Reading::of(plan, step).value(basis)
}

/// A step with what its subject names.
struct Reading<'a> {
    plan: &'a Plan,
    step: &'a Step,
    repo: Option<&'a Repo>,
    target: Option<&'a Target>,
    advisory: Option<&'a Advisory>,
}

impl<'a> Reading<'a> {
    fn of(plan: &'a Plan, step: &'a Step) -> Reading<'a> {
        let subject = &step.subject;
        let repo = subject.repo.as_ref().and_then(|name| plan.inputs.catalog.repo(name));
        let target = subject.repo.as_ref().zip(subject.branch.as_ref());
        Reading {
            plan,
            step,
            repo,
            target: target.and_then(|(repo, branch)| plan.target(repo, branch)),
            advisory: subject.advisory.as_ref().and_then(|id| plan.inputs.release.advisory(id)),
        }
    }

    fn value(&self, basis: Basis) -> Value {
        let release = &self.plan.inputs.release;
        match basis {
            Basis::Lead => written(&release.manager),
            Basis::Hour => written(&release.disclosure),
            Basis::Reporter => self.reporter(),
            Basis::Advisory => self.advisory(),
            Basis::Cve => self.cve(),
            Basis::Collaborators => written(&self.advisory.map(|advisory| &advisory.collaborators)),
            Basis::Ranges => self.ranges(),
            Basis::Fix => self.fixes(),
            Basis::Base => {
                json!(self.target.map(|target| (&target.base, &target.stated_base, &target.begins_at)))
            }
            Basis::Commits => self.commits(),
            Basis::Private => self.private(),
            Basis::Notes => self.notes(),
            Basis::Numbering => self.numbering(),
            Basis::Carried => written(&self.target.map(|target| &target.carries)),
            Basis::Publishing => written(&self.repo.and_then(|repo| self.plan.inputs.release_rule(repo))),
            Basis::Packages => written(&self.repo.map(|repo| &repo.packages)),
            Basis::After => self.after(),
            Basis::Tests => self.tests(),
            Basis::Mail => self.mail(),
            Basis::Question => written(&self.named(|name| self.plan.inputs.workflow.confirm.get(name))),
            Basis::Gate => json!([
                self.named(|name| self.plan.inputs.workflow.gate.get(name)),
                self.plan.inputs.approvers(),
                self.plan.inputs.catalog.approval_groups
            ]),
        }
    }

    fn named<T>(&self, find: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        find(self.step.asks.as_deref()?)
    }

    fn released(&self) -> Option<&'a super::LineRelease> {
        self.target?.release.as_ref()
    }

    fn reporter(&self) -> Value {
        let inputs = &self.plan.inputs;
        let own = inputs.catalog.mail.own_template("acknowledgement");
        json!([
            self.advisory.map(|advisory| &advisory.reporter),
            inputs.release.manager,
            own.map(|file| inputs.templates.get(file)),
            inputs.workflow.mail.of("acknowledgement"),
        ])
    }

    /// All that an advisory says, but for its fixes and who works on it.
    fn advisory(&self) -> Value {
        let said = self.advisory.map(|advisory| Advisory {
            fixes: Vec::new(),
            collaborators: Vec::new(),
            reporter: None,
            cve: CveWish::None,
            ..advisory.clone()
        });
        written(&said)
    }

    /// Whether a CVE is asked for or given: how urgently it is wanted concerns only those who wait for it.
    fn cve(&self) -> Value {
        let wish = self.advisory.map(|advisory| &advisory.cve);
        match (self.step.kind, wish) {
            (StepKind::RequestCve, Some(wish)) if wish.is_asked_for() => json!("asked for"),
            (_, wish) => written(&wish),
        }
    }

    fn fixes(&self) -> Value {
        let fix_of = |advisory: &'a Advisory| -> Vec<(&'a Fix, Value)> {
            let is_meant = |fix: &&Fix| self.step.subject.repo.as_ref().is_none_or(|repo| fix.repo == *repo);
            advisory.fixes.iter().filter(is_meant).map(|fix| (fix, self.patches(fix))).collect()
        };
        let advisories: Vec<&Advisory> = match (self.advisory, self.target) {
            (Some(advisory), _) => vec![advisory],
            (None, Some(target)) => {
                let ids = target.advisories.iter();
                ids.filter_map(|id| self.plan.inputs.release.advisory(id)).collect()
            }
            (None, None) => Vec::new(),
        };
        json!(advisories.into_iter().map(|one| (&one.id, fix_of(one))).collect::<Vec<_>>())
    }

    fn patches(&self, fix: &Fix) -> Value {
        let texts = fix.patches.iter().map(|name| self.plan.inputs.patches.get(name));
        json!(texts.collect::<Vec<_>>())
    }

    /// The targets of an advisory with what is released from them.
    fn ranges(&self) -> Value {
        let Some(advisory) = self.advisory else { return Value::Null };
        let of = |target: &'a Target| target.advisories.contains(&advisory.id);
        let targets = self.plan.targets.iter().filter(|target| of(target));
        let versions: Vec<_> = targets
            .map(|target| {
                let release = target.release.as_ref();
                (target.label(), release.map(|release| (&release.to, &release.packages)))
            })
            .collect();
        let repos = advisory.fixes.iter().map(|fix| self.tag_answers(&fix.repo));
        let said: Vec<_> = advisory.fixes.iter().flat_map(|fix| &fix.not_affected).collect();
        json!([versions, advisory.packages, repos.collect::<Vec<_>>(), said])
    }

    fn commits(&self) -> Value {
        let committer = &self.plan.snapshot.committer;
        let manager = committer.is_none().then_some(&self.plan.inputs.release.manager);
        let of_repo = self.repo.map(|repo| json!([repo.sign_off, repo.sign, repo.noise, repo.lock_files]));
        json!([manager, of_repo])
    }

    fn private(&self) -> Value {
        let advised = self.advisory.and_then(|advisory| self.plan.inputs.catalog.repo(&advisory.repo));
        written(&self.repo.or(advised).map(|repo| &repo.private))
    }

    /// The rule, and what notes tell by it: they may be dated, and tell of older lines.
    fn notes(&self) -> Value {
        let inputs = &self.plan.inputs;
        let Some(repo) = self.repo else { return Value::Null };
        let branch = self.target.map_or(&repo.default_branch, |target| &target.branch);
        let Some(rule) = inputs.notes(repo, branch) else { return Value::Null };
        // Where nothing is released, nothing is told of it.
        let is_told = self.released().is_some() || !rule.carry_forward.is_empty();
        if self.target.is_some() && !is_told {
            return Value::Null;
        }
        let told = |target: &Target| {
            let advisories = target.advisories.iter().filter_map(|id| inputs.release.advisory(id));
            let said: Vec<_> = advisories
                .map(|one| (one.id.clone(), one.summary.clone(), one.rating(), one.cve.clone()))
                .collect();
            json!([
                target.release.as_ref().map(|release| &release.to),
                self.plan.release_before(target),
                said
            ])
        };
        let older = self.plan.targets.iter().filter(|other| {
            !rule.carry_forward.is_empty() && self.target.is_some_and(|own| own.repo == other.repo)
        });
        let day = inputs.release.disclosure.to_zoned(TimeZone::UTC).date();
        json!([rule, day, self.target.map(told), older.map(told).collect::<Vec<_>>()])
    }

    fn numbering(&self) -> Value {
        let inputs = &self.plan.inputs;
        let line = self.repo.zip(self.target);
        let rule = match line {
            Some((repo, target)) => written(&inputs.version_rule(repo, &target.branch)),
            None => self.version_rules(),
        };
        let tag = self.repo.and_then(|repo| inputs.release_rule(repo)).map(|rule| &rule.tag);
        let of_line = self
            .released()
            .map(|line| json!([line.from, line.to, line.tags().collect::<Vec<_>>(), line.packages]));
        // Which versions there are, people may have said; what comes next of it stands in the line.
        let said = self.repo.filter(|_| self.step.kind == StepKind::AssessVersions);
        json!([rule, tag, of_line, said.map(|repo| self.tag_answers(&repo.name))])
    }

    /// How the versions of all lines are read.
    fn version_rules(&self) -> Value {
        let rule =
            self.repo.and_then(|repo| self.plan.inputs.common_version(repo)).map(|version| &version.rule);
        match self.repo.map(|repo| &repo.line_rules).filter(|lines| !lines.is_empty()) {
            None => written(&rule),
            Some(lines) => json!([rule, lines]),
        }
    }

    /// What the release file says of the tags of a repository.
    fn tag_answers(&self, repo: &RepoName) -> Vec<&'a TagAnswer> {
        self.plan.inputs.release.tag_answers(repo).map(|(_, answer)| answer).collect()
    }

    /// What proves a tree. What a catalog of before says is the same value as before.
    fn tests(&self) -> Value {
        match self.repo.and_then(|repo| repo.matrix.as_ref()) {
            Some(matrix) => json!([self.repo.map(|repo| &repo.tests), matrix]),
            None => written(&self.repo.map(|repo| &repo.tests)),
        }
    }

    /// What the line and its packages state after the release.
    fn after(&self) -> Value {
        let packages = |release: &'a super::LineRelease| release.packages_after().collect::<Vec<_>>();
        json!(self.released().map(|release| (&release.after, packages(release))))
    }

    /// Everything that stands in a mail, and who gets it.
    fn mail(&self) -> Value {
        let inputs = &self.plan.inputs;
        let usual = if self.step.kind == StepKind::AdvanceMail { "advance" } else { "release" };
        let name = self.step.asks.as_deref().unwrap_or(usual);
        let mail = &inputs.catalog.mail;
        let own = mail.own_template(name).map(|file| inputs.templates.get(file));
        let envelope = json!([mail.from, mail.recipients_of(name), own, inputs.workflow.mail.of(name)]);
        let lines: Vec<_> = self.plan.targets.iter().filter_map(|target| self.told_of(target)).collect();
        let highest = inputs.release.advisories.iter().filter_map(Advisory::rating).max();
        let said = self.step.kind == StepKind::ReleaseMail;
        let advisories = said.then(|| {
            let all = inputs.release.advisories.iter();
            all.map(|one| (&one.id, &one.summary, one.rating())).collect::<Vec<_>>()
        });
        let hour = (!said).then_some(inputs.release.disclosure);
        json!([envelope, hour, lines, highest, advisories])
    }

    /// What mails tell of a line.
    fn told_of(&self, target: &'a Target) -> Option<Value> {
        let release = target.release.as_ref()?;
        let project = self.plan.inputs.catalog.repo(&target.repo).map(|repo| &repo.project);
        Some(match self.step.kind {
            StepKind::AdvanceMail => json!([project, self.plan.line_of(&target.repo, &release.from)]),
            _ => json!([project, release.to, target.advisories]),
        })
    }
}

/// A value as it would be written; what cannot be written is nothing, and there is none of these.
fn written<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
