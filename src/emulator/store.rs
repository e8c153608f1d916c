//! The world on disk: documents by kind and key in one SQLite file, so that a world outlives SIGKILL.
//!
//! Write-ahead logging with `synchronous=NORMAL` keeps every committed transaction when the process is
//! killed; only a power failure can lose the last ones, and a rehearsal does not survive that anyway.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why the world's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the world's database refused")]
    Database(#[from] rusqlite::Error),
    /// A document is not what it should be: another version of the program wrote it.
    #[error("the document `{kind}/{key}` of the world is unreadable")]
    Document {
        /// The kind of document.
        kind: &'static str,
        /// Its key.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The open file.
pub(crate) struct DocumentStore(Connection);

/// One document written or removed.
pub(crate) struct DocumentChange {
    kind: &'static str,
    key: String,
    body: Option<String>,
}

impl DocumentStore {
    pub(crate) fn open(path: &Path) -> Result<DocumentStore, StoreError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
             PRIMARY KEY (kind, key)) WITHOUT ROWID",
        )?;
        Ok(DocumentStore(connection))
    }

    /// Everything of one kind.
    pub(crate) fn table<T: Serialize + DeserializeOwned>(
        &self,
        kind: &'static str,
    ) -> Result<Table<T>, StoreError> {
        let mut rows = BTreeMap::new();
        let mut query = self.0.prepare("SELECT key, body FROM documents WHERE kind = ?1")?;
        let mut found = query.query([kind])?;
        while let Some(row) = found.next()? {
            let (key, body): (String, String) = (row.get(0)?, row.get(1)?);
            let value = serde_json::from_str(&body).map_err(|source| StoreError::Document {
                kind,
                key: key.clone(),
                source,
            })?;
            rows.insert(key, value);
        }
        Ok(Table { kind, rows, dirty: BTreeSet::new() })
    }

    /// One transaction.
    pub(crate) fn write(&mut self, changes: &[DocumentChange]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let transaction = self.0.transaction()?;
        {
            let mut put =
                transaction.prepare_cached("INSERT OR REPLACE INTO documents VALUES (?1, ?2, ?3)")?;
            let mut drop =
                transaction.prepare_cached("DELETE FROM documents WHERE kind = ?1 AND key = ?2")?;
            for change in changes {
                match &change.body {
                    Some(body) => put.execute(params![change.kind, change.key, body])?,
                    None => drop.execute(params![change.kind, change.key])?,
                };
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The documents of one kind, held in memory; what was touched is written by the next commit.
pub(crate) struct Table<T> {
    kind: &'static str,
    rows: BTreeMap<String, T>,
    dirty: BTreeSet<String>,
}

impl<T: Serialize> Table<T> {
    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.rows.get(key)
    }

    /// For changing; the document counts as touched.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(key)?;
        self.dirty.insert(key.to_owned());
        Some(row)
    }

    pub(crate) fn insert(&mut self, key: impl Into<String>, row: T) {
        let key = key.into();
        self.dirty.insert(key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.dirty.insert(key.to_owned());
        self.rows.remove(key)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&String, &T)> {
        self.rows.iter()
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// The documents whose keys begin so, in order.
    pub(crate) fn within(&self, prefix: impl Into<String>) -> impl Iterator<Item = (&String, &T)> {
        let prefix = prefix.into();
        self.rows.range(prefix.clone()..).take_while(move |(key, _)| key.starts_with(&prefix))
    }

    /// Removes every document whose key begins so.
    pub(crate) fn remove_within(&mut self, prefix: &str) {
        let keys: Vec<String> = self.within(prefix).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.remove(&key);
        }
    }

    /// What was touched since the last call.
    pub(crate) fn drain(&mut self, changes: &mut Vec<DocumentChange>) -> Result<(), StoreError> {
        for key in std::mem::take(&mut self.dirty) {
            let body = match self.rows.get(&key) {
                Some(row) => Some(serde_json::to_string(row).map_err(|source| StoreError::Document {
                    kind: self.kind,
                    key: key.clone(),
                    source,
                })?),
                None => None,
            };
            changes.push(DocumentChange { kind: self.kind, key, body });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_there_after_reopening_and_the_rest_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.db");
        let mut store = DocumentStore::open(&path).unwrap();
        let mut table: Table<String> = store.table("word").unwrap();
        table.insert("a", "one".to_owned());
        let mut changes = Vec::new();
        table.drain(&mut changes).unwrap();
        store.write(&changes).unwrap();
        table.insert("b", "two".to_owned());
        drop(store);
        let table: Table<String> = DocumentStore::open(&path).unwrap().table("word").unwrap();
        assert_eq!(table.get("a").map(String::as_str), Some("one"));
        assert!(table.get("b").is_none());
    }
}
