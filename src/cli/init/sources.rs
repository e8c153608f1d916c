//! Where the repositories come from: directories of this machine, and GitHub.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use url::Url;

use crate::cli::bar::Bar;
use crate::cli::credentials::token;
use crate::cli::problem::Problem;
use crate::cli::temporary;
use crate::clock::Clock;
use crate::discovery::{Discovered, HostedFacts, discover};
use crate::git::{Store, Transport};
use crate::github::{Client, Endpoint};
use crate::ids::{Login, RepoName};
use crate::rehearsal::Mirrors;
use crate::token::Token;

/// The services that are asked where a repository is not on this machine.
pub(super) struct Places<'a> {
    api: &'a Url,
    git: &'a Url,
    token: Option<Token>,
}

/// A repository that was looked at.
pub(super) struct Seen {
    /// What it shows.
    pub(super) found: Discovered,
    /// Where it is on this machine; nothing, if it was fetched for the occasion.
    pub(super) path: Option<PathBuf>,
}

/// A repository and the directory that it is read from.
struct Source {
    name: RepoName,
    path: PathBuf,
    /// The folder that goes when it was read.
    fetched: Option<TempDir>,
}

impl<'a> Places<'a> {
    pub(super) async fn new(api: &'a Url, git: &'a Url) -> Places<'a> {
        Places { api, git, token: token(api, &Clock::system()).await.ok() }
    }

    /// Looks at every repository that was given.
    pub(super) async fn discover(&self, given: &[String], mirrors: Mirrors) -> Result<Vec<Seen>, Problem> {
        if given.is_empty() && mirrors.is_empty() {
            return Err(Problem::input(
                "no repository was given",
                "give a clone (`lockgate init .`), a name at GitHub (`lockgate init acme/pump`), or `--mirror acme/pump=DIR`",
            ));
        }
        let bar = Bar::new(given.len() + mirrors.len());
        let mut found = Vec::new();
        let mirrors = mirrors.into_iter().map(|(name, path)| Source { name, path, fetched: None });
        for source in mirrors {
            bar.step(source.name.as_str());
            found.push(self.looked_at(source).await?);
        }
        for text in given {
            bar.step(text);
            found.push(self.looked_at(self.source(text).await?).await?);
        }
        Ok(found)
    }

    /// Whose token it is, where there is one and GitHub says.
    pub(super) async fn login(&self) -> Option<Login> {
        let client = self.client(self.token.clone()?).await?;
        Some(client.account().await.ok()?.login)
    }

    async fn client(&self, token: Token) -> Option<Client> {
        Client::connect(Endpoint::new(self.api.clone(), token, Clock::system())).await.ok()
    }

    async fn looked_at(&self, source: Source) -> Result<Seen, Problem> {
        let hosted = self.hosted(&source).await.unwrap_or_default();
        let store = Store::open(&source.path)?;
        let found = discover(&store, source.name.clone(), &hosted)?.ok_or_else(|| {
            Problem::input(
                format!("the repository `{}` in `{}` has no branch", source.name, source.path.display()),
                "give one that has commits",
            )
        })?;
        let path = source.fetched.is_none().then_some(source.path);
        Ok(Seen { found, path })
    }

    /// What GitHub says of a repository: of one that was fetched, and where there is a token. What it does not say is
    /// looked for in the repository.
    async fn hosted(&self, source: &Source) -> Option<HostedFacts> {
        let token = self.token.clone();
        let token = if source.fetched.is_some() { Some(token.unwrap_or_else(no_token)) } else { token };
        let known = self.client(token?).await?.repository(&source.name).await.ok()??;
        Some(HostedFacts { default_branch: Some(known.default_branch), methods: known.methods })
    }

    async fn source(&self, text: &str) -> Result<Source, Problem> {
        let path = Path::new(text);
        if path.is_dir() {
            let store = Store::open(path)?;
            let name = store.origin_name().ok_or_else(|| {
                Problem::input(
                    format!("the repository in `{text}` has no remote `origin` at GitHub, so its name is not known"),
                    format!("name it: `--mirror OWNER/NAME={text}`"),
                )
            })?;
            return Ok(Source { name, path: path.to_owned(), fetched: None });
        }
        let name: RepoName = text.parse().map_err(|_| {
            Problem::input(
                format!("`{text}` is neither a directory nor a repository at GitHub"),
                "give a clone, or a name such as `acme/pump`",
            )
        })?;
        self.fetched(name).await
    }

    async fn fetched(&self, name: RepoName) -> Result<Source, Problem> {
        let folder = temporary::folder("init")?;
        let path = folder.path().join("repo.git");
        Store::create(&path)?;
        let transport = Transport::new(self.git.clone(), self.token.clone().unwrap_or_else(no_token));
        let everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        transport.fetch(&path, &name, &everything).await.map_err(|error| {
            Problem::outside(&error).hinted("check the name, or clone it yourself and give the directory")
        })?;
        Ok(Source { name, path, fetched: Some(folder) })
    }
}

fn no_token() -> Token {
    Token::from(String::new())
}
