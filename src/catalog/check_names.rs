//! Names in a catalog: repositories and tests stand once, files are inside their repository, and the mail server is one.

use super::mail::MailFacts;
use super::repo::Repo;
use super::smtp::smtp_url;
use crate::archive_address::page_of;
use crate::ids::Login;
use crate::input::{InputError, KeyPart, Source};

/// Nobody counts twice where approvals are counted.
pub(super) fn check_maintainers(source: &Source, maintainers: &[Login]) -> Result<(), InputError> {
    let is_repeated = |at: &usize| maintainers[..*at].contains(&maintainers[*at]);
    let Some(position) = (0..maintainers.len()).find(is_repeated) else { return Ok(()) };
    let login = &maintainers[position];
    Err(source.error_at(
        &[KeyPart::Key("maintainers"), KeyPart::Index(position)],
        format!("`{login}` is among the maintainers twice; GitHub's logins are the same in any case"),
        "keep one of the two",
    ))
}

/// A mail server that is none is found when the catalog is read, and not when the first mail is sent.
pub(super) fn check_server(source: &Source, mail: &MailFacts) -> Result<(), InputError> {
    check_archive(source, mail)?;
    let Some(server) = &mail.smtp else { return Ok(()) };
    let Err(reason) = smtp_url(server) else { return Ok(()) };
    Err(source.error_at(
        &[KeyPart::Key("mail"), KeyPart::Key("smtp")],
        format!("`{server}` is not a mail server: {reason}"),
        "write `smtps://user@host`, or `smtp://user@host:587` for STARTTLS",
    ))
}

/// So is an archive in which no mail could be found.
fn check_archive(source: &Source, mail: &MailFacts) -> Result<(), InputError> {
    let Some(address) = mail.archive.as_ref() else { return Ok(()) };
    if page_of(address, "id").is_some() {
        return Ok(());
    }
    Err(source.error_at(
        &[KeyPart::Key("mail"), KeyPart::Key("archive")],
        format!("`{address}` is no address at which a mail is found"),
        "write where a mail is in the archive, with `{id}` for its Message-ID: `https://lore.example/pump/{id}/`",
    ))
}

/// A repository stands once, in whatever case it is written: GitHub's names are the same in any.
pub(super) fn check_once(
    earlier: &[Repo],
    source: &Source,
    path: [KeyPart<'_>; 2],
    repo: &Repo,
) -> Result<(), InputError> {
    let is_same = |other: &&Repo| other.name.as_str().eq_ignore_ascii_case(repo.name.as_str());
    let message = match earlier.iter().find(is_same) {
        None => return Ok(()),
        Some(other) if other.name == repo.name => {
            format!("the repository `{}` is in the catalog twice", repo.name)
        }
        Some(other) => format!("`{}` and `{}` are one repository on GitHub", other.name, repo.name),
    };
    Err(source.error_at(&[path[0], path[1], KeyPart::Key("name")], message, "keep one of the two entries"))
}

/// Evidence is told by the names of tests.
pub(super) fn check_tests(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let is_repeated =
        |at: &usize| repo.tests[..*at].iter().any(|earlier| earlier.name == repo.tests[*at].name);
    let Some(position) = (0..repo.tests.len()).find(is_repeated) else { return Ok(()) };
    let at = [path[0], path[1], KeyPart::Key("test"), KeyPart::Index(position), KeyPart::Key("name")];
    let message = format!("`{}` has two tests of the name `{}`", repo.name, repo.tests[position].name);
    Err(source.error_at(&at, message, "give each a name of its own: results are told by it"))
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;

    fn refused(mail: &str, repo: &str) -> String {
        let text = format!(
            "organisation = 'Acme'\n[mail]\nfrom = 'a@acme.example'\nannounce = ['b@acme.example']\n{mail}\n\
             [[repo]]\nname = 'acme/pump'\nproject = 'Pump'\n{repo}\n"
        );
        match Catalog::load(&Source::from_text("catalog.toml", text)) {
            Ok(_) => "taken".to_owned(),
            Err(error) => {
                let (line, column) = error.line_and_column().unwrap();
                format!("{line}:{column}: {error}; {}", error.hint.as_ref().unwrap())
            }
        }
    }

    #[test]
    fn nobody_is_among_the_maintainers_twice() {
        let text = "organisation = 'Acme'\nmaintainers = ['ann', 'bob', 'Ann']\n[mail]\nfrom = 'a@a.example'\nannounce = ['b@a.example']\n";
        let error = Catalog::load(&Source::from_text("catalog.toml", text)).unwrap_err();
        assert_eq!(error.line_and_column(), Some((2, 30)), "{error}");
        assert!(error.to_string().contains("`Ann` is among the maintainers twice"), "{error}");
    }

    #[rstest::rstest]
    #[case("[[repo]]\nname = 'acme/valve'\nproject = 'Valve'", "taken")]
    #[case(
        "[[repo]]\nname = 'acme/pump'\nproject = 'Pump'",
        "10:8: the repository `acme/pump` is in the catalog twice; keep one of the two entries"
    )]
    #[case(
        "[[repo]]\nname = 'Acme/Pump'\nproject = 'Pump'",
        "10:8: `acme/pump` and `Acme/Pump` are one repository on GitHub; keep one of the two entries"
    )]
    fn repository_stands_once_in_whatever_case(#[case] other: &str, #[case] expected: &str) {
        assert_eq!(refused("", other), expected);
    }

    #[test]
    fn tests_of_a_repository_have_names_of_their_own() {
        let test = |name: &str| format!("[[repo.test]]\nname = '{name}'\nrun = ['true']\n");
        assert_eq!(refused("", &(test("unit") + &test("lint"))), "taken");
        assert_eq!(
            refused("", &(test("unit") + &test("unit"))),
            "13:8: `acme/pump` has two tests of the name `unit`; give each a name of its own: results are told by it"
        );
    }

    #[rstest::rstest]
    #[case("file = 'docs/NEWS.md'", "taken")]
    #[case("file = 'news/{version}.md'\nindex = { file = 'news/all.md', entry = '- {version}' }", "taken")]
    #[case(
        "file = '../NEWS.md'",
        "11:8: `../NEWS.md` is no file as seen from the root of the repository; write it as in `docs/CHANGELOG.md`, without \
         `..` and without a slash at its start"
    )]
    #[case(
        "file = 'news/{version}.md'\nindex = { file = '/news.md', entry = '- {version}' }",
        "12:18: `/news.md` is no file as seen from the root of the repository; write it as in `docs/CHANGELOG.md`, without \
         `..` and without a slash at its start"
    )]
    fn notes_are_inside_the_repository(#[case] notes: &str, #[case] expected: &str) {
        assert_eq!(refused("", &format!("[repo.notes]\nentry = '- x'\n{notes}")), expected);
    }

    #[rstest::rstest]
    #[case("smtps://sec@mail.acme.example", "taken")]
    #[case("smtp://localhost:2525", "taken")]
    #[case("foo", "it is no address")]
    #[case("https://mail.acme.example", "it is neither smtp nor smtps")]
    #[case("smtp://", "it has no host")]
    #[case(
        "smtps://sec:word@mail.acme.example",
        "a password does not belong in the catalog; set LOCKGATE_SMTP_PASSWORD"
    )]
    fn mail_server_that_is_none_is_refused(#[case] server: &str, #[case] reason: &str) {
        let said = refused(&format!("smtp = '{server}'"), "");
        let expected = match reason {
            "taken" => "taken".to_owned(),
            reason => format!(
                "5:8: `{server}` is not a mail server: {reason}; write `smtps://user@host`, or `smtp://user@host:587` for STARTTLS"
            ),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn archive_in_which_no_mail_could_be_found_is_refused() {
        let told = |address: &str| refused(&format!("archive = '{address}'"), "");
        assert_eq!(told("https://lore.example/pump/{id}/"), "taken");
        for address in ["https://lore.example/pump/", "lore.example/{id}", "{id}"] {
            let said = told(address);
            assert!(said.starts_with(&format!("5:11: `{address}` is no address")), "{said}");
        }
    }
}
