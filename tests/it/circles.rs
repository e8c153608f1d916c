//! No circle among the files of a room: what two files share stands in a file below both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::tidy::{File, HOUSE, expression};

/// `crate::github::client` as its names, without `crate`.
type ModulePath = Vec<String>;

/// The modules of a set of files, and the names that they hand on.
struct Modules<'a> {
    files: BTreeMap<ModulePath, &'a File>,
    exports: BTreeMap<ModulePath, ModulePath>,
}

impl<'a> Modules<'a> {
    fn of(files: &'a [File]) -> Modules<'a> {
        let files = files.iter().map(|file| (module(&file.path), file)).collect();
        let mut modules = Modules { files, exports: BTreeMap::new() };
        for (module, file) in &modules.files {
            for import in imports(file).filter(|import| import.is_public) {
                if let Some(path) = modules.absolute(module, &import.path) {
                    let exported = [module.as_slice(), &[import.name]].concat();
                    modules.exports.insert(exported, path);
                }
            }
        }
        modules
    }

    /// A path as `module` writes it, from the root of the crate; `None` for another crate's.
    fn absolute(&self, module: &ModulePath, path: &str) -> Option<ModulePath> {
        let mut names = path.split("::").map(str::to_owned).peekable();
        let mut base = match names.peek()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => module.clone(),
            child if self.files.contains_key(&[module.as_slice(), &[child.to_owned()]].concat()) => {
                return Some(module.iter().cloned().chain(names).collect());
            }
            _ => return None,
        };
        for name in names {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                _ => base.push(name),
            }
        }
        Some(base)
    }

    /// The module in whose file the thing at `path` stands, through any number of exports.
    fn home(&self, path: &[String]) -> Option<ModulePath> {
        let deepest = (0..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let exported = path.get(..=deepest).and_then(|item| self.exports.get(item));
        match exported {
            Some(path) => self.home(path),
            None => Some(path[..deepest].to_vec()),
        }
    }

    /// The modules whose code `module` names.
    fn used_by(&self, module: &ModulePath) -> BTreeSet<ModulePath> {
        let file = self.files[module];
        let imported: BTreeMap<String, ModulePath> = imports(file)
            .filter_map(|import| Some((import.name, self.absolute(module, &import.path)?)))
            .collect();
        let mut paths: Vec<ModulePath> = imported.values().cloned().collect();
        // Who may see a thing is not what it is made of.
        let code = expression(r"\bpub\(in [\w:]+\)").replace_all(&file.code, "pub");
        for found in expression(r"\b(\w+)((?:::\w+)+)").captures_iter(&code) {
            let rest = found[2].split("::").skip(1).map(str::to_owned);
            match imported.get(&found[1]) {
                // What is named through an imported module stands where the module says.
                Some(base) => paths.push(base.iter().cloned().chain(rest).collect()),
                None => paths.extend(self.absolute(module, &found[0])),
            }
        }
        paths.iter().filter_map(|path| self.home(path)).filter(|home| home != module).collect()
    }

    /// The circles among these modules, each in order. Tables of contents name what stands below them, and are no part
    /// of any.
    fn circles(&self) -> Vec<Vec<String>> {
        let is_code = |module: &ModulePath| self.files[module].name() != "mod.rs";
        let names: BTreeMap<&ModulePath, String> =
            self.files.iter().map(|(module, file)| (module, file.path.display().to_string())).collect();
        let mut graph = DiGraphMap::<&str, ()>::new();
        for module in self.files.keys().filter(|module| is_code(module)) {
            for used in self.used_by(module).iter().filter(|used| is_code(used)) {
                graph.add_edge(&names[module], &names[used], ());
            }
        }
        let circles = tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1);
        circles
            .map(|circle| {
                circle.into_iter().map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
            })
            .collect()
    }
}

fn module(path: &Path) -> ModulePath {
    let names = path.with_extension("");
    let names = names.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).collect()
}

/// One name that a `use` brings into a file.
struct Import {
    is_public: bool,
    path: String,
    name: String,
}

fn imports(file: &File) -> impl Iterator<Item = Import> {
    let uses = expression(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);");
    let found: Vec<Import> = uses
        .captures_iter(&file.code)
        .flat_map(|found| {
            let is_public = found.get(1).is_some();
            branches(&found[2].split_whitespace().collect::<Vec<_>>().join(" "))
                .into_iter()
                .map(move |branch| import(is_public, &branch))
        })
        .collect();
    found.into_iter()
}

fn import(is_public: bool, branch: &str) -> Import {
    let (path, alias) = branch.split_once(" as ").map_or((branch, None), |(path, alias)| (path, Some(alias)));
    let path = path.strip_suffix("::self").unwrap_or(path).to_owned();
    let last = path.rsplit("::").next().unwrap_or_default();
    let name = alias.unwrap_or(last).to_owned();
    Import { is_public, path, name }
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn branches(tree: &str) -> Vec<String> {
    let Some((stem, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inside = rest.trim_end().strip_suffix('}').unwrap();
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(branches).map(|branch| format!("{}{branch}", stem.trim())).collect()
}

/// The rooms with circles, each with what stands in them.
fn circular_rooms(files: &[File]) -> BTreeMap<String, Vec<Vec<String>>> {
    let modules = Modules::of(files);
    let mut rooms: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for circle in modules.circles() {
        let room = |path: &String| path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let first = room(&circle[0]);
        // Circles of rooms are held by the table of rooms.
        if circle.iter().all(|path| room(path) == first) {
            rooms.entry(first).or_default().push(circle);
        }
    }
    rooms
}

#[test]
fn no_circle_among_the_files_of_a_room() {
    let found = circular_rooms(&HOUSE);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn circle_is_seen_through_exports_and_inline_paths() {
    let files = |texts: &[(&str, &str)]| -> Vec<File> {
        texts.iter().map(|(path, text)| File::new(*path, text)).collect()
    };
    let circular = files(&[
        ("a/mod.rs", "mod one;\nmod two;\npub use one::One;\n"),
        ("a/one.rs", "pub struct One;\nfn f() { super::two::g() }\n"),
        ("a/two.rs", "use crate::a::{One};\npub fn g() {}\n"),
    ]);
    assert_eq!(circular_rooms(&circular)["a"], [["a/one.rs", "a/two.rs"]]);
    let straight = files(&[
        ("a/mod.rs", "mod one;\nmod two;\npub use one::One;\n"),
        ("a/one.rs", "pub struct One;\npub(in crate::a::two) fn f() {}\n"),
        ("a/two.rs", "use super::{One as First, one};\nfn g() { one::f() }\n"),
    ]);
    assert!(circular_rooms(&straight).is_empty());
    assert_eq!(branches("a::{b, c::{d, self}}"), ["a::b", "a::c::d", "a::c::self"]);
}
