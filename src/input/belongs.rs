//! Where in a file a key belongs that stands in a table which has none of this name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// As many tables are named, those first that are nearest to the top of the file.
const MOST: usize = 3;

/// The tables of the file with this schema that have the key, as TOML writes them. `known` are the keys of the table that it stands in,
/// which is not named: there it is refused.
pub(super) fn tables_with(schema: &Value, key: &str, known: &[&str]) -> Vec<String> {
    let mut walk = Walk { schema, key, known, found: BTreeMap::new(), open: Vec::new() };
    walk.table(schema, &Place::default());
    let mut found: Vec<(usize, String)> = walk.found.into_iter().map(|(name, depth)| (depth, name)).collect();
    found.sort();
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// How a table is reached from the top of the file.
#[derive(Debug, Clone, Default)]
struct Place {
    keys: Vec<String>,
    is_list: bool,
}

impl Place {
    fn below(&self, key: &str, is_list: bool) -> Place {
        Place { keys: self.keys.iter().cloned().chain([key.to_owned()]).collect(), is_list }
    }

    fn name(&self) -> String {
        match (self.keys.join("."), self.is_list) {
            (keys, _) if keys.is_empty() => "the top of the file, before any `[table]`".to_owned(),
            (keys, true) => format!("`[[{keys}]]`"),
            (keys, false) => format!("`[{keys}]`"),
        }
    }
}

struct Walk<'a> {
    schema: &'a Value,
    key: &'a str,
    known: &'a [&'a str],
    /// The name of each table, and how deep it is.
    found: BTreeMap<String, usize>,
    /// The definitions that are being walked: one may hold itself.
    open: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn table(&mut self, at: &'a Value, place: &Place) {
        let Some(name) = at.get("$ref").and_then(Value::as_str) else {
            return self.own(at, place);
        };
        if self.open.contains(&name) {
            return;
        }
        if let Some(definition) = name.strip_prefix('#').and_then(|pointer| self.schema.pointer(pointer)) {
            self.open.push(name);
            self.table(definition, place);
            self.open.pop();
        }
        self.own(at, place);
    }

    fn own(&mut self, at: &'a Value, place: &Place) {
        for form in ["anyOf", "oneOf", "allOf"] {
            let forms = at.get(form).and_then(Value::as_array);
            forms.into_iter().flatten().for_each(|form| self.table(form, place));
        }
        if let Some(items) = at.get("items") {
            self.table(items, &Place { is_list: true, ..place.clone() });
        }
        if let Some(named) = at.get("additionalProperties").filter(|named| named.is_object()) {
            self.table(named, &place.below("NAME", false));
        }
        let Some(properties) = at.get("properties").and_then(Value::as_object) else { return };
        if properties.contains_key(self.key) && !self.is_where_it_stands(properties) {
            self.found.entry(place.name()).or_insert(place.keys.len());
        }
        for (key, value) in properties {
            self.table(value, &place.below(key, false));
        }
    }

    fn is_where_it_stands(&self, properties: &serde_json::Map<String, Value>) -> bool {
        let all: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        !self.known.is_empty() && self.known.iter().all(|key| all.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct File {
        title: String,
        house: Vec<House>,
        owner: Option<Person>,
        rooms: BTreeMap<String, Room>,
    }

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct House {
        street: String,
        door: Vec<Door>,
        annex: Option<Box<House>>,
    }

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct Door {
        lock: String,
    }

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct Person {
        name: String,
        phone: String,
    }

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct Room {
        phone: String,
    }

    #[test]
    fn tables_are_named_as_they_are_written() {
        let schema = serde_json::to_value(schemars::schema_for!(File)).unwrap();
        let tables = |key, known: &[&str]| tables_with(&schema, key, known).join(", ");
        assert_eq!(tables("lock", &["street", "door", "annex"]), "`[[house.door]]`");
        assert_eq!(tables("phone", &["title"]), "`[owner]`, `[rooms.NAME]`");
        assert_eq!(tables("phone", &["name", "phone"]), "`[rooms.NAME]`", "not the one that it stands in");
        assert_eq!(tables("title", &["street"]), "the top of the file, before any `[table]`");
        assert_eq!(tables("window", &["street"]), "");
    }
}
