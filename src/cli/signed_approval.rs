//! `lockgate approve --request`, `--sign` and `--from`: an approval by somebody who has no terminal here.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{decide, followed, judged};
use super::exit::Exit;
use super::problem::{Problem, io_problem};
use super::{private_file, world};
use crate::control::{
    ApprovalPaper, DecisionRequest, Home, HomeKind, NAMESPACE, OpenGate, Opened, SignedApproval,
};
use crate::git::{sign_text, signing_key_of};
use crate::ids::Login;
use crate::rehearsal::RehearsalWorld;
use crate::run::Proof;
use crate::wording::counted;
use crate::wording::quoted;

/// Writes what a gate shows, for somebody else's machine.
pub(super) fn request(opened: &Opened, gate: &OpenGate, file: &Path) -> Result<Answer, Problem> {
    let paper = ApprovalPaper::of(&opened.plan, gate);
    write(file, &paper)?;
    let commands = Commands::of(opened);
    let who = commands.next_approver(&paper.gate, &gate.digest);
    let sign = format!("lockgate approve --sign --what {} --as {who}", quoted(&file.display().to_string()));
    let from = commands.approve_from(&approval_file(&paper.gate, &who));
    Answer::new(
        Exit::Waiting,
        format!(
            "what gate {} shows is in {}, digest {}; it is under embargo, pass it on in private\n\
             whoever approves it types, on their own machine: {sign}\n\
             what comes back is taken in with: {from}",
            paper.gate,
            file.display(),
            paper.digest()
        ),
    )
    .next([sign])
    .with(&json!({ "file": file, "gate": paper.gate, "digest": paper.digest() }))
}

/// Where a signed approval goes, unless it is said otherwise.
fn approval_file(gate: &str, name: &str) -> String {
    format!("approval-{gate}-{name}.json")
}

/// Signs the approval of what a paper says, and writes it to a file of its own.
pub(super) fn sign(
    paper: &ApprovalPaper,
    name: &Login,
    key: Option<&Path>,
    out: Option<&Path>,
) -> Result<Answer, Problem> {
    let mut approval = paper.approval(name.clone());
    approval.signature = sign_text(approval.statement().as_bytes(), NAMESPACE, key).map_err(|error| {
        Problem::input(error.to_string(), "name the key with `--key FILE`; GitHub must publish it for you")
    })?;
    let file = out.map_or_else(|| PathBuf::from(approval_file(&paper.gate, name.as_str())), Path::to_owned);
    write(&file, &approval)?;
    Answer::done(format!("{}\n\n{}", paper.shown.trim_end(), paper.question))
        .and(format!(
            "{name} approves gate {} of {} at digest {}; the signed approval is in {}: send it to whoever runs the release",
            paper.gate,
            paper.release,
            approval.digest,
            file.display()
        ))
        .with(&json!({ "file": file, "gate": paper.gate, "digest": approval.digest, "by": name }))
}

/// What somebody was sent.
pub(super) fn paper(file: &Path) -> Result<ApprovalPaper, Problem> {
    read(file, "is not what `lockgate approve --request` writes")
}

/// Takes a signed approval in, once GitHub says that its key is that of whoever approves.
pub(super) async fn take_in(home: &Home, file: &Path) -> Result<Answer, Problem> {
    let approval: SignedApproval = read(file, "is no signed approval")?;
    let opened = home.open()?;
    let release = &opened.plan.inputs.release.id;
    if approval.release != *release {
        return Err(Problem::input(
            format!("this approves the release `{}`, and here is `{release}`", approval.release),
            "give the directory of that release with --dir",
        ));
    }
    let request = |proof| DecisionRequest::Approve {
        gate: approval.gate.clone(),
        who: approval.by.clone(),
        read: approval.digest.to_string(),
        proof,
    };
    judged(&opened, &request(None))?;
    let key = key_of(&opened, &approval).await?;
    let told = format!(
        "{} approved gate {} at digest {}, signed with {key}",
        approval.by, approval.gate, approval.digest
    );
    let proof = Proof::Signature { key: key.clone(), signature: approval.signature.clone() };
    drop(opened);
    let decided = decide(home, &request(Some(proof)))?;
    let missing = decided.ruling.still_missing;
    let data = json!({
        "gate": approval.gate, "digest": approval.digest, "by": approval.by, "key": key, "missing": missing,
        "taken_by": decided.taken_by,
    });
    let answer = Answer::done(told);
    match missing {
        0 => followed(answer, home, &decided)?,
        more => answer.and(format!("{} needed, from other people", counted(more, "more approval"))),
    }
    .with(&data)
}

/// The key of the person that made the signature.
async fn key_of(opened: &Opened, approval: &SignedApproval) -> Result<String, Problem> {
    let by = &approval.by;
    let keys = published_keys(opened, by).await?;
    if keys.is_empty() {
        return Err(Problem::input(
            format!("GitHub publishes no SSH key of `{by}`"),
            "they add the one that they sign with to their account (Settings, SSH and GPG keys), then the same again",
        ));
    }
    let statement = approval.statement();
    let found = signing_key_of(statement.as_bytes(), NAMESPACE, &approval.signature, &keys)
        .map_err(|error| Problem::outside(&error).hinted("install OpenSSH 8.2 or newer"))?;
    found.ok_or_else(|| {
        Problem::input(
            format!(
                "none of the {} which GitHub publishes for `{by}` made this signature",
                counted(keys.len(), "key")
            ),
            "the file was changed after it was signed, or signed with another key; they sign it again",
        )
    })
}

async fn published_keys(opened: &Opened, login: &Login) -> Result<Vec<String>, Problem> {
    let asked = match opened.home().kind {
        HomeKind::Real => world::github(&opened.plan.inputs.catalog).await?.ssh_keys(login).await,
        HomeKind::Rehearsal => {
            // Two processes must not serve one world.
            let _alone = opened.home().lock()?;
            let emulated = RehearsalWorld::open(opened.home(), None).await?;
            let asked = emulated.connect().await?.github.ssh_keys(login).await;
            emulated.close().await;
            asked
        }
    };
    asked.map_err(|error| {
        Problem::outside(&error).hinted("check the token in GH_TOKEN and the network, then try again")
    })
}

fn write(file: &Path, content: &impl Serialize) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(content)?;
    private_file::write(file, &(text + "\n"))
}

fn read<T: DeserializeOwned>(file: &Path, wrong: &str) -> Result<T, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Problem::input(
            format!("there is no file `{}`", file.display()),
            "give the file that you were sent",
        ),
        _ => io_problem("read", file, &error),
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Problem::input(format!("`{}` {wrong}: {error}", file.display()), "have it sent again")
    })
}
