//! Whatever the bytes of a file are, a bump changes the version in it and nothing else: each kind of rule is tried on files
//! with a byte order mark, with CRLF, without a last newline, in Latin-1, in UTF-16, and behind a symbolic link.

use std::collections::BTreeMap;

use rstest::rstest;

use crate::numbering::Scheme;
use crate::version::encoding::Encoding;
use crate::version::{TreeFile, VersionRule, Versioning};

/// A rule, and files of which every `1.2.3` is a version that it raises.
struct Example {
    rule: &'static str,
    files: &'static [(&'static str, &'static str)],
    scheme: Scheme,
}

const fn example(rule: &'static str, files: &'static [(&'static str, &'static str)]) -> Example {
    Example { rule, files, scheme: Scheme::SemVer }
}

const EXAMPLES: [Example; 27] = [
    example(
        "kind = 'npm'",
        &[
            (
                "package.json",
                "{\n  \"name\": \"pump-root\",\n  \"version\": \"1.2.3\",\n  \"workspaces\": [\"core\", \"web\"]\n}\n",
            ),
            ("core/package.json", "{\n  \"name\": \"@müller/core\",\n  \"version\": \"1.2.3\"\n}\n"),
            (
                "web/package.json",
                "{\n  \"name\": \"@müller/web\",\n  \"version\": \"1.2.3\",\n  \"dependencies\": {\n    \"@müller/core\": \"^1.2.3\"\n  }\n}\n",
            ),
            (
                "pnpm-lock.yaml",
                "importers:\n\n  web:\n    dependencies:\n      '@müller/core':\n        specifier: ^1.2.3\n        version: link:../core\n",
            ),
            (
                "yarn.lock",
                "\"@müller/core@npm:^1.2.3, @müller/core@workspace:core\":\n  version: 0.0.0-use.local\n  resolution: \"@müller/core@workspace:core\"\n",
            ),
        ],
    ),
    example(
        "kind = 'pyproject'",
        &[
            ("pyproject.toml", "[project]\nname = \"pump\"\nversion = \"1.2.3\"\n"),
            (
                "uv.lock",
                "version = 1\n\n[[package]]\nname = \"pump\"\nversion = \"1.2.3\"\nsource = { editable = \".\" }\n",
            ),
        ],
    ),
    example(
        "kind = 'maven'",
        &[
            (
                "pom.xml",
                "<project>\n  <artifactId>pump</artifactId>\n  <version>1.2.3</version>\n  <modules><module>core</module></modules>\n</project>\n",
            ),
            (
                "core/pom.xml",
                "<project>\n  <!-- Müller -->\n  <parent>\n    <artifactId>pump</artifactId>\n    <version>1.2.3</version>\n  </parent>\n  <artifactId>pump-core</artifactId>\n</project>\n",
            ),
        ],
    ),
    example(
        "kind = 'gem'",
        &[
            ("pump.gemspec", "Gem::Specification.new do |s|\n  s.version = '1.2.3'\nend\n"),
            (
                "web/pump-web.gemspec",
                "# Müller\nGem::Specification.new do |s|\n  s.add_dependency \"pump\", \"= 1.2.3\"\nend\n",
            ),
        ],
    ),
    example(
        "kind = 'version-file'\nfile = 'debian/upstream-version'",
        &[("debian/upstream-version", "1.2.3\n")],
    ),
    example(
        "kind = 'cargo-workspace'",
        &[
            (
                "Cargo.toml",
                "# Müller\n[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\na = { path = \"a\", version = \"1.2.3\" }\n",
            ),
            ("a/Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n"),
            ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n"),
        ],
    ),
    example(
        "kind = 'npm'",
        &[
            (
                "package.json",
                "{\n  \"name\": \"pump\",\n  \"author\": \"Müller\",\n  \"version\": \"1.2.3\"\n}\n",
            ),
            (
                "package-lock.json",
                "{\n  \"name\": \"pump\",\n  \"version\": \"1.2.3\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"pump\",\n      \"version\": \"1.2.3\"\n    }\n  }\n}\n",
            ),
        ],
    ),
    example(
        "kind = 'pyproject'",
        &[("pyproject.toml", "# Müller\n[project]\nname = \"pump\"\nversion = \"1.2.3\"\n")],
    ),
    example(
        "kind = 'c-header'\nheader = 'pump.h'\ntext = 'PUMP_VERSION'\nmacros = ['PUMP_MAJOR', 'PUMP_MINOR', 'PUMP_PATCH']",
        &[(
            "pump.h",
            "/* Müller */\n#define PUMP_VERSION \"1.2.3\"\n#define PUMP_MAJOR 1\n#define PUMP_MINOR 2\n#define PUMP_PATCH 3\n",
        )],
    ),
    example(
        "kind = 'maven'",
        &[(
            "pom.xml",
            "<project>\n  <!-- Müller -->\n  <artifactId>pump</artifactId>\n  <version>1.2.3</version>\n</project>\n",
        )],
    ),
    example("kind = 'gradle'", &[("gradle.properties", "# Müller\nversion=1.2.3\n")]),
    example("kind = 'gradle'", &[("build.gradle.kts", "// Müller\nversion = \"1.2.3\"\n")]),
    example(
        "kind = 'gem'",
        &[
            ("lib/pump/version.rb", "# Müller\nmodule Pump\n  VERSION = '1.2.3'\nend\n"),
            ("pump.gemspec", "# Müller\n"),
            ("Gemfile.lock", "PATH\n  remote: .\n  specs:\n    pump (1.2.3)\n\nDEPENDENCIES\n  pump!\n"),
        ],
    ),
    example(
        "kind = 'helm'",
        &[("Chart.yaml", "# Müller\nname: pump\nversion: 1.2.3\nappVersion: \"1.2.3\"\n")],
    ),
    example(
        "kind = 'dotnet'",
        &[(
            "Pump.csproj",
            "<Project>\n  <!-- Müller -->\n  <PropertyGroup>\n    <Version>1.2.3</Version>\n    <FileVersion>1.2.3.0</FileVersion>\n  </PropertyGroup>\n</Project>\n",
        )],
    ),
    example("kind = 'mix'", &[("mix.exs", "# Müller\n  @version \"1.2.3\"\n")]),
    example(
        "kind = 'composer'",
        &[("composer.json", "{\n    \"name\": \"müller/pump\",\n    \"version\": \"1.2.3\"\n}\n")],
    ),
    example("kind = 'meson'", &[("meson.build", "# Müller\nproject('pump', 'c',\n  version: '1.2.3',\n)\n")]),
    example("kind = 'setup-cfg'", &[("setup.cfg", "[metadata]\nauthor = Müller\nversion = 1.2.3\n")]),
    example("kind = 'setup-py'", &[("setup.py", "# Müller\nsetup(\n    version=\"1.2.3\",\n)\n")]),
    example("kind = 'python-module'", &[("src/pump/__init__.py", "# Müller\n__version__ = '1.2.3'\n")]),
    example("kind = 'citation'", &[("CITATION.cff", "title: Müller\nversion: 1.2.3\n")]),
    example(
        "kind = 'dockerfile'",
        &[(
            "Dockerfile",
            "# Müller\nFROM alpine\nARG VERSION=1.2.3\nENV VERSION 1.2.3\nLABEL version=\"1.2.3\"\n",
        )],
    ),
    example("kind = 'version-file'", &[("VERSION", "1.2.3\n")]),
    example(
        "kind = 'text'\nfile = 'configure.ac'\ntext = '[{version}]'",
        &[("configure.ac", "dnl Müller\nAC_INIT([pump],[1.2.3],[x])\n")],
    ),
    example(
        "kind = 'regex'\nfile = 'v.go'\npattern = '^const Version = \"(?<version>[^\"]+)\"$'",
        &[("v.go", "// Müller\nconst Version = \"1.2.3\"\n")],
    ),
    example(
        "kind = 'several'\nof = [{ kind = 'version-file' }, { kind = 'text', file = 'conf.py', text = \"release = '{version}'\" }]",
        &[("VERSION", "1.2.3\n"), ("conf.py", "# Müller\nrelease = '1.2.3'\n")],
    ),
];

/// What the bytes of a file are beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Mark,
    CarriageReturns,
    NoLastNewline,
    Latin1,
    Wide,
}

impl Form {
    fn bytes(self, text: &str) -> Vec<u8> {
        let written = |encoding: Encoding| encoding.write(text, text).unwrap();
        match self {
            Form::Plain => text.as_bytes().to_vec(),
            Form::Mark => written(Encoding::Utf8WithMark),
            Form::CarriageReturns => text.replace('\n', "\r\n").into_bytes(),
            Form::NoLastNewline => text.trim_end_matches('\n').as_bytes().to_vec(),
            Form::Latin1 => written(Encoding::Latin1),
            Form::Wide => written(Encoding::Utf16Little),
        }
    }
}

fn raised(example: &Example, files: &BTreeMap<String, TreeFile>) -> BTreeMap<String, Vec<u8>> {
    let rule: VersionRule = toml::from_str(example.rule).unwrap();
    let versioning = Versioning::new(rule, example.scheme);
    let new = versioning.scheme().parse("1.2.4").unwrap();
    let changes = versioning.write(files, &new).unwrap_or_else(|error| panic!("{}: {error}", example.rule));
    changes.into_iter().map(|change| (change.path, change.bytes)).collect()
}

/// The files that change, with every version in them raised.
fn expected(example: &Example, form: Form) -> BTreeMap<String, Vec<u8>> {
    let raised = |text: &str| text.replace("1.2.3", "1.2.4").replace("PUMP_PATCH 3", "PUMP_PATCH 4");
    let stated = example.files.iter().filter(|(_, text)| text.contains("1.2.3"));
    stated.map(|(path, text)| ((*path).to_owned(), form.bytes(&raised(text)))).collect()
}

#[rstest]
fn bytes_beside_the_version_stay(
    #[values(Form::Plain, Form::Mark, Form::CarriageReturns, Form::NoLastNewline, Form::Latin1, Form::Wide)]
    form: Form,
) {
    for example in &EXAMPLES {
        let files =
            example.files.iter().map(|(path, text)| ((*path).to_owned(), TreeFile::File(form.bytes(text))));
        assert_eq!(raised(example, &files.collect()), expected(example, form), "{form:?}: {}", example.rule);
    }
}

#[test]
fn file_is_changed_where_its_link_leads() {
    for example in &EXAMPLES {
        for (linked, text) in example.files {
            let up = "../".repeat(linked.matches('/').count());
            let mut files: BTreeMap<String, TreeFile> = example
                .files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), TreeFile::File(text.as_bytes().to_vec())))
                .collect();
            files.insert((*linked).to_owned(), TreeFile::Link(format!("{up}shared/real")));
            files.insert("shared/real".to_owned(), TreeFile::File(text.as_bytes().to_vec()));
            let mut wanted = expected(example, Form::Plain);
            if let Some(moved) = wanted.remove(*linked) {
                wanted.insert("shared/real".to_owned(), moved);
            }
            assert_eq!(raised(example, &files), wanted, "`{linked}` of {}", example.rule);
        }
    }
}
