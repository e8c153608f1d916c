//! Values and lines of TOML, as people write them.

/// Keys of `[repo.notes]` with their values, as they are written.
pub(super) type NotesKeys = Vec<(&'static str, String)>;

/// A string.
pub(super) fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A string on one line, whatever is in it.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\t', "\\t");
    format!("\"{}\"", text.replace('\n', "\\n"))
}

/// A list of strings on one line.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| string(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// Text of a file that is put together line by line.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn line(&mut self, text: impl AsRef<str>) -> &mut Lines {
        self.0.push_str(text.as_ref().trim_end());
        self.0.push('\n');
        self
    }

    /// A key with its value, under a comment that says how it is known.
    pub(super) fn because(&mut self, comment: &str, key: &str, value: &str) -> &mut Lines {
        self.line(comment).line(format!("{key} = {value}"))
    }

    /// A blank line, unless one is there.
    pub(super) fn gap(&mut self) -> &mut Lines {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
        self
    }

    pub(super) fn finish(self) -> String {
        format!("{}\n", self.0.trim_end())
    }
}
