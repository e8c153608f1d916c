//! Packages with tags or numbers of their own: what is released of them.

use super::*;

/// The release of the demo's second repository from its newest line, with these packages in the catalog, and what each
/// of them has released and states.
fn with_packages(packages: &str, seen: &[(&str, &[&str], Option<&str>)]) -> Result<LineRelease, PlanError> {
    with_packages_and(packages, seen, &[])
}

/// The same, where the release file states versions of packages.
fn with_packages_and(
    packages: &str,
    seen: &[(&str, &[&str], Option<&str>)],
    wished: &[(&str, &str)],
) -> Result<LineRelease, PlanError> {
    #[derive(serde::Deserialize)]
    struct PackagesFile {
        package: Vec<crate::catalog::Package>,
    }
    let mut inputs = demo_inputs("wasmtime");
    inputs.catalog.repos[1].packages = toml::from_str::<PackagesFile>(packages).unwrap().package;
    let (weir, line) = (inputs.catalog.repos[1].name.clone(), inputs.catalog.repos[1].lines[2].clone());
    inputs.release.lines.push(LineWish {
        later: None,
        new: false,
        repo: weir.clone(),
        branch: line.clone(),
        version: None,
        packages: wished.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect(),
        base: None,
        release: None,
    });
    let mut snapshot = snapshot_for(&inputs);
    let state = snapshot.repos.get_mut(&weir).unwrap();
    let commit = state.branches[&line].head.clone();
    for (name, versions, stated) in seen {
        let tagged = |version: &&str| TaggedVersion {
            version: semver(version),
            tag: format!("{name}-{version}"),
            commit: commit.clone(),
            origin: Origin::Branch(line.clone()),
            rivals: Vec::new(),
        };
        let stated = stated.iter().map(|stated| (line.clone(), semver(stated))).collect();
        let versions = versions.iter().map(tagged).collect();
        state.packages.insert((*name).to_owned(), PackageState { versions, stated });
    }
    Ok(build(inputs, snapshot)?.target(&weir, &line).unwrap().release.clone().unwrap())
}

const API: &str = "[[package]]\necosystem = 'rust'\nname = 'api'\nversion = { kind = 'cargo-workspace', manifest = \
                   'api/Cargo.toml' }\ntag = 'api-{version}'\n";

#[test]
fn package_with_a_number_of_its_own_goes_to_its_own_next_one_and_others_go_along() {
    let release = with_packages(API, &[("api", &["0.4.1"], Some("0.4.1"))]).unwrap();
    let api = release.package("api").unwrap();
    assert_eq!((api.to.as_str(), api.tag.as_str()), ("0.4.2", "api-0.4.2"));
    assert_eq!(release.more_tags, ["api-0.4.2"], "pushed and awaited with the release's own");
    assert_eq!(release.other_numbers().count(), 1);

    let along = with_packages(API, &[("api", &["1.4.0"], Some("1.4.0"))]).unwrap();
    assert_eq!(along.package("api").unwrap().to, along.to);
    assert_eq!(along.other_numbers().count(), 0);

    let minor = API.replace("manifest =", "next = 'minor', manifest =");
    let release = with_packages(&minor, &[("api", &["0.4.1"], Some("0.4.1"))]).unwrap();
    assert_eq!(release.package("api").unwrap().to, semver("0.5.0"));

    let absent = with_packages(API, &[("api", &[], None)]).unwrap();
    assert!(absent.package("api").is_none() && absent.more_tags.is_empty(), "this line does not have it");
}

#[test]
fn package_with_the_releases_number_has_its_own_tag_beside() {
    let module = "[[package]]\necosystem = 'go'\nname = 'example.org/weir'\n[[package]]\necosystem = 'go'\n\
                  name = 'example.org/weir/api'\npath = 'api'\n";
    let release = with_packages(module, &[("example.org/weir/api", &["1.3.9"], None)]).unwrap();
    assert_eq!(release.more_tags, [format!("api/v{}", release.to)]);
    assert_eq!(release.package("example.org/weir/api").unwrap().to, release.to);
    assert!(release.package("example.org/weir").is_none(), "its releases are the repository's");
}

#[test]
fn go_module_of_another_major_version_is_not_released_from_a_line() {
    let module = "[[package]]\necosystem = 'go'\nname = 'example.org/weir/api'\npath = 'api'\n[[package]]\necosystem = \
                  'go'\nname = 'example.org/weir/api/v2'\npath = 'api'\n";
    let release = with_packages(module, &[]).unwrap();
    assert!(release.package("example.org/weir/api").is_some() && release.to.as_str().starts_with("1."));
    assert!(release.package("example.org/weir/api/v2").is_none());
    assert_eq!(release.more_tags, [format!("api/v{}", release.to)]);
}

#[test]
fn number_of_a_package_that_is_taken_is_refused_or_skipped() {
    let seen: &[(&str, &[&str], Option<&str>)] = &[("api", &["0.4.1", "0.4.2"], Some("0.4.1"))];
    let refused = with_packages(API, seen).unwrap_err().to_string();
    assert!(
        refused.starts_with("`api` states 0.4.1 on `release/7.x`, so 0.4.2 would come next, but"),
        "{refused}"
    );
    let stated = with_packages_and(API, seen, &[("api", "0.5.0")]).unwrap();
    assert_eq!(stated.package("api").unwrap().to, semver("0.5.0"));
    let refused = with_packages_and(API, seen, &[("api", "0.4.2")]).unwrap_err().to_string();
    assert!(
        refused.starts_with("0.4.2 cannot be released from `release/7.x` of `api`: the tag"),
        "{refused}"
    );
    let skipping = API.replace("manifest =", "when-taken = 'skip', manifest =");
    let release = with_packages(&skipping, seen).unwrap();
    assert_eq!(release.package("api").unwrap().to, semver("0.4.3"));
}

#[test]
fn build_metadata_is_never_dropped_and_people_are_asked_which_comes_next() {
    for (released, stated) in
        [(&["0.4.0+k3s1", "0.4.1+k3s1"], "0.4.1+k3s1"), (&["0.4.0+k3s1", "0.4.1+k3s1"], "0.4.2-dev")]
    {
        let seen: &[(&str, &[&str], Option<&str>)] = &[("api", released, Some(stated))];
        let refused = with_packages(API, seen).unwrap_err().to_string();
        assert_eq!(
            refused,
            format!("`api` states {stated} on `release/7.x`, and no rule tells which version comes next")
        );
        let wished = with_packages_and(API, seen, &[("api", "0.4.2+k3s1")]).unwrap();
        assert_eq!(wished.package("api").unwrap().tag, "api-0.4.2+k3s1");
    }
    let now_and_then: &[(&str, &[&str], Option<&str>)] = &[("api", &["0.4.0+k3s1", "0.4.1"], Some("0.4.1"))];
    assert_eq!(with_packages(API, now_and_then).unwrap().package("api").unwrap().to, semver("0.4.2"));
}
