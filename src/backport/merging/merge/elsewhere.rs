//! Where a directory went.

/// Where the files of a directory went that the branch has no more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elsewhere {
    /// One of them says that the directory moved.
    pub(super) moved: bool,
    /// It cannot be told where the directory went.
    pub(super) unclear: bool,
}
