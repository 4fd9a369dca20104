//! `bottega view` from the terminal: how it starts, fails and ends, and the command it offers.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]
#![cfg(unix)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bottega_format::{ShardReader, read_sample};

use common::{bottega, generate_tiny, run};

/// Starts a viewer; gives the process and its address without `http://`.
fn start(dataset: &Path, port: &str) -> (Child, String) {
    let mut command = bottega();
    command.arg("view").arg(dataset).args(["--port", port]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("http://")
        .and_then(|url| url.strip_suffix('/'));
    let address = address
        .unwrap_or_else(|| panic!("{line:?} is no address"))
        .to_owned();
    (child, address)
}

fn get(address: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n")
        .expect("an answer has a body")
        .1
        .to_owned()
}

#[test]
fn the_command_that_the_page_offers_makes_the_sample_again() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = folder.path().join("it's $HOME & more");
    run(&mut generate_tiny(&dataset, 2)).expect_done();
    let (mut viewer, address) = start(&dataset, "0");
    let sample: serde_json::Value =
        serde_json::from_str(&get(&address, "/api/sample?row=1")).unwrap();
    let command = sample["commands"]["again"].as_str().unwrap();
    viewer.kill().unwrap();
    viewer.wait().unwrap();

    let binary = Path::new(env!("CARGO_BIN_EXE_bottega"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let id = sample["id"].as_str().unwrap();
    let again = read_sample(&folder.path().join(format!("{id}.exr"))).unwrap();
    let stored = ShardReader::open(&dataset.join("data/train-00000.parquet"))
        .unwrap()
        .planes(1)
        .unwrap();
    assert_eq!(again.planes().depth_m, stored.depth_m);
}

#[test]
fn it_ends_well_when_interrupted_and_says_where_it_listens_on_stdout_alone() {
    let folder = tempfile::tempdir().unwrap();
    run(&mut generate_tiny(folder.path(), 1)).expect_done();
    for signal in ["-INT", "-TERM"] {
        let (viewer, address) = start(folder.path(), "0");
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        assert!(get(&address, "/").contains("<title>bottega view</title>"));
        // A connection that is kept open must not hold it up.
        let idle = TcpStream::connect(&address).unwrap();
        let id = viewer.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let output = viewer.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{signal}");
        assert_eq!(output.stdout, b"", "one line was read already");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(
            talk.contains("Ctrl-C") && !talk.contains("panicked"),
            "{talk}"
        );
        drop(idle);
    }
}

#[test]
fn a_port_that_is_taken_and_a_folder_without_samples_are_told() {
    let folder = tempfile::tempdir().unwrap();
    run(bottega().arg("view").arg(folder.path())).expect_error(&["no dataset here"]);
    run(&mut generate_tiny(folder.path(), 1)).expect_done();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = bottega();
    command
        .arg("view")
        .arg(folder.path())
        .args(["--port", &port]);
    run(&mut command).expect_error(&["cannot listen on 127.0.0.1", &port, "--port"]);
}
