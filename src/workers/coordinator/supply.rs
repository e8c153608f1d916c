//! What a run has at the server: a stream of jobs with its queues, a stream of answers, and what each worker needs. All of
//! it is taken away at the end. Should nobody come to do that, the server forgets it after a day.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::object_store;
use async_nats::jetstream::stream::{Config, RetentionPolicy};

use crate::workers::error::WorkersError;
use crate::workers::server::{Server, refused};
use crate::workers::subject::{KITS, QueueName, READER, RunId};

/// After this the server forgets what nobody has taken away.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the coordinator may take with an answer.
const READING: Duration = Duration::from_secs(30);
/// More entries than any matrix has at once.
const MOST_UNANSWERED: i64 = 100_000;

/// The streams of a run. Makes what is not there.
pub(super) async fn make_streams(server: &Server, run: &RunId) -> Result<(), WorkersError> {
    let stream = |name: String, subject: String, retention| Config {
        name,
        subjects: vec![subject],
        retention,
        max_age: LONGEST,
        // Whatever is sent a second time within its life is the same.
        duplicate_window: LONGEST,
        ..Config::default()
    };
    let jobs = stream(run.jobs(), run.all_jobs(), RetentionPolicy::WorkQueue);
    let answers = stream(run.answers(), run.all_answers(), RetentionPolicy::Limits);
    let failed = |error: &dyn std::error::Error| refused("make the streams of a run", error);
    server.jetstream.get_or_create_stream(jobs).await.map_err(|error| failed(&error))?;
    let answers = server.jetstream.get_or_create_stream(answers).await.map_err(|error| failed(&error))?;
    let reader = pull::Config {
        durable_name: Some(READER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: READING,
        max_ack_pending: MOST_UNANSWERED,
        ..pull::Config::default()
    };
    answers.get_or_create_consumer(READER, reader).await.map_err(|error| failed(&error))?;
    Ok(())
}

/// A queue of a run, if it is not there.
pub(super) async fn make_queue(
    server: &Server,
    run: &RunId,
    queue: &QueueName,
    ack_wait: Duration,
) -> Result<(), WorkersError> {
    let failed = |error: &dyn std::error::Error| refused(&format!("make the queue `{queue}`"), error);
    let stream = server.jetstream.get_stream(run.jobs()).await.map_err(|error| failed(&error))?;
    let config = pull::Config {
        durable_name: Some(queue.to_string()),
        ack_policy: AckPolicy::Explicit,
        ack_wait,
        max_ack_pending: MOST_UNANSWERED,
        filter_subject: run.job(queue),
        ..pull::Config::default()
    };
    stream.get_or_create_consumer(queue.as_str(), config).await.map_err(|error| failed(&error))?;
    Ok(())
}

/// The bucket with what workers need. Makes it if it is not there.
pub(super) async fn kits(server: &Server) -> Result<object_store::ObjectStore, WorkersError> {
    if let Ok(store) = server.jetstream.get_object_store(KITS).await {
        return Ok(store);
    }
    let config =
        object_store::Config { bucket: KITS.to_owned(), max_age: LONGEST, ..object_store::Config::default() };
    let made = server.jetstream.create_object_store(config).await;
    made.map_err(|error| refused("make the bucket for what workers need", &error))
}

/// Puts into the bucket what a worker needs.
pub(super) async fn put_kit(server: &Server, name: &str, sealed: &[u8]) -> Result<(), WorkersError> {
    let store = kits(server).await?;
    let put = store.put(name, &mut &*sealed).await;
    put.map(drop).map_err(|error| refused("take what a worker needs", &error))
}

/// Takes everything away that a run has at the server. What cannot be taken away is told.
pub(super) async fn take_away(server: &Server, run: &RunId, kits_of_run: &[String]) -> Vec<String> {
    let mut left = Vec::new();
    for stream in [run.jobs(), run.answers()] {
        let is_there = server.jetstream.get_stream(&stream).await.is_ok();
        if is_there && let Err(error) = server.jetstream.delete_stream(&stream).await {
            left.push(format!("the stream `{stream}`: {error}"));
        }
    }
    if kits_of_run.is_empty() {
        return left;
    }
    match server.jetstream.get_object_store(KITS).await {
        Ok(store) => {
            for kit in kits_of_run {
                let is_there = store.info(kit).await.is_ok();
                if is_there && let Err(error) = store.delete(kit).await {
                    left.push(format!("the object `{kit}`: {error}"));
                }
            }
            left.extend(forget_deleted(server, run).await.err());
        }
        Err(error) => left.push(format!("the bucket `{KITS}`: {error}")),
    }
    left
}

/// A deleted object leaves its name behind.
async fn forget_deleted(server: &Server, run: &RunId) -> Result<(), String> {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE;
    let stream =
        server.jetstream.get_stream(format!("OBJ_{KITS}")).await.map_err(|error| error.to_string())?;
    let mut subjects =
        stream.info_with_subjects(format!("$O.{KITS}.M.>")).await.map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    while let Some(Ok((subject, _))) = futures::StreamExt::next(&mut subjects).await {
        names.push(subject);
    }
    for subject in names {
        let encoded = subject.rsplit('.').next().unwrap_or_default();
        let name = BASE64_URL_SAFE.decode(encoded).unwrap_or_default();
        if name.starts_with(format!("{run}.").as_bytes()) {
            stream.purge().filter(subject).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
