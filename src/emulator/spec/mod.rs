//! What an emulated world is made from: plain data, also read from `world.toml`.
//!
//! Unknown keys are errors. Times are RFC 3339 strings, durations are strings such as `"90s"`, `"5m"` or `"PT5M"`.

mod ci;
mod fault;
mod limits;
mod private;
mod protection;
mod repository;
mod ruleset;
mod world;

pub use ci::{
    AssetSpec, CheckSpec, CheckStart, Pipeline, PipelineStage, PublishSpec, RegistryKind, ReleaseLineSpec,
    ReleaseSpec, ScriptedOutcome, ScriptedRelease, ScriptedTrigger, VersionSpec,
};
pub use fault::{FaultAnswer, FaultEffect, FaultSpec, FaultyWire};
pub use private::{
    AdvisorySpec, CveSpec, ForkAtPublication, ForkRules, OpenForkPulls, PrivateForkSpec, StoredAdvisoryState,
};
pub use protection::{MergeStyle, ProtectionSpec, RuleKind, ScriptedReviewer};
pub use repository::{
    InitialPullState, PastRelease, PullSpec, RepoSpec, Role, SourceSpec, StoredVisibility, Take,
};
pub use ruleset::{PatternSpec, RulesetSpec, RulesetTarget};
pub use world::{InstallationSpec, PackageSpec, UserSpec, WorldSpec};
