//! The environment of a command on its way into its namespaces: by a pipe, since everybody sees the words of a process, and since
//! nothing on the way may take it for its own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Variables as they are told: `NAME=VALUE`, each ended by a zero byte.
///
/// # Errors
/// One of them holds a zero byte, as none can.
pub(super) fn told(variables: &BTreeMap<OsString, OsString>) -> io::Result<Vec<u8>> {
    let mut told = Vec::new();
    for (name, value) in variables {
        let (name, value) = (name.as_bytes(), value.as_bytes());
        if name.is_empty() || name.contains(&b'=') || name.contains(&0) || value.contains(&0) {
            let name = String::from_utf8_lossy(name).into_owned();
            let what = format!("the variable `{name}` cannot be in an environment");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        told.extend([name, b"=", value, b"\0"].concat());
    }
    Ok(told)
}

/// The variables as they arrive, at the end of what is told.
///
/// # Errors
/// It cannot be read, or ends in the middle.
pub(super) fn heard(mut from: impl Read) -> io::Result<BTreeMap<OsString, OsString>> {
    let mut told = Vec::new();
    from.read_to_end(&mut told)?;
    if told.last().is_some_and(|last| *last != 0) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let variables = told.split(|byte| *byte == 0).filter(|variable| !variable.is_empty());
    let one = |variable: &[u8]| {
        let at = variable.iter().position(|byte| *byte == b'=').ok_or(io::ErrorKind::InvalidData)?;
        let (name, value) = (variable[..at].to_vec(), variable[at + 1..].to_vec());
        Ok((OsString::from_vec(name), OsString::from_vec(value)))
    };
    variables.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard() {
        let variables = [("A", "1"), ("EMPTY", ""), ("LINES", "one\ntwo"), ("SUM", "a=b=c")];
        let variables: BTreeMap<OsString, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let bytes = told(&variables).unwrap();
        assert_eq!(heard(&bytes[..]).unwrap(), variables);
        assert_eq!(heard(&b""[..]).unwrap(), BTreeMap::new());
        assert!(heard(&bytes[..bytes.len() - 1]).is_err(), "half of it is none");
    }

    #[test]
    fn no_value_brings_another_variable_along() {
        for (name, value) in [("A", "1\0LD_PRELOAD=x"), ("A\0B", "1"), ("A=B", "1"), ("", "1")] {
            assert!(told(&BTreeMap::from([(name.into(), value.into())])).is_err(), "{name:?}");
        }
    }
}
