//! The runner that a job asks for: `runs-on` in all of its forms, and what GitHub's labels stand for.

use super::expression::Value;

/// What `runs-on` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runner {
    /// The labels; one that is not known shows its expression.
    pub labels: Vec<String>,
    /// The group.
    pub group: Option<String>,
    /// Whether some of it is not known.
    pub unknown: bool,
}

/// The kind of machine behind the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunnerClass {
    /// One of GitHub's own.
    Hosted(OperatingSystem, Architecture),
    /// One that the project has: its labels.
    Own,
    /// Not known.
    Unknown,
    /// None: the job runs nowhere itself.
    None,
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatingSystem {
    /// Linux.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// A processor architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// 64-bit x86.
    X64,
    /// 64-bit Arm.
    Arm64,
}

impl Runner {
    /// Of an evaluated `runs-on`: one label, a list, or a mapping with `group` and `labels`.
    pub fn of(runs_on: &Value) -> Runner {
        let unknown = runs_on.hangs_on().is_some();
        match runs_on {
            Value::Object(_) => {
                let group = runs_on.get("group");
                let labels = Runner::of(&runs_on.get("labels")).labels;
                Runner { labels, group: (!group.is_null()).then(|| group.to_text()), unknown }
            }
            Value::Array(array) => {
                Runner { labels: array.items.iter().map(Value::to_text).collect(), group: None, unknown }
            }
            Value::Null => Runner::default(),
            single => Runner { labels: vec![single.to_text()], group: None, unknown },
        }
    }

    /// The kind of machine.
    pub fn class(&self) -> RunnerClass {
        match (self.labels.as_slice(), &self.group) {
            _ if self.unknown => RunnerClass::Unknown,
            ([], None) => RunnerClass::None,
            ([label], None) => hosted(&label.to_lowercase())
                .map_or(RunnerClass::Own, |(os, arch)| RunnerClass::Hosted(os, arch)),
            _ => RunnerClass::Own,
        }
    }

    /// `runner.environment`: whose machine it would be.
    pub fn environment(&self) -> &'static str {
        if matches!(self.class(), RunnerClass::Hosted(..)) { "github-hosted" } else { "self-hosted" }
    }

    /// The labels in words.
    pub fn words(&self) -> String {
        let group = self.group.iter().map(|group| format!("group {group}"));
        group.chain(self.labels.iter().cloned()).collect::<Vec<_>>().join(", ")
    }
}

impl RunnerClass {
    /// As in the output.
    pub fn word(&self) -> &'static str {
        match self {
            RunnerClass::Hosted(OperatingSystem::Linux, Architecture::X64) => "linux-x64",
            RunnerClass::Hosted(OperatingSystem::Linux, Architecture::Arm64) => "linux-arm64",
            RunnerClass::Hosted(OperatingSystem::MacOs, _) => "macos",
            RunnerClass::Hosted(OperatingSystem::Windows, _) => "windows",
            RunnerClass::Own => "self-hosted/other",
            RunnerClass::Unknown => "unknown",
            RunnerClass::None => "none",
        }
    }
}

/// GitHub's own labels, after its list of hosted runners: `ubuntu-24.04`, `ubuntu-24.04-arm`, `macos-15-intel`,
/// `windows-11-arm`, … A label of more parts is a larger runner that an organisation has named.
fn hosted(label: &str) -> Option<(OperatingSystem, Architecture)> {
    let (system, rest) = label.split_once('-')?;
    let (version, variant) = rest.split_once('-').unwrap_or((rest, ""));
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    let is_known = is_version && version.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
        || version == "latest"
        || (system == "ubuntu" && version == "slim");
    if !is_known {
        return None;
    }
    let major = || version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    Some(match (system, variant) {
        ("ubuntu", "") => (OperatingSystem::Linux, Architecture::X64),
        ("ubuntu", "arm") => (OperatingSystem::Linux, Architecture::Arm64),
        ("windows", "") => (OperatingSystem::Windows, Architecture::X64),
        ("windows", "arm" | "vs2026") => {
            let arch = if variant == "arm" { Architecture::Arm64 } else { Architecture::X64 };
            (OperatingSystem::Windows, arch)
        }
        ("macos", "intel" | "large") => (OperatingSystem::MacOs, Architecture::X64),
        ("macos", "xlarge") => (OperatingSystem::MacOs, Architecture::Arm64),
        // From macOS 14 on the plain label is an Arm machine.
        ("macos", "") if major().is_some_and(|major| major < 14) => {
            (OperatingSystem::MacOs, Architecture::X64)
        }
        ("macos", "") => (OperatingSystem::MacOs, Architecture::Arm64),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(label: &str) -> &'static str {
        Runner::of(&Value::text(label)).class().word()
    }

    #[test]
    fn githubs_labels_stand_for_machines() {
        let said = [
            "ubuntu-latest",
            "ubuntu-24.04-arm",
            "macos-13",
            "macos-15-intel",
            "windows-2025",
            "windows-11-arm",
        ]
        .map(class);
        assert_eq!(said, ["linux-x64", "linux-arm64", "macos", "macos", "windows", "windows"]);
        assert_eq!(class("ubuntu-latest-16-cores"), "self-hosted/other");
        assert_eq!(class("self-hosted"), "self-hosted/other");
    }

    #[test]
    fn runs_on_is_a_label_a_list_or_a_mapping() {
        let list = Value::list(["self-hosted", "linux"].map(Value::text).to_vec());
        assert_eq!(Runner::of(&list).labels, ["self-hosted", "linux"]);
        let mapping =
            Value::mapping([("group", Value::text("big")), ("labels", Value::text("ubuntu-latest"))]);
        let runner = Runner::of(&mapping);
        assert_eq!((runner.group.as_deref(), runner.class()), (Some("big"), RunnerClass::Own));
        assert_eq!(runner.words(), "group big, ubuntu-latest");
    }
}
