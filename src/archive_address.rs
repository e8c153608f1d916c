//! Where the archive of a mailing list shows a mail.

use url::Url;
use url::form_urlencoded::byte_serialize;

/// Where the id of a mail stands in the address of an archive.
const ID: &str = "{id}";

/// The address at which an archive, such as `https://lore.example/pump/{id}/`, shows the mail of this Message-ID; `None` if it is
/// no address of the web, or would show every mail at one place.
#[must_use]
pub fn page_of(archive: &str, id: &str) -> Option<Url> {
    let id: String = byte_serialize(id.trim_matches(['<', '>']).as_bytes()).collect();
    let page: Url = archive.replace(ID, &id).parse().ok()?;
    (archive.contains(ID) && matches!(page.scheme(), "http" | "https")).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_of_a_mail_is_at_its_id() {
        let at = |address: &str| page_of(address, "<a.b+c@lists.example>").map(String::from);
        assert_eq!(
            at("https://lore.example/pump/{id}/").as_deref(),
            Some("https://lore.example/pump/a.b%2Bc%40lists.example/")
        );
        for address in ["https://lore.example/pump/", "lore.example/{id}", "ftp://lore.example/{id}", "{id}"]
        {
            assert_eq!(at(address), None, "{address}");
        }
    }
}
