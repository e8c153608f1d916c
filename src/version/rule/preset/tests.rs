use std::collections::BTreeMap;

use rstest::rstest;

use crate::numbering::Scheme;
use crate::version::{VersionError, VersionRule, Versioning};

fn raised(rule: &str, files: &[(&str, &str)], new: &str) -> Result<BTreeMap<String, String>, VersionError> {
    let rule: VersionRule = toml::from_str(rule).unwrap();
    let versioning = Versioning::new(rule, Scheme::Numbers).on("2026-08-20".parse().unwrap());
    let files: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let new = versioning.scheme().parse(new).unwrap();
    Ok(versioning.write(&files, &new)?.into_iter().map(|change| (change.path, change.content)).collect())
}

/// A file as projects of this kind have it: every `1.2.3` is theirs, and no `9.9.9` is.
#[rstest]
#[case(
    "kind = 'gradle'",
    "gradle.properties",
    "org.gradle.jvmargs=-Xmx9.9.9\nversion=1.2.3\r\nkotlinVersion=9.9.9\n"
)]
#[case(
    "kind = 'gradle'",
    "build.gradle.kts",
    "plugins { id(\"x\") version \"9.9.9\" }\n\nversion = \"1.2.3\"\n\ndependencies {\n    version = \"9.9.9\"\n}\n"
)]
#[case("kind = 'gradle'", "build.gradle", "group 'acme'\nversion '1.2.3'\n")]
#[case(
    "kind = 'gradle'",
    "build.gradle",
    "plugins { id 'x' version '9.9.9' }\n\nallprojects {\n    repositories { mavenCentral() }\n    group = 'acme'\n    version = '1.2.3'\n}\n\nsubprojects {\n    dependencies {\n        version = '9.9.9'\n    }\n}\n"
)]
#[case(
    "kind = 'gradle'",
    "build.gradle.kts",
    "allprojects { version = \"1.2.3\" }\nval version = \"9.9.9\"\n"
)]
#[case(
    "kind = 'gem'",
    "lib/pump/version.rb",
    "# frozen_string_literal: true\n\nmodule Pump\n  VERSION = \"1.2.3\"\n  OTHER_VERSION = \"9.9.9\"\nend\n"
)]
#[case(
    "kind = 'gem'",
    "pump.gemspec",
    "Gem::Specification.new do |s|\n  s.version     = '1.2.3'\n  s.required_ruby_version = '9.9.9'\nend\n"
)]
#[case(
    "kind = 'helm'",
    "Chart.yaml",
    "apiVersion: v2\nname: pump\nversion: 1.2.3\nappVersion: \"1.2.3\"\ndependencies:\n  - name: x\n    version: 9.9.9\n"
)]
#[case(
    "kind = 'mix'",
    "mix.exs",
    "  def project do\n    [app: :pump, version: \"1.2.3\", elixir: \"~> 9.9.9\"]\n"
)]
#[case(
    "kind = 'mix'",
    "mix.exs",
    "  @version \"1.2.3\"\n  def project do\n    [app: :pump, version: @version, elixir: \"~> 9.9.9\"]\n"
)]
#[case(
    "kind = 'mix'",
    "mix.exs",
    "    [\n      app: :pump,\n      version: \"1.2.3\",\n      deps: [{:x, \"9.9.9\"}]\n"
)]
#[case(
    "kind = 'composer'",
    "composer.json",
    "{\n    \"name\": \"acme/pump\",\n    \"version\": \"1.2.3\",\n    \"require\": { \"x/y\": \"9.9.9\" }\n}\n"
)]
#[case("kind = 'composer'", "composer.json", "{\"name\": \"acme/pump\", \"version\": \"v1.2.3\"}")]
#[case(
    "kind = 'composer'",
    "composer.json",
    "{\n    \"extra\": {\n        \"tool\": {\n            \"version\": \"9.9.9\"\n        }\n    },\n    \"version\": \"1.2.3\"\n}\n"
)]
#[case("kind = 'python-module'", "src/pump/__about__.py", "__version__ = '1.2.3'\n")]
#[case(
    "kind = 'meson'",
    "meson.build",
    "project(\n  'pump',\n  'c',\n  version : '1.2.3',\n  meson_version : '>= 9.9.9',\n)\ndependency('x', version: '>= 9.9.9')\n"
)]
#[case(
    "kind = 'setup-cfg'",
    "setup.cfg",
    "[metadata]\nname = pump\nversion = 1.2.3\npython_requires = >=9.9.9\n"
)]
#[case(
    "kind = 'setup-py'",
    "setup.py",
    "setup(\n    name=\"pump\",\n    version=\"1.2.3\",\n    python_requires=\">=9.9.9\",\n)\n"
)]
#[case("kind = 'setup-py'", "setup.py", "setup(name='pump', version='1.2.3')")]
#[case(
    "kind = 'python-module'",
    "src/pump/__init__.py",
    "\"\"\"Pump 9.9.9\"\"\"\n__version__: str = \"1.2.3\"\n"
)]
#[case(
    "kind = 'dockerfile'",
    "Dockerfile",
    "FROM alpine:9.9.9\nARG VERSION=1.2.3\nLABEL org.opencontainers.image.title=\"pump\" \\\n      org.opencontainers.image.version=\"1.2.3\"\nLABEL version=\"1.2.3\"\nARG NODE_VERSION=9.9.9\n"
)]
#[case("kind = 'version-file'", "VERSION", "v1.2.3\r\n")]
#[case("kind = 'version-file'\nfile = 'src/VERSION'", "src/VERSION", "1.2.3")]
#[case(
    "kind = 'text'\nfile = 'configure.ac'\ntext = 'AC_INIT([pump],[{version}],'",
    "configure.ac",
    "AC_PREREQ([9.9.9])\nAC_INIT([pump],[1.2.3],[x@acme.example])\n"
)]
#[case(
    "kind = 'text'\nfile = '*.md'\ntext = 'pump=={version}'\ncount = 2",
    "README.md",
    "pip install pump==1.2.3\npip install pump==1.2.3.\n9.9.9\n"
)]
#[case(
    "kind = 'regex'\nfile = 'v.go'\npattern = 'Version = \"(?<version>[^\"]+)\"'\ncount = 1",
    "v.go",
    "const Version = \"1.2.3\"\n"
)]
#[case(
    "kind = 'dotnet'",
    "Directory.Build.props",
    "<Project>\n  <!-- <Version>9.9.9</Version> -->\n  <PropertyGroup>\n    <VersionPrefix>1.2.3</VersionPrefix>\n    <PackageVersion>$(Version)</PackageVersion>\n    <LangVersion>9.9.9</LangVersion>\n  </PropertyGroup>\n  <ItemGroup><PackageReference Include=\"x\"><Version>9.9.9</Version></PackageReference></ItemGroup>\n</Project>\n"
)]
#[case(
    "kind = 'maven'",
    "pom.xml",
    "<project xmlns=\"x\">\n  <parent><artifactId>boot</artifactId><version>9.9.9</version></parent>\n  <artifactId>pump</artifactId>\n  <version> 1.2.3 </version>\n  <dependencies><dependency><artifactId>x</artifactId><version>9.9.9</version></dependency></dependencies>\n</project>\n"
)]
fn version_of_a_known_form_moves_and_nothing_else(
    #[case] rule: &str,
    #[case] path: &str,
    #[case] text: &str,
) {
    let changed = raised(rule, &[(path, text)], "1.2.4").unwrap();
    assert_eq!(changed[path], text.replace("1.2.3", "1.2.4"));
    assert_eq!(changed.len(), 1);
}

#[test]
fn modules_of_a_maven_project_and_what_they_name_of_each_other_move() {
    let root = "<project>\n  <artifactId>pump</artifactId>\n  <version>1.2.3-SNAPSHOT</version>\n  <modules><module>core</module><module>web</module></modules>\n</project>\n";
    let core = "<project>\n  <parent>\n    <artifactId>pump</artifactId>\n    <version>1.2.3-SNAPSHOT</version>\n  </parent>\n  <artifactId>pump-core</artifactId>\n</project>\n";
    let web = core.replace("pump-core", "pump-web").replace(
        "</project>",
        "  <dependencies>\n    <dependency><artifactId>pump-core</artifactId><version>1.2.3-SNAPSHOT</version></dependency>\n    <dependency><artifactId>other</artifactId><version>1.2.3-SNAPSHOT</version></dependency>\n  </dependencies>\n</project>",
    );
    let files = [("pom.xml", root), ("core/pom.xml", core), ("web/pom.xml", web.as_str())];
    let changed = raised("kind = 'maven'", &files, "1.2.3").unwrap();
    assert_eq!(changed["pom.xml"], root.replace("-SNAPSHOT", ""));
    assert_eq!(changed["core/pom.xml"], core.replace("-SNAPSHOT", ""));
    assert_eq!(changed["web/pom.xml"], web.replacen("-SNAPSHOT", "", 2), "another project's version stays");
}

#[test]
fn property_that_a_maven_project_names_is_raised() {
    let text = "<project>\n  <artifactId>pump</artifactId>\n  <version>${revision}</version>\n  <properties><revision>1.2.3</revision></properties>\n</project>\n";
    let changed = raised("kind = 'maven'", &[("pom.xml", text)], "1.2.4").unwrap();
    assert_eq!(changed["pom.xml"], text.replace("1.2.3", "1.2.4"));
    let broken = raised("kind = 'maven'", &[("pom.xml", "<project>\n<version>1</versoin>")], "1.2.4");
    assert!(broken.unwrap_err().to_string().starts_with("`pom.xml` line 2 cannot be parsed as XML"));
    let together = raised(
        "kind = 'maven'",
        &[("pom.xml", &text.replace("${revision}", "${revision}${changelist}"))],
        "1.2.4",
    );
    let told = together.unwrap_err().to_string();
    assert!(told.contains("put together as `${revision}${changelist}`"), "{told}");
    assert!(told.contains("pattern = '<revision>(?<version>[^<]+)</revision>'"), "{told}");
}

#[rstest]
#[case::release("1.2.3", "pump-1.2.3", "1.2.4", "pump-1.2.4")]
#[case::after_development("1.2.4-SNAPSHOT", "v1.2.3", "1.2.4", "v1.2.4")]
#[case::qualified("4.1.127.Final", "netty-4.1.127.Final", "4.1.128.Final", "netty-4.1.128.Final")]
#[case::development("1.2.4", "v1.2.4", "1.2.5-SNAPSHOT", "v1.2.4")]
#[case::head("1.2.3", "HEAD", "1.2.4", "HEAD")]
#[case::property("1.2.3", "${scmTag}", "1.2.4", "${scmTag}")]
#[case::forgotten("1.2.3", "v1.0.0", "1.2.4", "v1.0.0")]
#[case::another_major("2.0.0-SNAPSHOT", "v1.2.3", "2.0.0", "v1.2.3")]
fn tag_of_a_maven_project_is_that_of_its_newest_release(
    #[case] from: &str,
    #[case] tag: &str,
    #[case] to: &str,
    #[case] expected: &str,
) {
    let pom = |version: &str, tag: &str| {
        format!(
            "<project>\n  <version>{version}</version>\n  <scm>\n    <tag>{tag}</tag>\n  </scm>\n</project>\n"
        )
    };
    let changed = raised("kind = 'maven'", &[("pom.xml", &pom(from, tag))], to).unwrap();
    assert_eq!(changed["pom.xml"], pom(to, expected));
}

#[test]
fn assembly_versions_have_four_numbers_or_stay_through_a_major_version() {
    let text = "<Project><PropertyGroup>\n<VersionPrefix>13.0.3</VersionPrefix>\n<FileVersion>13.0.3.0</FileVersion>\n<AssemblyVersion>13.0.0.0</AssemblyVersion>\n</PropertyGroup></Project>\n";
    let changed = raised("kind = 'dotnet'", &[("Directory.Build.props", text)], "13.0.4").unwrap();
    assert_eq!(changed["Directory.Build.props"], text.replace("13.0.3", "13.0.4"));
    let stale = text.replace("13.0.3.0", "13.0.2.0");
    let message =
        raised("kind = 'dotnet'", &[("Directory.Build.props", &stale)], "13.0.4").unwrap_err().to_string();
    assert!(message.contains("line 3 says 13.0.2.0"), "{message}");
}

#[test]
fn suffix_of_a_dotnet_version_goes_with_the_release() {
    let text = "<Project>\n<PropertyGroup>\n<VersionPrefix>1.2.3</VersionPrefix>\n<VersionSuffix>beta1</VersionSuffix>\n</PropertyGroup>\n<PropertyGroup Condition=\"'$(Nightly)' != ''\">\n<VersionSuffix>nightly</VersionSuffix>\n</PropertyGroup>\n</Project>\n";
    let props = |version| raised("kind = 'dotnet'", &[("Directory.Build.props", text)], version).unwrap();
    assert_eq!(props("1.2.3")["Directory.Build.props"], text.replace("beta1", ""));
    let later = text.replace("1.2.3", "1.2.4").replace("beta1", "beta2");
    assert_eq!(props("1.2.4-beta2")["Directory.Build.props"], later);
}

#[test]
fn gem_version_in_parts_has_its_fourth_number_where_rails_has_it() {
    let text = |pre: &str, tiny: u8| {
        format!(
            "module VERSION\n    MAJOR = 7\n    MINOR = 1\n    TINY  = {tiny}\n    PRE   = {pre}\n\n    STRING = [MAJOR, MINOR, TINY, PRE].compact.join(\".\")\nend\n"
        )
    };
    let path = "activesupport/lib/active_support/gem_version.rb";
    for (from, to, expected) in [
        (text("nil", 5), "7.1.5.1", text("\"1\"", 5)),
        (text("\"1\"", 5), "7.1.5.2", text("\"2\"", 5)),
        (text("\"1\"", 5), "7.1.6", text("nil", 6)),
        (text("\"rc1\"", 5), "7.1.5", text("nil", 5)),
    ] {
        let changed =
            raised("kind = 'gem'", &[(path, &from), ("rails/lib/rails/gem_version.rb", &from)], to).unwrap();
        assert_eq!(changed[path], expected);
        assert_eq!(changed["rails/lib/rails/gem_version.rb"], expected);
    }
    let message =
        raised("kind = 'gem'", &[(path, &text("nil", 5)), ("x/lib/version.rb", &text("nil", 4))], "7.1.6");
    assert!(message.unwrap_err().to_string().contains("`x/lib/version.rb` line 2"));
}

#[test]
fn gems_that_require_each_other_in_full_move_together() {
    let web = "Gem::Specification.new do |s|\n  s.version = Pump::VERSION\n  s.add_dependency \"pump\", \"= 1.2.3\"\n  s.add_runtime_dependency('pump-core', '~> 1.2.3')\n  s.add_dependency \"rack\", \"= 1.2.3\"\n  # s.add_dependency \"pump\", \"= 1.2.3\"\nend\n";
    let files = [
        ("lib/pump/version.rb", "VERSION = '1.2.3'\n"),
        ("pump.gemspec", ""),
        ("core/pump-core.gemspec", ""),
        ("web/pump-web.gemspec", web),
    ];
    let changed = raised("kind = 'gem'", &files, "1.2.4").unwrap();
    let expected = web.replacen("\"= 1.2.3\"", "\"= 1.2.4\"", 1).replace("'~> 1.2.3'", "'~> 1.2.4'");
    assert_eq!(changed["web/pump-web.gemspec"], expected);
}

#[test]
fn gem_is_repeated_in_its_lock_file() {
    let lock = "PATH\n  remote: .\n  specs:\n    pump (1.2.3)\n      rack (1.2.3)\n    pump-web (1.2.3)\n      pump (= 1.2.3)\n\nGEM\n  specs:\n    rack (1.2.3)\n\nDEPENDENCIES\n  pump!\n";
    let files = [
        ("lib/pump/version.rb", "VERSION = '1.2.3'\n"),
        ("pump.gemspec", ""),
        ("web/pump-web.gemspec", ""),
        ("Gemfile.lock", lock),
    ];
    let changed = raised("kind = 'gem'", &files, "1.2.4").unwrap();
    let expected = lock
        .replace("pump (1.2.3)", "pump (1.2.4)")
        .replace("pump-web (1.2.3)", "pump-web (1.2.4)")
        .replace("pump (= 1.2.3)", "pump (= 1.2.4)");
    assert_eq!(changed["Gemfile.lock"], expected);
}

#[test]
fn chart_goes_to_its_own_next_patch_beside_what_it_installs() {
    let text = "version: 0.5.1 # the chart\nappVersion: v1.2.3\n";
    let changed = raised("kind = 'helm'", &[("Chart.yaml", text)], "1.3.0").unwrap();
    assert_eq!(changed["Chart.yaml"], "version: 0.5.2 # the chart\nappVersion: v1.3.0\n");
    let library = raised("kind = 'helm'", &[("Chart.yaml", "version: 0.5.1\n")], "0.5.2").unwrap();
    assert_eq!(library["Chart.yaml"], "version: 0.5.2\n");
}

#[test]
fn citation_gets_the_day_of_the_release() {
    let text = "cff-version: 1.2.0\nversion: 1.2.3\ndate-released: '2025-01-07'\n";
    let changed = raised("kind = 'citation'", &[("CITATION.cff", text)], "1.2.4").unwrap();
    assert_eq!(changed["CITATION.cff"], "cff-version: 1.2.0\nversion: 1.2.4\ndate-released: '2026-08-20'\n");
}

#[test]
fn numbers_of_the_version_stand_apart_in_several_places() {
    let rule = "kind = 'several'\nof = [\n  { kind = 'version-file' },\n  { kind = 'text', file = 'conf.py', text = \"version = '{major}.{minor}'\" },\n  { kind = 'text', file = 'p.rc', text = 'FILEVERSION {major},{minor},{patch},0' },\n]";
    let files = [("VERSION", "1.2.3\n"), ("conf.py", "version = '1.2'\n"), ("p.rc", "FILEVERSION 1,2,3,0\n")];
    let changed = raised(rule, &files, "1.3.0").unwrap();
    assert_eq!(changed["conf.py"], "version = '1.3'\n");
    assert_eq!(changed["p.rc"], "FILEVERSION 1,3,0,0\n");
    let patch = raised(rule, &files, "1.2.4").unwrap();
    assert!(!patch.contains_key("conf.py"), "what stays the same is no change");
}

#[test]
fn another_count_than_the_catalog_says_is_refused_with_the_lines() {
    let rule = "kind = 'text'\nfile = 'README.md'\ntext = 'pump:{version}'\ncount = 3";
    let message =
        raised(rule, &[("README.md", "pump:1.2.3\n\npump:1.2.3\n")], "1.2.4").unwrap_err().to_string();
    assert_eq!(
        message,
        "`README.md` states the version 2 times (lines [1, 3]), not 3 times; correct `count` in the version rule, or the \
         file"
    );
}

#[test]
fn file_that_is_there_without_a_version_is_not_called_missing() {
    let path = "lib/pump/version.rb";
    let message = |files: &[(&str, &str)]| raised("kind = 'gem'", files, "1.2.4").unwrap_err().to_string();
    assert_eq!(
        message(&[(path, "VERSION = File.read('VERSION')\n")]),
        "`lib/pump/version.rb` has no `VERSION` that is a string (name the file with `file`)"
    );
    let both = message(&[(path, "VERSION = File.read('VERSION')\n"), ("pump.gemspec", "s.version = V\n")]);
    assert!(both.starts_with("`lib/pump/version.rb`, `pump.gemspec` has no "), "{both}");
}

#[test]
fn file_that_is_nowhere_is_named_with_the_places_that_were_looked_at() {
    let message = raised("kind = 'gradle'", &[("x", "")], "1.2.4").unwrap_err().to_string();
    assert_eq!(
        message,
        "`gradle.properties`, `build.gradle.kts`, `build.gradle` is not in the tree; expected a version of the Gradle \
         project (name the file with `file`) there"
    );
}
