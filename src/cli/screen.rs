//! The one thing on a terminal that is drawn anew: it stays where it is when it stops, until another takes its place or a
//! result is printed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use super::tame::tamed;

static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows this in the place of what was shown before.
pub(super) fn show(bar: &ProgressBar) {
    if let Some(before) = shown().replace(bar.clone()) {
        before.finish_and_clear();
    }
}

/// Says something above what is shown. `false` where nothing is.
pub(super) fn say_above(text: &str) -> bool {
    let bar = shown().clone();
    bar.is_some_and(|bar| {
        bar.println(tamed(text));
        true
    })
}

/// Leaves what is shown as it is: what is printed from now on comes below.
pub(super) fn leave() {
    if let Some(bar) = shown().take() {
        bar.abandon();
    }
}
