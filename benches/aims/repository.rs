//! Repositories made for measuring, by one `git fast-import` each.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::shape::Shape;
use crate::table::Failure;

/// A git command in a repository, with nobody's settings.
pub(crate) fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0");
    for (role, name) in [("AUTHOR", "Mara"), ("COMMITTER", "Mara")] {
        command
            .env(format!("GIT_{role}_NAME"), name)
            .env(format!("GIT_{role}_EMAIL"), "mara@brightwater.example");
    }
    command
}

/// Runs it and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed: {}", said.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Makes a repository with this workflow and a commit.
pub(crate) fn make_project(path: &Path, workflow: &str) -> Result<(), Failure> {
    let workflows = path.join(".github/workflows");
    std::fs::create_dir_all(&workflows)?;
    std::fs::write(workflows.join("ci.yml"), workflow)?;
    for arguments in
        [["init", "-q", "-b", "main"].as_slice(), &["add", "."], &["commit", "-q", "-m", "start"]]
    {
        output(git(path).args(arguments))?;
    }
    Ok(())
}

/// Makes a bare repository from a stream of `git fast-import`.
pub(crate) fn import(path: &Path, stream: &Stream) -> Result<(), Failure> {
    std::fs::create_dir_all(path)?;
    output(git(path).args(["init", "-q", "--bare", "-b", "main", "."]))?;
    let mut child = git(path).args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().ok_or("git fast-import takes no input")?;
    input.write_all(stream.0.as_bytes())?;
    drop(input);
    if child.wait()?.success() { Ok(()) } else { Err("git fast-import failed".into()) }
}

/// What `git fast-import` is told. Marks are given by the caller.
#[derive(Default)]
pub(crate) struct Stream(String);

impl Stream {
    /// Begins a commit; files follow.
    pub(crate) fn commit(&mut self, branch: &str, mark: usize, from: Option<usize>, message: &str) {
        let second = 1_770_000_000 + mark;
        let _ = write!(
            self.0,
            "commit refs/heads/{branch}\nmark :{mark}\ncommitter Mara <mara@brightwater.example> {second} +0000\n\
             data {}\n{message}\n",
            message.len()
        );
        if let Some(from) = from {
            let _ = writeln!(self.0, "from :{from}");
        }
    }

    /// A file of the commit.
    pub(crate) fn file(&mut self, path: &str, text: &str) {
        let _ = write!(self.0, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
    }

    /// A tag on a commit.
    pub(crate) fn tag(&mut self, name: &str, mark: usize) {
        let _ = write!(self.0, "reset refs/tags/{name}\nfrom :{mark}\n\n");
    }
}

/// A file of sixty lines, with some of them replaced.
pub(crate) fn source(number: usize, replaced: &[(usize, &str)]) -> String {
    let mut lines: Vec<String> = (0..60).map(|line| format!("int value_{number}_{line} = {line};")).collect();
    for (line, text) in replaced {
        lines[*line] = (*text).to_owned();
    }
    lines.join("\n") + "\n"
}

/// How many files a fix changes.
const TOUCHED: usize = 3;

/// A small project: a default branch, and lines that went their own way above and below the fixes. What an advisory
/// is about came with the first line that has it. With the fixes, on branches `fix/…`, the private copy; without them,
/// the public one.
pub(crate) fn project(shape: &Shape, with_fixes: bool) -> Stream {
    let mut stream = Stream::default();
    stream.commit("main", 1, None, "start");
    stream.file("VERSION", "0.9.0\n");
    stream.file("RELEASES.md", "# Releases\n\n## 0.9.0\n\nReleased 2025-01-01.\n\n- The first.\n");
    stream.file("upstream.toml", "lock = \"0.9.0\"\n");
    for number in 0..30 {
        stream.file(&format!("src/file-{number:02}.c"), &source(number, &[]));
    }
    for line in 1..=shape.lines {
        begin_line(&mut stream, shape, line);
    }
    let newest = 2 * shape.lines + 2;
    stream.commit("main", newest, Some(2 * shape.lines), "newer");
    stream.file("src/file-00.c", &source(0, &[(2, "int newest = 1;")]));
    if with_fixes {
        for advisory in 0..shape.advisories {
            fix(&mut stream, advisory, newest);
        }
    }
    stream
}

/// The default branch gets what comes with a line, and the line begins there.
fn begin_line(stream: &mut Stream, shape: &Shape, line: usize) {
    let here: Vec<usize> =
        (0..shape.advisories).filter(|advisory| shape.first_line_of(*advisory) <= line).collect();
    let on_main = 2 * line;
    stream.commit("main", on_main, Some(if line == 1 { 1 } else { on_main - 2 }), &format!("Towards {line}"));
    stream.file("src/file-01.c", &source(1, &[(10, &format!("int towards_{line};"))]));
    for advisory in here.iter().filter(|advisory| shape.first_line_of(**advisory) == line) {
        parts(*advisory).for_each(|(path, number)| stream.file(&path, &source(number, &[])));
    }
    stream.commit(&format!("release/{line}.x"), on_main + 1, Some(on_main), &format!("Release {line}.0.0"));
    stream.file("VERSION", &format!("{line}.0.0\n"));
    stream.file("upstream.toml", &format!("lock = \"{line}.0.0\"\n"));
    let month = 1 + line % 12;
    stream.file(
        "RELEASES.md",
        &format!("# Releases\n\n## {line}.0.0\n\nReleased 2025-{month:02}-02.\n\n- A line of its own.\n"),
    );
    let own = format!("int line_{line} = {line};");
    for (path, number) in here.into_iter().flat_map(parts) {
        stream.file(&path, &source(number, &[(5, &own), (50, &own)]));
    }
    stream.tag(&format!("v{line}.0.0"), on_main + 1);
}

fn fix(stream: &mut Stream, advisory: usize, newest: usize) {
    let message = format!("locks: wait until the levels of lock {advisory} are equal");
    stream.commit(&format!("fix/{advisory}"), newest + 1 + advisory, Some(newest), &message);
    for (path, number) in parts(advisory) {
        stream.file(&path, &source(number, &[(30, &format!("int checked_{number} = 1;"))]));
    }
}

/// The files that an advisory is about, and the number of the text in each.
fn parts(advisory: usize) -> impl Iterator<Item = (String, usize)> {
    (0..TOUCHED)
        .map(move |part| (format!("src/lock-{advisory:02}/part-{part}.c"), 1000 + TOUCHED * advisory + part))
}
