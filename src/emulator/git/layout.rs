//! Laying out a bare repository whose objects are borrowed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::emulator::pattern::expression;
use crate::emulator::spec::{PatternSpec, ProtectionSpec, RulesetSpec};
use crate::ids::Login;

/// The part of the server that refuses pushes to protected branches. It reads the rules beside it, so that it
/// needs nothing of this program; `REMOTE_USER` comes from the HTTP front. What is said against the commits themselves the front
/// finds out: it pushes once to have them listed (`LOCKGATE_LISTS`), which is refused, and then with what is refused
/// (`LOCKGATE_REFUSED`). New branches may be made, as the classic protection allows.
const HOOK: &str = r#"#!/bin/sh
dir="${GIT_DIR:-.}"
status=0
concerns() { printf '%s\n' "$1" | grep -Eq -e "$2"; }
commits() { case "$new" in *[!0]*) git rev-list "$new" --not --all ;; esac; }
said() {
  [ -n "$told" ] || { echo "error: GH013: Repository rule violations found for $ref." >&2; echo >&2; }
  told=1
  status=1
  printf -- '- %s\n\n' "$1" >&2
}
listed() {
  for commit in $(commits); do
    printf '%s\0' "$ref"
    git log -1 -z --format='%ae%x00%ce%x00%B' "$commit"
  done
}
[ -z "${LOCKGATE_LISTS:-}" ] || { while read -r old new ref; do listed; done >"$LOCKGATE_LISTS"; exit 1; }
[ -f "$dir/rulesets" ] || exit 0
while read -r old new ref; do
  told=
  case "$old" in *[!0]*) made= ;; *) made=1 ;; esac
  while IFS='	' read -r kind refs except argument allowed; do
    concerns "$ref" "$refs" || continue
    [ "$except" = - ] || { concerns "$ref" "$except" && continue; }
    case " $allowed " in *" ${REMOTE_USER:-} "*) continue ;; esac
    case "$kind" in
      creation) [ -z "$made" ] || said "Cannot create ref due to creations being restricted." ;;
      name)
        [ -z "$made" ] || concerns "${ref#refs/*/}" "$argument" ||
          said "Ref name must match a given regex pattern: $argument"
        ;;
      not-name)
        [ -n "$made" ] && concerns "${ref#refs/*/}" "$argument" &&
          said "Ref name must not match a given regex pattern: $argument"
        ;;
      path)
        for commit in $(commits); do
          path="$(git diff-tree --no-commit-id --name-only -r -m --root "$commit" | grep -E -m1 -e "$argument")" &&
            said "Push cannot contain changes to restricted file paths: $path"
        done
        ;;
    esac
  done <"$dir/rulesets"
  while IFS='	' read -r refused because; do
    [ "$refused" != "$ref" ] || said "$because"
  done <"${LOCKGATE_REFUSED:-/dev/null}"
  case "$ref" in refs/heads/*) ;; *) continue ;; esac
  [ -z "$made" ] || continue
  branch="${ref#refs/heads/}"
  while IFS='	' read -r pattern checks allowed; do
    concerns "$branch" "$pattern" || continue
    case " $allowed " in *" ${REMOTE_USER:-} "*) continue ;; esac
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    [ "$checks" = 0 ] || echo "error: $checks of $checks required status checks are expected." >&2
    status=1
    break
  done <"$dir/protected"
done
exit $status
"#;

/// What is not shown to who pushes, and cannot be pushed to.
pub(crate) const HIDDEN_FROM_PUSHES: &str = "refs/pull";

/// The server's configuration. Pull request heads are shown and cannot be pushed; the thousands of references
/// of a borrowed mirror are not announced as known objects on every push, and listing them for that, twice a push, is left out:
/// a repository has what it needs of them as its own.
fn configuration(promised: bool) -> String {
    let mut text = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\talternateRefsCommand = true\n\
         [gc]\n\tauto = 0\n[receive]\n\tautogc = false\n\thideRefs = {HIDDEN_FROM_PUSHES}\n\tadvertisePushOptions = true\n\
         [uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n",
    );
    if promised {
        // Borrowed from a partial clone: what is missing there is promised, not corrupt.
        text.push_str("[remote \"borrowed\"]\n\tpromisor = true\n\turl = /nonexistent\n");
    }
    text
}

/// Makes a bare repository at `path` that borrows the objects of others. It is made beside and renamed, so
/// that after a crash it is there completely or not at all.
pub(crate) fn make_repository(
    path: &Path,
    default_branch: &str,
    references: &BTreeMap<String, git2::Oid>,
    lenders: &[PathBuf],
) -> std::io::Result<()> {
    let making = path.with_extension("making");
    if making.exists() {
        fs::remove_dir_all(&making)?;
    }
    // What else git needs it makes itself when it comes to that: a large world has hundreds of repositories.
    for part in ["objects/info", "objects/pack", "refs/heads", "hooks"] {
        fs::create_dir_all(making.join(part))?;
    }
    let lenders: Vec<PathBuf> =
        lenders.iter().map(|lender| object_directory(lender)).collect::<Result<_, _>>()?;
    fs::write(making.join("HEAD"), format!("ref: refs/heads/{default_branch}\n"))?;
    fs::write(making.join("config"), configuration(lenders.iter().any(|lender| is_partial(lender))))?;
    fs::write(making.join("packed-refs"), reference_lines(references))?;
    if !lenders.is_empty() {
        let lines: String = lenders.iter().map(|lender| format!("{}\n", lender.display())).collect();
        fs::write(making.join("objects/info/alternates"), lines)?;
    }
    let hook = making.join("hooks/pre-receive");
    fs::write(&hook, HOOK)?;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;
    fs::rename(&making, path)
}

/// Writes the rules that the hook reads: of protected branches the pattern, the number of required checks and who may push all
/// the same; of rulesets what they say of which references.
pub(crate) fn protect(
    path: &Path,
    rules: &[ProtectionSpec],
    rulesets: &[RulesetSpec],
) -> std::io::Result<()> {
    let mut text = String::new();
    for rule in rules {
        let allowed = names(&rule.may_push);
        for glob in &rule.branches {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}\t{}\t{allowed}", expression(glob), rule.required_checks.len());
        }
    }
    let rulesets: String = rulesets.iter().map(lines).collect();
    if text.is_empty() && rulesets.is_empty() && !path.join("rulesets").exists() {
        return Ok(());
    }
    fs::write(path.join("protected"), text)?;
    fs::write(path.join("rulesets"), rulesets)
}

fn names(logins: &[Login]) -> String {
    logins.iter().map(Login::as_str).collect::<Vec<_>>().join(" ")
}

/// The lines of one ruleset: kind, references, exceptions, argument, who may bypass it.
fn lines(ruleset: &RulesetSpec) -> String {
    let any = |globs: &[String]| match globs {
        [] => "-".to_owned(),
        globs => globs.iter().map(|glob| expression(glob)).collect::<Vec<_>>().join("|"),
    };
    let (refs, except) = (any(&ruleset.references()), any(&ruleset.exceptions()));
    let name = ruleset.name_pattern.as_ref();
    let kind = if name.is_some_and(PatternSpec::is_negated) { "not-name" } else { "name" };
    let said = [
        ("creation", ruleset.restrict_creation.then(|| "-".to_owned())),
        (kind, name.map(|pattern| pattern.expression().to_owned())),
        ("path", (!ruleset.restricted_paths.is_empty()).then(|| any(&ruleset.restricted_paths))),
    ];
    let said = said.into_iter().filter_map(|(kind, argument)| Some((kind, argument?)));
    said.map(|(kind, argument)| format!("{kind}\t{refs}\t{except}\t{argument}\t{}\n", names(&ruleset.bypass)))
        .collect()
}

/// The lines of `packed-refs`, sorted by name as git wants them.
pub(crate) fn reference_lines(references: &BTreeMap<String, git2::Oid>) -> String {
    references.iter().map(|(name, id)| format!("{id} {name}\n")).collect()
}

/// The object directory of a bare repository or of a work tree.
fn object_directory(repository: &Path) -> std::io::Result<PathBuf> {
    let inside = repository.join(".git/objects");
    let objects = if inside.is_dir() { inside } else { repository.join("objects") };
    fs::canonicalize(objects)
}

/// Whether the objects come from a partial clone, directly or through its own alternates.
fn is_partial(objects: &Path) -> bool {
    let lent = fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
    objects.join("info/promised").is_file() || lent.lines().any(|line| is_partial(Path::new(line)))
}
