//! The address of a mail server, as the catalog writes it.

use url::Url;

/// Reads `smtp://host:port` or `smtps://user@host:port`.
///
/// # Errors
/// Why it is none, as the rest of a sentence.
pub fn smtp_url(text: &str) -> Result<Url, &'static str> {
    let url: Url = text.parse().map_err(|_| "it is no address")?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err("it is neither smtp nor smtps");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it has no host");
    }
    if url.password().is_some() {
        return Err("a password does not belong in the catalog; set LOCKGATE_SMTP_PASSWORD");
    }
    Ok(url)
}
