//! `POST /graphql`: a declared part of GitHub's second interface, as far as the merge queue and `gh` need it.
//!
//! `schema.rs` declares the types and their fields; a query that asks for another is refused as GitHub refuses it.

mod document;
mod editing;
mod error;
mod facts;
mod mutation;
mod project;
mod pull;
mod query;
mod repository;
mod schema;
mod search;
mod subject;

pub(super) use query::answer;
