//! Colours that mean one thing each: red failed, yellow asks people, cyan runs, magenta waits, green is done; what has not
//! begun is dim.

use owo_colors::{OwoColorize as _, Style};

use crate::report::Progress;

/// Whether there are colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    is_coloured: bool,
}

impl Paint {
    /// With colours or without.
    pub(super) fn new(is_coloured: bool) -> Paint {
        Paint { is_coloured }
    }

    /// Text in the colour of what it says.
    pub(super) fn of(self, progress: Progress, text: &str) -> String {
        let style = Style::new();
        let style = match progress {
            Progress::Failed => style.red().bold(),
            Progress::Asks => style.yellow().bold(),
            Progress::Waiting => style.magenta(),
            Progress::Begun => style.cyan(),
            Progress::Done => style.green(),
            Progress::Open => style.dimmed(),
            Progress::None => return text.to_owned(),
        };
        if self.is_coloured { text.style(style).to_string() } else { text.to_owned() }
    }

    /// A heading.
    pub(super) fn heading(self, text: &str) -> String {
        if self.is_coloured { text.bold().to_string() } else { text.to_owned() }
    }
}
