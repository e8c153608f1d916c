//! Workers and coordinators over TLS: the server is the one that the named authority vouches for, or nobody speaks to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::matrix::repository;
use crate::matrix_run::here;
use crate::support::{client, expect, said};
use crate::workers::{Server, Team};

/// Runs `openssl` in a folder.
fn openssl(program: &Path, folder: &Path, line: &str) {
    let made = Command::new(program).args(line.split(' ')).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "openssl {line}: {}", said(&made));
}

/// An authority and a certificate of it for this machine, as `NAME.pem`, `NAME-server.pem` and `NAME-server.key`.
fn authority(program: &Path, folder: &Path, name: &str) -> PathBuf {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        program,
        folder,
        &format!("req -x509 {key} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"),
    );
    openssl(
        program,
        folder,
        &format!("req -new {key} -keyout {name}-server.key -out {name}.csr -subj /CN={name}-server"),
    );
    openssl(
        program,
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA {name}.pem -CAkey {name}.key -CAcreateserial -days 2 -extfile names -out {name}-server.pem"
        ),
    );
    folder.join(format!("{name}.pem"))
}

#[test]
fn entries_travel_over_tls_and_an_impostor_is_not_spoken_to() {
    let Some(program) = client("openssl", "Debian's package `openssl`") else { return };
    let folder = tempfile::tempdir().unwrap();
    let [ours, other] = ["ours", "other"].map(|name| authority(&program, folder.path(), name));
    let file = |name: &str| folder.path().join(name).display().to_string();
    let tls = format!(
        "tls {{ cert_file: {:?}, key_file: {:?} }}\n",
        file("ours-server.pem"),
        file("ours-server.key")
    );
    let Some(server) = Server::over_tls(&tls) else { return };
    let workflow =
        format!("on: push\njobs: {{ test: {{ runs-on: {}, steps: [{{ run: 'true' }}] }} }}\n", here());
    let (team, project) = (Team::of(&["deb"]), repository(&[("ci.yml", &workflow)]));

    let _worker = team.worker_with(&server, "deb", |command| command.arg("--ca").arg(&ours));
    let authority = |path: &Path| ["--ca".to_owned(), path.display().to_string()];
    let with = |path: &Path| {
        let arguments = authority(path);
        team.matrix(&server, project.path(), &arguments.each_ref().map(String::as_str)).end()
    };
    let good = with(&ours);
    expect(&good, 0);
    assert!(said(&good).contains("workers: deb ("), "{}", said(&good));

    // Vouched for by another authority, or by none of the public ones.
    for bad in [with(&other), team.matrix(&server, project.path(), &[]).end()] {
        expect(&bad, 20);
        assert!(
            said(&bad).contains("cannot be used") && said(&bad).contains("certificate"),
            "{}",
            said(&bad)
        );
    }
}
