//! Where steps with actions can run when `act` runs actions as they are: what it fetches, and what it cannot do here.

use super::actions::{StandIn, asks, stand_in};
use super::capabilities::{Actions, Capabilities};
use super::finding::Place;
use crate::matrix::expression::Value;

/// Inputs of a checkout that `act`, which copies the tree in its place, leaves out.
const LEFT_OUT: [&str; 4] = ["submodules", "lfs", "sparse-checkout", "filter"];

/// What stands against `act` as a whole.
pub(super) fn of_act(machine: &Capabilities) -> Place {
    match &machine.actions {
        Actions::ByAct(Some(missing)) => Place::Tool(missing.clone()),
        Actions::ByAct(None) | Actions::StandIns => Place::Here,
    }
}

/// Whether `act` runs the steps.
pub(super) fn is_by_act(machine: &Capabilities) -> bool {
    matches!(machine.actions, Actions::ByAct(_))
}

/// What a container needs: where `act` runs it, an engine, and the sandbox shows none.
pub(super) fn of_container(what: String, machine: &Capabilities) -> Place {
    if is_by_act(machine) {
        Place::Tool(format!("a container engine, for {what}: the sandbox shows none"))
    } else {
        Place::Unsupported(what)
    }
}

/// What an action of another repository needs.
pub(super) fn of_action(slug: &str, reference: &str, with: &Value, machine: &Capabilities) -> Place {
    if slug.eq_ignore_ascii_case("actions/checkout") {
        return of_checkout(with);
    }
    match stand_in(slug, reference, with, machine) {
        Err(place @ (Place::Effect(_) | Place::On(_))) => place,
        Ok(StandIn::LeftOut) => Place::Here,
        Ok(StandIn::Upload | StandIn::Download) => {
            Place::Unsupported(format!("`{slug}` under act, whose jobs pass on no files"))
        }
        _ => Place::Network(format!("the action `{slug}`, which act fetches")),
    }
}

fn of_checkout(with: &Value) -> Place {
    if asks(with, "repository") {
        return Place::Network(format!("a checkout of `{}`", with.get("repository").to_text()));
    }
    match LEFT_OUT.iter().find(|input| asks(with, input)) {
        Some(input) => Place::Unsupported(format!("`actions/checkout` with `{input}` under act")),
        None => Place::Here,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::matrix::runner::{Architecture, OperatingSystem};

    fn machine(missing: Option<&str>) -> Capabilities {
        Capabilities {
            system: OperatingSystem::Linux,
            architecture: Architecture::X64,
            processor_flags: Default::default(),
            programs: BTreeMap::new(),
            labels: Default::default(),
            actions: Actions::ByAct(missing.map(str::to_owned)),
        }
    }

    #[test]
    fn what_act_fetches_needs_the_network_and_what_it_leaves_out_is_not_done() {
        let of = |slug: &str, with: &[(&str, &str)]| {
            let with = Value::mapping(with.iter().map(|(key, value)| (*key, Value::text(value))));
            of_action(slug, "v1", &with, &machine(None)).reason()
        };
        assert_eq!(of("actions/checkout", &[("path", "x"), ("submodules", "false")]), "");
        assert_eq!(
            of("actions/checkout", &[("submodules", "true")]),
            "`actions/checkout` with `submodules` under act"
        );
        assert_eq!(of("actions/checkout", &[("repository", "a/b")]), "a checkout of `a/b`");
        assert_eq!(of("acme/unheard-of", &[]), "the action `acme/unheard-of`, which act fetches");
        assert_eq!(of("actions/setup-node", &[]), "the action `actions/setup-node`, which act fetches");
        assert_eq!(of("codecov/codecov-action", &[]), "");
        assert_eq!(of("actions/labeler", &[]), "`actions/labeler`");
        assert_eq!(of("actions/setup-python", &[("architecture", "arm64")]), "a tool for arm64");
        assert!(of("actions/upload-artifact", &[]).contains("pass on no files"));
    }

    #[test]
    fn without_act_every_entry_lacks_it() {
        let missing = of_act(&machine(Some("act 0.2.89")));
        assert_eq!(missing, Place::Tool("act 0.2.89".to_owned()));
        assert_eq!(of_act(&machine(None)), Place::Here);
        assert!(matches!(of_container("the container `x`".to_owned(), &machine(None)), Place::Tool(_)));
    }
}
