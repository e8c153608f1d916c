//! The remotes of one place: listing, fetching, pushing, backing up.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::classify::{classify, is_unexplained};
use super::command::{Credentials, GitExit, Limits, git};
use super::error::TransportError;
use super::exchange::{Exchange, words};
use super::listings::{Patterns, RemoteRefs};
use super::push::{self, PushOutcome, RefUpdate};
use super::turns::Turns;
use super::web::Web;
use crate::egress::Permit;
use crate::failure::{Effect, ServiceError as _};
use crate::ids::{CommitId, RepoName};
use crate::private_folder::private_folder_in;
use crate::programs;
use crate::shared_answers::SharedAnswers;
use crate::token::Token;

/// Where repositories are, and as whom they are used.
#[derive(Debug, Clone)]
pub struct Transport {
    base: Base,
    /// Below which address the token is sent.
    scope: String,
    token: Token,
    limits: Limits,
    fetches: Turns,
    listings: SharedAnswers<String, Patterns, Result<RemoteRefs, TransportError>>,
    web: Arc<Web>,
}

#[derive(Debug, Clone)]
enum Base {
    Address(Url),
    Directory(PathBuf),
}

/// A copy of everything that a repository holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// A bare repository.
    pub path: PathBuf,
    /// How many references it holds.
    pub refs: usize,
}

/// How long one transfer may take, a first fetch of a large repository takes minutes; and how long nothing may come: a push
/// whose answer is lost would else be waited for to the end.
const LIMITS: Limits = Limits { whole: Duration::from_secs(30 * 60), silence: Duration::from_secs(120) };

impl Transport {
    /// Repositories below this address, `{base}/{owner}/{name}.git`. With a token the user's git settings are left
    /// out; with an empty one they count (helpers, SSH).
    #[must_use]
    pub fn new(base: Url, token: impl Into<Token>) -> Transport {
        let scope = format!("{}/", base.as_str().trim_end_matches('/'));
        let base = match base.to_file_path() {
            Ok(path) if base.scheme() == "file" => Base::Directory(path),
            _ => Base::Address(base),
        };
        Transport {
            base,
            scope,
            token: token.into(),
            limits: LIMITS,
            fetches: Turns::default(),
            listings: SharedAnswers::default(),
            web: Arc::default(),
        }
    }

    /// The same with another limit for each transfer.
    #[cfg(test)]
    pub(super) fn with_limits(self, limits: Limits) -> Transport {
        Transport { limits, ..self }
    }

    /// The address of a repository; holds no credentials.
    #[must_use]
    pub fn address(&self, repo: &RepoName) -> String {
        match &self.base {
            Base::Address(base) => format!("{}/{repo}.git", base.as_str().trim_end_matches('/')),
            Base::Directory(base) => base.join(format!("{repo}.git")).display().to_string(),
        }
    }

    /// The references of a repository by full name, annotated tags at their commit. A pattern is a full name, or
    /// ends in `*`; none at all means every reference.
    ///
    /// # Errors
    /// [`TransportError`] when it cannot be reached or is not found.
    pub async fn ls_remote(
        &self,
        repo: &RepoName,
        patterns: &[&str],
    ) -> Result<BTreeMap<String, CommitId>, TransportError> {
        Ok(self.list(repo, patterns).await?.commits)
    }

    /// The same references, and which of them are annotated tags. Who asks about a repository while it is being asked is
    /// answered together with all who wait.
    ///
    /// # Errors
    /// [`TransportError`] when it cannot be reached or is not found.
    pub async fn list(&self, repo: &RepoName, patterns: &[&str]) -> Result<RemoteRefs, TransportError> {
        let remote = self.address(repo);
        let patterns = patterns.iter().map(ToString::to_string).collect();
        let list = async |asked| self.list_now(&remote, &asked).await;
        Ok(self.listings.ask(&remote, &patterns, list).await?.only(&patterns))
    }

    async fn list_now(&self, remote: &str, patterns: &Patterns) -> Result<RemoteRefs, TransportError> {
        let ended = self.with_credentials(remote, Exchange::List { patterns }).await?;
        if !ended.success() {
            return Err(explained(remote, &ended));
        }
        if ended.stdout.is_empty() && self.is_web() && !ended.headers.speak_git() {
            let said = "an empty list came, and not from git".to_owned();
            return Err(TransportError::Garbled { remote: remote.to_owned(), said });
        }
        RemoteRefs::read(&ended.stdout)
            .map_err(|line| TransportError::Unreadable { remote: remote.to_owned(), line })
    }

    fn is_web(&self) -> bool {
        matches!(&self.base, Base::Address(base) if base.scheme().starts_with("http"))
    }

    /// Fetches references into a local repository; no tags beside those asked for.
    ///
    /// # Errors
    /// [`TransportError`] when the remote cannot be reached, or lacks a reference.
    pub async fn fetch(
        &self,
        store: &Path,
        repo: &RepoName,
        refspecs: &[&str],
    ) -> Result<(), TransportError> {
        let remote = self.address(repo);
        let is_bad = |refspec: &&&str| refspec.trim_start_matches(['+', '^']).starts_with('-');
        if let Some(bad) = refspecs.iter().find(is_bad) {
            return Err(TransportError::InvalidRef { name: (*bad).to_owned() });
        }
        self.check_address(store, &remote).await?;
        let _turn = self.fetches.take(store, refspecs).await;
        let ended = self.with_credentials(&remote, Exchange::Fetch { store, refspecs }).await?;
        if ended.success() { Ok(()) } else { Err(explained(&remote, &ended)) }
    }

    /// Changes references of a remote: all of them, or none.
    ///
    /// # Errors
    /// [`TransportError::Rejected`] when a reference is not where it was expected, or is protected;
    /// [`ServiceError::effect`](crate::failure::ServiceError::effect) tells whether to look before the next attempt. A push that failed and
    /// of which the remote shows everything all the same is none: it was received.
    pub async fn push(
        &self,
        store: &Path,
        repo: &RepoName,
        updates: &[RefUpdate],
        _permit: &Permit,
    ) -> Result<Vec<PushOutcome>, TransportError> {
        let remote = self.address(repo);
        if updates.is_empty() {
            return Ok(Vec::new());
        }
        for update in updates {
            check_name(update.name())?;
            self.check_fast_forward(store, &remote, update).await?;
        }
        self.check_address(store, &remote).await?;
        match self.push_once(store, &remote, updates).await {
            Err(error) if error.effect() == Effect::Unknown && self.shows(repo, updates).await => {
                Ok(updates.iter().map(PushOutcome::changed).collect())
            }
            ended => ended,
        }
    }

    async fn push_once(
        &self,
        store: &Path,
        remote: &str,
        updates: &[RefUpdate],
    ) -> Result<Vec<PushOutcome>, TransportError> {
        let ended = self.with_credentials(remote, Exchange::Push { store, updates }).await?;
        let outcomes = push::read(remote, &ended.stdout, &ended.stderr)?;
        if ended.success() { Ok(outcomes) } else { Err(explained(remote, &ended)) }
    }

    /// Whether the remote has what was pushed: a connection that broke after the last byte leaves everything done
    /// (BP-24). If it cannot be asked, the push counts as failed.
    async fn shows(&self, repo: &RepoName, updates: &[RefUpdate]) -> bool {
        let names: Vec<&str> = updates.iter().map(RefUpdate::name).collect();
        let Ok(found) = self.ls_remote(repo, &names).await else { return false };
        updates.iter().all(|update| found.get(update.name()) == update.wanted())
    }

    /// Copies every reference of a repository to `path`, which must not exist. Half a backup is never left under
    /// that name. What `lender` has is borrowed and not copied: the backup is whole only together with it.
    ///
    /// # Errors
    /// [`TransportError::BackupExists`]; [`TransportError`] when the remote cannot be reached.
    pub async fn mirror_backup(
        &self,
        repo: &RepoName,
        path: &Path,
        lender: Option<&Path>,
    ) -> Result<Backup, TransportError> {
        let failed = |source| TransportError::Backup { path: path.to_owned(), source: Arc::new(source) };
        if path.exists() {
            return Err(TransportError::BackupExists { path: path.to_owned() });
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(failed)?;
        let parent = parent.canonicalize().map_err(failed)?;
        let half = private_folder_in(&parent, ".backup-").map_err(failed)?;
        let copy = half.path().join("copy.git");
        let remote = self.address(repo);
        let lender = lender.map(Path::canonicalize).transpose().map_err(failed)?;
        let exchange = Exchange::Mirror { parent: &parent, copy: &copy, lender: lender.as_deref() };
        let ended = self.with_credentials(&remote, exchange).await?;
        if !ended.success() {
            return Err(explained(&remote, &ended));
        }
        let list = self.git(&copy, &remote, &words(["for-each-ref", "--format=%(refname)"])).await?;
        std::fs::rename(&copy, path).map_err(failed)?;
        Ok(Backup { path: path.to_owned(), refs: list.stdout.lines().count() })
    }

    async fn check_fast_forward(
        &self,
        store: &Path,
        remote: &str,
        update: &RefUpdate,
    ) -> Result<(), TransportError> {
        let RefUpdate::Advance { name, old, new } = update else { return Ok(()) };
        let arguments = words(["merge-base", "--is-ancestor", old.as_str(), new.as_str()]);
        let ended = self.run(store, remote, &arguments).await?;
        match (ended.success(), ended.stderr.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => {
                Err(TransportError::NotFastForward { remote: remote.to_owned(), name: name.clone() })
            }
            (false, false) => Err(classify(remote, &ended)),
        }
    }

    /// `url.*.insteadOf` and `pushInsteadOf`, of the user or of the store, would send this somewhere else.
    async fn check_address(&self, store: &Path, remote: &str) -> Result<(), TransportError> {
        // With a token the user's settings are left out anyway.
        if !self.token.is_empty() && !may_name_others(store) {
            return Ok(());
        }
        let arguments = words(["config", "--includes", "--get-regexp", r"^url\..*\.(push)?insteadof$"]);
        let ended = self.run(store, remote, &arguments).await?;
        for line in ended.stdout.lines() {
            if let Some((setting, prefix)) = line.split_once(' ')
                && remote.starts_with(prefix)
            {
                return Err(TransportError::Redirected {
                    remote: remote.to_owned(),
                    setting: setting.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Runs git, and takes a failure for an error.
    async fn git(
        &self,
        directory: &Path,
        remote: &str,
        arguments: &[OsString],
    ) -> Result<GitExit, TransportError> {
        let ended = self.run(directory, remote, arguments).await?;
        if ended.success() { Ok(ended) } else { Err(explained(remote, &ended)) }
    }

    async fn run(
        &self,
        directory: &Path,
        remote: &str,
        arguments: &[OsString],
    ) -> Result<GitExit, TransportError> {
        self.with_credentials(remote, Exchange::Run { directory, arguments }).await
    }

    /// What is refused for a token that can be made anew was not carried out, and is tried with the next one.
    async fn with_credentials(
        &self,
        remote: &str,
        exchange: Exchange<'_>,
    ) -> Result<GitExit, TransportError> {
        let credentials = self.credentials(remote).await?;
        let ended = self.once(remote, &credentials, exchange).await?;
        let is_refused =
            !ended.success() && matches!(classify(remote, &ended), TransportError::AuthFailed { .. });
        match &credentials {
            Credentials::Token { token, .. } if is_refused && self.token.was_refused(token).await => {
                self.once(remote, &self.credentials(remote).await?, exchange).await
            }
            _ => Ok(ended),
        }
    }

    async fn once(
        &self,
        remote: &str,
        credentials: &Credentials,
        exchange: Exchange<'_>,
    ) -> Result<GitExit, TransportError> {
        let limits = exchange.limits(self.limits);
        // A release needs git all the same: where there is none, that is said at once.
        if exchange.may_go_without_git()
            && programs::is_git_there()
            && let Some(talk) = self.web.talk(remote, credentials, limits)
            && let Some(ended) = talk.ended(exchange.over(&talk)).await?
        {
            return Ok(ended);
        }
        let (directory, arguments) = exchange.for_git(remote);
        git(directory, credentials, remote, limits, &arguments).await
    }

    /// What identifies us now.
    async fn credentials(&self, remote: &str) -> Result<Credentials, TransportError> {
        if self.token.is_empty() {
            return Ok(Credentials::Users);
        }
        let refused = |source| TransportError::NoToken { remote: remote.to_owned(), source };
        let token = self.token.current().await.map_err(refused)?;
        Ok(Credentials::Token { base: self.scope.clone(), token })
    }
}

/// Why git failed; of a redirect also where to, and of a limit for how long, which git itself does not tell.
fn explained(remote: &str, ended: &GitExit) -> TransportError {
    let headers = &ended.headers;
    match classify(remote, ended) {
        TransportError::Moved { remote, .. } => TransportError::Moved { remote, to: headers.redirected_to() },
        TransportError::Limited { remote, said, .. } => {
            TransportError::Limited { remote, retry_after: headers.limited(), said }
        }
        TransportError::AuthFailed { remote, said } if is_unexplained(&ended.stderr) => {
            match headers.limited() {
                None => TransportError::AuthFailed { remote, said },
                retry_after => TransportError::Limited { remote, retry_after, said },
            }
        }
        error => error,
    }
}

/// Whether the settings of a repository say anything of other addresses or other files: git is asked then, since it alone
/// reads them as git does.
fn may_name_others(repository: &Path) -> bool {
    let Ok(settings) = std::fs::read_to_string(repository.join("config")) else { return true };
    let settings = settings.to_ascii_lowercase();
    ["insteadof", "include", "worktreeconfig"].iter().any(|word| settings.contains(word))
}

/// A full name that cannot be read as an option, a pattern or two names.
fn check_name(name: &str) -> Result<(), TransportError> {
    let good = name.starts_with("refs/")
        && !name.ends_with('/')
        && !name.contains("..")
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c));
    if good { Ok(()) } else { Err(TransportError::InvalidRef { name: name.to_owned() }) }
}
