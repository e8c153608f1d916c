//! Repositories (`repository`, `full-repository`, `simple-repository`: one rendering carries what all require).

use serde_json::{Map, Value, json};

use super::{Links, node_id, user};
use crate::emulator::model::{StoredAccount, StoredRepository};
use crate::emulator::spec::{MergeStyle, Role, StoredVisibility};
use crate::emulator::world::EmulatedWorld;

/// The addresses below a repository, with GitHub's own templates.
const ADDRESSES: [(&str, &str); 36] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

/// A repository inside something else.
pub(crate) fn repository(
    world: &EmulatedWorld,
    links: &Links,
    repository: &StoredRepository,
    viewer: Option<&StoredAccount>,
) -> Value {
    let name = &repository.name;
    let url = links.api(&format!("/repos/{name}"));
    let html = links.web(&format!("/{name}"));
    let private = repository.visibility == StoredVisibility::Private;
    let mut all = Map::new();
    let facts = json!({
        "id": repository.id, "node_id": node_id("Repository", repository.id), "name": name.name(),
        "full_name": name, "owner": user(world, links, &world.owner(name)), "private": private,
        "html_url": html, "description": null, "fork": repository.parent().is_some(), "url": url,
        "git_url": format!("{html}.git"), "ssh_url": format!("ssh://git@localhost/{name}.git"),
        "clone_url": format!("{html}.git"), "svn_url": html, "mirror_url": null, "homepage": null,
        "visibility": if private { "private" } else { "public" },
        "default_branch": repository.default_branch, "archived": false, "disabled": false,
    });
    let further = json!({
        "created_at": repository.created_at, "updated_at": repository.pushed_at,
        "pushed_at": repository.pushed_at, "size": 1, "language": null, "license": null, "topics": [],
        "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "open_issues": 0, "open_issues_count": 0, "has_issues": !repository.is_workspace(),
        "has_projects": false, "has_downloads": true, "has_wiki": false, "has_pages": false,
        "has_discussions": false, "is_template": false, "web_commit_signoff_required": false,
        "allow_forking": !repository.is_workspace(), "permissions": permissions(repository, viewer),
    });
    for part in [facts, further] {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    for (key, path) in ADDRESSES {
        all.insert(key.to_owned(), Value::String(format!("{url}{path}")));
    }
    Value::Object(all)
}

/// A repository of which little is said (`simple-repository`): a private fork in its advisory.
pub(crate) fn simple_repository(world: &EmulatedWorld, links: &Links, one: &StoredRepository) -> Value {
    const SAID: [&str; 10] =
        ["id", "node_id", "name", "full_name", "owner", "private", "html_url", "description", "fork", "url"];
    let mut all = repository(world, links, one, None);
    if let Some(all) = all.as_object_mut() {
        all.retain(|key, _| SAID.contains(&key.as_str()) || ADDRESSES.iter().any(|(name, _)| name == key));
    }
    all
}

/// What the viewer may do. In a temporary private fork GitHub says that nobody may push, although pushing works.
fn permissions(repository: &StoredRepository, viewer: Option<&StoredAccount>) -> Value {
    let has = |wanted| repository.permission(viewer).is_some_and(|permission| permission >= wanted);
    let open = !repository.is_workspace();
    json!({
        "admin": open && has(Role::Admin), "maintain": open && has(Role::Admin),
        "push": open && has(Role::Write), "triage": open && has(Role::Write),
        "pull": has(Role::Read),
    })
}

/// A repository on its own, with its parent.
pub(crate) fn full_repository(
    world: &EmulatedWorld,
    links: &Links,
    one: &StoredRepository,
    viewer: Option<&StoredAccount>,
) -> Value {
    let mut all = repository(world, links, one, viewer);
    let forks = world.repositories.values().filter(|other| other.parent() == Some(&one.name)).count();
    let allows = |method| one.merge_methods.contains(&method);
    all["network_count"] = json!(forks);
    all["forks_count"] = json!(forks);
    all["forks"] = json!(forks);
    all["subscribers_count"] = json!(0);
    all["temp_clone_token"] = Value::Null;
    all["allow_merge_commit"] = json!(allows(MergeStyle::Merge));
    all["allow_squash_merge"] = json!(allows(MergeStyle::Squash));
    all["allow_rebase_merge"] = json!(allows(MergeStyle::Rebase));
    all["allow_auto_merge"] = json!(false);
    all["allow_update_branch"] = json!(false);
    all["delete_branch_on_merge"] = json!(false);
    if let Some(parent) = one.parent().and_then(|parent| world.repositories.get(parent.as_str())) {
        all["parent"] = repository(world, links, parent, viewer);
        let source = world.repositories.get(world.root_of(&parent.name).as_str()).unwrap_or(parent);
        all["source"] = repository(world, links, source, viewer);
    }
    all
}
