//! GitHub over HTTP on bare mirrors, for rehearsals. This file is the table of contents.

pub mod history;
