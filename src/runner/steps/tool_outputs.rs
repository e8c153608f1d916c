//! The outputs of well-known actions that something here stands in for: those that can be known, as the `action.yml` and the
//! source of each give them. What else an action may say is not known here, and an entry that hangs on it cannot be tried.

use std::path::Path;

use crate::matrix::{Known, Object, Value};

/// What `setup-…` of a tool says, where it is here in this version at this path.
pub(super) fn of_tool(slug: &str, version: Option<&str>, program: Option<&Path>, with: &Value) -> Object {
    let version = |name: &'static str, before: &str| {
        version.map(|version| (name, Value::text(&format!("{before}{version}"))))
    };
    let path = |name| program.map(|path| (name, Value::text(&path.to_string_lossy())));
    let cache_hit = || Some(("cache-hit", no_hit(slug, with)));
    match slug.to_lowercase().as_str() {
        "actions/setup-python" => {
            said(slug, [version("python-version", ""), path("python-path"), cache_hit()])
        }
        // It gives what `node --version` prints.
        "actions/setup-node" => said(slug, [version("node-version", "v"), cache_hit(), None]),
        "actions/setup-go" => said(slug, [version("go-version", ""), cache_hit(), None]),
        "actions/setup-java" => {
            said(slug, [Some(("distribution", with.get("distribution"))), cache_hit(), None])
        }
        "actions/setup-dotnet" => said(slug, [version("dotnet-version", ""), cache_hit(), None]),
        "astral-sh/setup-uv" => said(slug, [version("uv-version", ""), path("uv-path"), None]),
        "denoland/setup-deno" => said(slug, [version("deno-version", ""), None, None]),
        "shivammathur/setup-php" => said(slug, [version("php-version", ""), None, None]),
        _ => said(slug, [None, None, None]),
    }
}

/// What a cache says in which nothing is.
pub(super) fn of_empty_cache(slug: &str) -> Object {
    match slug.to_lowercase().as_str() {
        // Its `cache-hit` is empty where it restored nothing.
        "actions/cache" => said(slug, [Some(("cache-hit", Value::text(""))), None, None]),
        "swatinem/rust-cache" => said(slug, [Some(("cache-hit", Value::text("false"))), None, None]),
        _ => said(slug, [None, None, None]),
    }
}

/// Nothing is in the cache: `false` where one is looked for. Some look for one without being asked, or say nothing at all
/// where they do not.
fn no_hit(slug: &str, with: &Value) -> Value {
    if !with.get("cache").is_null() && with.get("cache").to_text() != "false" {
        return Value::text("false");
    }
    let either = vec![Value::text(""), Value::text("false")];
    Value::unknown(format!("the output `cache-hit` of {slug}"), Known::OneOf(either))
}

/// These outputs, and others that are not known.
fn said(slug: &str, known: [Option<(&str, Value)>; 3]) -> Object {
    let outputs = Value::open_text(&format!("outputs of {slug}"), known.into_iter().flatten());
    outputs.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Contexts, resolve};

    /// What an expression comes to, or what it hangs on.
    fn value(outputs: Object, expression: &str) -> Result<String, String> {
        let outputs = Value::object(outputs);
        let steps = Value::mapping([("a", Value::mapping([("outputs", outputs)]))]);
        let found = resolve(&format!("${{{{ {expression} }}}}"), &Contexts::of([("steps", steps)])).unwrap();
        found.hangs_on().map_or_else(|| Ok(found.to_text()), |source| Err(source.to_owned()))
    }

    #[test]
    fn what_can_be_known_of_a_tool_is_said_and_nothing_else() {
        let asked = Value::mapping([("cache", Value::text("pip")), ("distribution", Value::text("temurin"))]);
        let of = |slug: &str, with: &Value| {
            of_tool(slug, Some("3.11.2"), Some(Path::new("/usr/bin/python3")), with)
        };
        let python = |expression: &str| value(of("actions/setup-python", &asked), expression);
        assert_eq!(python("steps.a.outputs.python-version").as_deref(), Ok("3.11.2"));
        assert_eq!(python("steps.a.outputs.python-path").as_deref(), Ok("/usr/bin/python3"));
        assert_eq!(python("steps.a.outputs.cache-hit").as_deref(), Ok("false"));
        let node = |expression: &str| value(of("actions/setup-node", &Value::Null), expression);
        assert_eq!(node("steps.a.outputs.node-version").as_deref(), Ok("v3.11.2"));
        assert_eq!(node("steps.a.outputs.cache-hit != 'true'").as_deref(), Ok("true"));
        assert!(
            node("steps.a.outputs.cache-hit").is_err() && node("steps.a.outputs.cache-primary-key").is_err()
        );
        assert_eq!(
            value(of("actions/setup-java", &asked), "steps.a.outputs.distribution").as_deref(),
            Ok("temurin")
        );
        assert!(value(of("actions/setup-java", &asked), "steps.a.outputs.path").is_err());
        assert!(value(of("dtolnay/rust-toolchain", &asked), "steps.a.outputs.cachekey").is_err());
        assert_eq!(value(of_empty_cache("actions/cache"), "steps.a.outputs.cache-hit").as_deref(), Ok(""));
        assert_eq!(
            value(of_empty_cache("Swatinem/rust-cache"), "steps.a.outputs.cache-hit").as_deref(),
            Ok("false")
        );
    }
}
