//! What an emulated world is made from: plain data, also read from `world.toml`.
//!
//! Unknown keys are errors. Hours are RFC 3339 strings, times are strings such as `"90s"`, `"5m"` or `"PT5M"`.

mod ci;
mod private;
mod repository;
mod world;

pub use ci::{
    AssetSpec, CheckOutcome, CheckSpec, Ecosystem, Pipeline, PublishSpec, PublishedRelease, ReleaseSpec,
    Stage, Trigger, VersionSpec,
};
pub use private::{
    AdvisorySpec, AdvisoryState, CveSpec, ForkAtPublication, ForkRules, OpenForkPulls, PrivateForkSpec,
};
pub use repository::{
    MergeMethod, PastRelease, Permission, ProtectionSpec, PullSpec, PullStands, RepoSpec, SourceSpec, Take,
    Visibility,
};
pub use world::{FaultEffect, FaultSpec, PackageSpec, UserSpec, WorldSpec};
