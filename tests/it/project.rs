//! A small project with a history of its own, made for one story: a repository, a fix and the two files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{lockgate, requests};

/// The repository's name in the catalog.
pub(crate) const PUMP: &str = "acme/pump";
/// The advisory that is released.
pub(crate) const GHSA: &str = "GHSA-2c4f-6g7h-8j9m";
/// The file with the fault.
pub(crate) const SOURCE: &str = "src/limit.txt";
/// What it says before the fix.
pub(crate) const FAULTY: &str = "limit = none\ncheck = off\nsize = 10\nend\n";
/// What it says with the fix.
pub(crate) const FIXED: &str = "limit = 64\ncheck = on\nsize = 10\nend\n";

/// A version that is all of a file.
pub(crate) const IN_A_FILE: &str = "kind = \"regex\"\nfile = \"VERSION\"\npattern = '^(?<version>\\S+)$'";
/// The package of a Python project.
pub(crate) const PIP: &str = "package = { ecosystem = \"pip\", name = \"pump\" }";

/// A project in a folder of its own, which goes away with it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    /// What stands in `[[repo]]` beside its name.
    pub(crate) repo: String,
    /// `[repo.version]`.
    pub(crate) version: String,
    /// More of the release file, before its advisory.
    pub(crate) release: String,
    /// Where the fix comes from.
    pub(crate) fix: String,
    /// `[repo.release]`.
    pub(crate) released: String,
    /// What its suite runs.
    pub(crate) suite: String,
    /// The advisory's summary, what it says of its severity, and its CVE.
    pub(crate) summary: String,
    pub(crate) severity: String,
    pub(crate) cve: String,
}

impl Project {
    /// A repository with a first commit on `main`, and a catalog that says this of it.
    pub(crate) fn new(repo: &str, version: &str) -> Project {
        let project = Project {
            folder: tempfile::tempdir().unwrap(),
            repo: repo.to_owned(),
            version: version.to_owned(),
            release: String::new(),
            fix: "patches = [\"fixes/0001.patch\"]".to_owned(),
            released: "trigger = \"push-tag\"\ntag = \"v{version}\"".to_owned(),
            suite: "[\"true\"]".to_owned(),
            summary: "Long input exhausts memory".to_owned(),
            severity: "severity = \"high\"".to_owned(),
            cve: "\"none\"".to_owned(),
        };
        fs::create_dir_all(project.work().join("src")).unwrap();
        fs::create_dir_all(project.files().join("fixes")).unwrap();
        project.git(&["init", "-q", "-b", "main"]);
        project.commit(&[(SOURCE, FAULTY)], "start");
        project
    }

    /// The folder in which commands are typed.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn work(&self) -> PathBuf {
        self.path().join("pump")
    }

    fn files(&self) -> PathBuf {
        self.path().join("release")
    }

    /// What git says in the repository.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.work(), arguments)
    }

    /// What git says there at this time: what it makes is of then.
    pub(crate) fn dated(&self, time: &str, arguments: &[&str]) -> String {
        let made = Command::new("git")
            .args(arguments)
            .current_dir(self.work())
            .envs([("GIT_AUTHOR_DATE", time), ("GIT_COMMITTER_DATE", time)])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stdout).unwrap()
    }

    /// Writes files and commits them on the branch that is checked out; gives the commit.
    pub(crate) fn commit(&self, files: &[(&str, &str)], message: &str) -> String {
        for (path, text) in files {
            let path = self.work().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits and tags a release that states its version in `VERSION`.
    pub(crate) fn release(&self, version: &str, tag: &str) -> String {
        let commit = self.commit(&[("VERSION", &format!("{version}\n"))], version);
        self.git(&["tag", "-a", tag, "-m", tag]);
        commit
    }

    /// Checks a branch out, and makes it here if it is new.
    pub(crate) fn on(&self, branch: &str) {
        let known = self.git(&["branch", "--list", branch]);
        let new: &[&str] = if known.is_empty() { &["-b"] } else { &[] };
        self.git(&[&["checkout", "-q"], new, &[branch]].concat());
    }

    /// Writes the files of the release, and the mirror that is planned with. The fix is made on `main`.
    pub(crate) fn write(&self) {
        self.on("main");
        self.git(&["checkout", "-q", "-b", "fixing"]);
        self.commit(&[(SOURCE, FIXED)], "limit: refuse what is too long\n\nIt was never checked.");
        let patch = self.git(&["format-patch", "-1", "--stdout"]);
        fs::write(self.files().join("fixes/0001.patch"), patch + "\n").unwrap();
        self.on("main");
        self.git(&["branch", "-q", "-D", "fixing"]);
        let _ = fs::remove_dir_all(self.path().join("pump.git"));
        git(self.path(), &["clone", "-q", "--mirror", "pump", "pump.git"]);
        fs::write(self.files().join("catalog.toml"), self.catalog()).unwrap();
        fs::write(self.files().join("release.toml"), self.release_file()).unwrap();
    }

    fn catalog(&self) -> String {
        format!(
            "organisation = \"Acme\"\nmaintainers = [\"ada\", \"grace\"]\n\n[mail]\n\
             from = \"Acme security <security@acme.example>\"\nannounce = [\"announce@acme.example\"]\n\n\
             [[repo]]\nname = \"{PUMP}\"\nproject = \"Pump\"\n{}\n\n[repo.version]\n{}\n\n[repo.release]\n{}\n\n\
             [[repo.test]]\nname = \"unit\"\nrun = {}\ntimeout = \"1m\"\n",
            self.repo, self.version, self.released, self.suite
        )
    }

    fn release_file(&self) -> String {
        format!(
            "id = \"2027-01-12\"\ntitle = \"Long input in Pump\"\nmanager = \"ada\"\nworkflow = \"github\"\n\
             disclosure = \"2027-01-12T16:00:00Z\"\n{}\n\n[[advisory]]\nid = \"{GHSA}\"\nrepo = \"{PUMP}\"\n\
             summary = \"{}\"\ndescription = \"It does.\"\n{}\ncve = {}\n\n\
             [[advisory.fix]]\nrepo = \"{PUMP}\"\n{}\n",
            self.release, self.summary, self.severity, self.cve, self.fix
        )
    }

    /// Puts a file beside the release file.
    pub(crate) fn attach(&self, path: &str, text: &str) {
        let path = self.files().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The requests that the kept rehearsal answered: method, path, status.
    pub(crate) fn requests(&self) -> Vec<(String, String, u64)> {
        requests(&self.path().join("out"))
    }

    /// What the tool answers in the project's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        lockgate().args(arguments).current_dir(self.path()).output().unwrap()
    }

    /// Its plan, against the mirror.
    pub(crate) fn plan(&self) -> Output {
        self.write();
        self.run(&["plan", "release", "--long", "--mirror", &format!("{PUMP}=pump.git")])
    }

    /// The whole rehearsal, kept in `out`.
    pub(crate) fn rehearse(&self) -> Output {
        self.write();
        self.run(&["rehearse", "release", "--mirror", &format!("{PUMP}=pump.git"), "--keep", "out"])
    }

    /// What git says in the world that the rehearsal left.
    pub(crate) fn world(&self, arguments: &[&str]) -> String {
        git(&self.path().join(format!("out/git/{PUMP}.git")), arguments)
    }

    /// Every mail of the rehearsal.
    pub(crate) fn mails(&self) -> String {
        let mails = fs::read_dir(self.path().join("out/mail")).unwrap();
        mails.map(|mail| fs::read_to_string(mail.unwrap().path()).unwrap()).collect()
    }

    /// The published entry.
    pub(crate) fn entry(&self) -> String {
        fs::read_to_string(self.path().join(format!("out/entries/{GHSA}.json"))).unwrap()
    }

    /// The ranges of the published entry: what happened, in the order of versions.
    pub(crate) fn events(&self) -> Vec<String> {
        let entry: Value = serde_json::from_str(&self.entry()).unwrap();
        let of_packages =
            entry["affected"].as_array().unwrap().iter().filter(|one| !one["package"].is_null());
        let ranges = of_packages.flat_map(|one| one["ranges"].as_array().unwrap());
        let events = ranges.flat_map(|range| range["events"].as_array().unwrap());
        let told = |event: &Value| {
            let (what, version) = event.as_object().unwrap().iter().next().unwrap();
            format!("{what} {}", version.as_str().unwrap())
        };
        events.map(told).collect()
    }
}

/// What git says in a folder, without the settings of whoever runs the tests.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for (who, name) in [("AUTHOR", "Ada"), ("COMMITTER", "Ada")] {
        command.env(format!("GIT_{who}_NAME"), name).env(format!("GIT_{who}_EMAIL"), "ada@acme.example");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T10:00:00Z");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
