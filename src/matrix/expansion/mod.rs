//! From `strategy.matrix` to configurations with names, by GitHub's published algorithm (`MatrixBuilder.cs`,
//! `JobNameBuilder.cs` of actions/runner, MIT).

mod filter;
mod matrix;
mod naming;

#[cfg(test)]
mod tests;

pub use matrix::{Configuration, MatrixAnswer, expand};
pub use naming::job_name;
