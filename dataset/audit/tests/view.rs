//! The viewer over HTTP: what it answers, what it refuses, and that nothing but the dataset leaves.
//!
//! Requests are written by hand: ordinary clients tidy up the very addresses that must be refused.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;

use serde_json::Value;

use bottega_audit::AuditError;
use bottega_audit::view::Viewer;
use bottega_format::{EncodedRow, ShardReader, synthetic};
use bottega_schemas::{DatasetPlan, OptionalPlanes, Plane};

const SIZE: (usize, usize) = (30, 40);

/// A dataset of balls with every optional plane, eight samples a shard.
fn dataset(root: &Path, n: u64) {
    let plan = DatasetPlan {
        planes: OptionalPlanes::all(),
        ..synthetic::plan("ball")
    };
    synthetic::write_dataset(root, plan, n, SIZE, |_| ()).unwrap();
}

/// A viewer that runs until it is dropped.
struct Running {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), AuditError>>>,
}

/// An answer of HTTP.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut pairs = lines.filter_map(|line| line.split_once(": "));
        pairs
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Running {
    fn start(path: &Path) -> Self {
        let viewer = Viewer::bind(path, Some(0), false).unwrap();
        let url = viewer.url();
        let address = url
            .strip_prefix("http://")
            .and_then(|url| url.strip_suffix('/'));
        let address = address.unwrap().parse().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            viewer.run_until(async {
                let _ = stopped.await;
            })
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Sends bytes as they are.
    fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn get_with(&self, target: &str, headers: &str) -> Answer {
        let host = self.address;
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        self.send(request.as_bytes())
    }

    fn get(&self, target: &str) -> Answer {
        self.get_with(target, "")
    }

    fn key(&self) -> String {
        self.get("/api/schema").json()["key"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

#[test]
fn only_the_dataset_and_the_page_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("dataset");
    dataset(&root, 3);
    fs::write(dir.path().join("secret.txt"), "the secret").unwrap();
    fs::write(root.join("secret.png"), "the secret").unwrap();
    let viewer = Running::start(&root);
    let key = viewer.key();
    let secret = dir.path().join("secret.txt");
    let targets = [
        "/../secret.txt".to_owned(),
        "/assets/../../secret.txt".to_owned(),
        "/assets/%2e%2e/%2e%2e/secret.txt".to_owned(),
        "/assets/..%2f..%2fsecret.txt".to_owned(),
        "/assets/..%5c..%5csecret.txt".to_owned(),
        "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        "/assets/style.css%00".to_owned(),
        "/assets/style.css%00.png".to_owned(),
        format!("/assets/{}", secret.display()),
        format!("/assets//{}", secret.display()),
        format!("//{}", secret.display()),
        secret.display().to_string(),
        "/secret.png".to_owned(),
        "/manifest.json".to_owned(),
        "/data/train-00000.parquet".to_owned(),
        format!("/data/{key}/../manifest.json"),
        format!("/data/{key}/plane/0/..%2f..%2fsecret.png"),
        format!("/data/{key}/plane/0/secret.png"),
        format!("/data/{key}/plane/0/depth.exr"),
        format!("/data/{key}/plane/0/rgba.png"),
        format!("/data/{key}/plane/..%2f0/depth.png"),
        format!("/data/{key}/plane/-1/depth.png"),
        format!("/data/{key}/plane/3/depth.png"),
        format!("/data/{key}/plane/99999999999999999999999/depth.png"),
        format!("/data/{key}/preview/0"),
        format!("/data/{key}/preview/%2e%2e.png"),
        "/data/0123456789abcdef/plane/0/depth.png".to_owned(),
        "/api/sample?id=../../secret.txt".to_owned(),
        "/api/sample?id=%00".to_owned(),
        "/api/sample".to_owned(),
        "/api/query".to_owned(),
        "/api/query?q=%7B%22nonsense%22:1%7D".to_owned(),
    ];
    for target in targets {
        let answer = viewer.get(&target);
        assert!(
            (400..500).contains(&answer.status),
            "{target}: {}",
            answer.head
        );
        let body = String::from_utf8_lossy(&answer.body);
        assert!(
            !body.contains("the secret") && !body.contains("root:"),
            "{target}: {body}"
        );
    }
    // A target that is a whole address, and one that is no address at all.
    let absolute = viewer.send(
        b"GET http://evil.example/api/schema HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(absolute.status, 403);
    let broken = viewer.send(b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    assert_eq!(broken.status, 400);
    assert_eq!(viewer.get("/").status, 200);
}

#[test]
fn other_hosts_other_origins_and_other_methods_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 1);
    let viewer = Running::start(dir.path());
    let port = viewer.address.port();
    let ask = |method: &str, host: &str, more: &str| {
        let request =
            format!("{method} /api/schema HTTP/1.1\r\n{host}Connection: close\r\n{more}\r\n");
        viewer.send(request.as_bytes()).status
    };
    let here = format!("Host: 127.0.0.1:{port}\r\n");
    assert_eq!(ask("GET", &here, ""), 200);
    assert_eq!(ask("GET", &format!("Host: localhost:{port}\r\n"), ""), 200);
    // As seen through a tunnel.
    assert_eq!(ask("GET", "Host: localhost:9999\r\n", ""), 200);
    assert_eq!(
        ask("GET", &format!("Host: evil.example:{port}\r\n"), ""),
        403
    );
    assert_eq!(ask("GET", "", ""), 403);
    assert_eq!(
        ask(
            "GET",
            &here,
            &format!("Origin: http://127.0.0.1:{port}\r\n")
        ),
        200
    );
    for origin in [
        "http://evil.example",
        "null",
        "https://127.0.0.1",
        "http://127.0.0.1:1",
    ] {
        assert_eq!(
            ask("GET", &here, &format!("Origin: {origin}\r\n")),
            403,
            "{origin}"
        );
    }
    assert_eq!(ask("GET", &here, "Sec-Fetch-Site: cross-site\r\n"), 403);
    assert_eq!(ask("GET", &here, "Sec-Fetch-Site: same-origin\r\n"), 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        assert_eq!(ask(method, &here, ""), 405, "{method}");
    }
    let answer = viewer.get("/");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("http"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn the_viewer_listens_on_the_loopback_address_alone() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 1);
    let viewer = Viewer::bind(dir.path(), None, false).unwrap();
    assert!(
        viewer.url().starts_with("http://127.0.0.1:"),
        "{}",
        viewer.url()
    );
    // A second one takes another port; one that insists is told.
    let second = Viewer::bind(dir.path(), None, false).unwrap();
    assert_ne!(viewer.url(), second.url());
    let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = busy.local_addr().unwrap().port();
    let told = Viewer::bind(dir.path(), Some(port), false)
        .unwrap_err()
        .to_string();
    assert!(
        told.contains(&port.to_string()) && told.contains("--port"),
        "{told}"
    );
    let none = Viewer::bind(&dir.path().join("absent"), None, false).unwrap_err();
    assert!(matches!(none, AuditError::NoDataset { .. }), "{none}");
}

#[test]
fn planes_are_pictures_and_bare_numbers_and_are_cached_by_their_hash() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 10);
    let viewer = Running::start(dir.path());
    let key = viewer.key();
    let reader = ShardReader::open(&dir.path().join("data/train-00001.parquet")).unwrap();
    let row = reader.row(1).unwrap();
    let planes = row.decode().unwrap();

    let image = viewer.get(&format!("/data/{key}/plane/9/image.png"));
    assert_eq!((image.status, &image.body), (200, &row.image));
    let hash = blake3::hash(&row.image).to_hex().to_string();
    assert_eq!(image.header("etag"), Some(format!("\"{hash}\"").as_str()));
    assert!(image.header("cache-control").unwrap().contains("immutable"));
    let again = format!("If-None-Match: \"{hash}\"\r\n");
    let again = viewer.get_with(&format!("/data/{key}/plane/9/image.png"), &again);
    assert_eq!((again.status, again.body.len()), (304, 0));

    let depth = viewer.get(&format!("/data/{key}/plane/9/depth.bin"));
    let wanted: Vec<u8> = planes
        .depth_m
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    assert_eq!(depth.body, wanted);
    let depth_hash = blake3::hash(&row.depth_exr).to_hex().to_string();
    assert_eq!(
        depth.header("etag"),
        Some(format!("\"{depth_hash}.bin\"").as_str())
    );
    let told =
        ["x-kind", "x-channels", "x-width", "x-height"].map(|name| depth.header(name).unwrap());
    assert_eq!(told, ["f32", "1", "30", "40"]);
    let normal = viewer.get(&format!("/data/{key}/plane/9/normal.bin"));
    let wanted: Vec<u8> = (planes.normal.iter().flatten())
        .flat_map(|v| v.to_le_bytes())
        .collect();
    assert_eq!(normal.body, wanted);

    let schema = viewer.get("/api/schema").json();
    let names: Vec<&str> = (schema["planes"].as_array().unwrap().iter())
        .map(|plane| plane["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 4 + planes.optional.len());
    for name in names {
        let picture = viewer.get(&format!("/data/{key}/plane/9/{name}.png"));
        assert_eq!(picture.status, 200, "{name}");
        assert!(picture.body.starts_with(b"\x89PNG"), "{name}");
        let bare = viewer.get(&format!("/data/{key}/plane/9/{name}.bin"));
        let channels: usize = bare.header("x-channels").unwrap().parse().unwrap();
        let bytes = if bare.header("x-kind") == Some("u8") {
            1
        } else {
            4
        };
        assert_eq!(bare.body.len(), 30 * 40 * channels * bytes, "{name}");
        let sum = viewer
            .get(&format!("/data/{key}/difference/9/9/{name}.json"))
            .json();
        assert_eq!(sum["differing_px"], 0, "{name}: {sum}");
    }
    let preview = viewer.get(&format!("/data/{key}/preview/9.png"));
    assert_eq!(Some(&preview.body), row.preview.as_ref());
    assert_eq!(
        viewer
            .get(&format!("/data/{key}/plane/9/motion.png"))
            .status,
        404
    );

    let sum = viewer
        .get(&format!("/data/{key}/difference/8/9/depth.json"))
        .json();
    assert!(
        sum["compared_px"].as_u64().unwrap() > 100 && sum["unit"] == "m",
        "{sum}"
    );
    let gaps = viewer.get(&format!("/data/{key}/difference/8/9/depth.bin"));
    assert_eq!(gaps.body.len(), 30 * 40 * 4);
    let bare = reader.plane(1, Plane::Depth).unwrap().unwrap();
    assert_eq!((bare.width, bare.height), SIZE);
}

#[test]
fn samples_are_found_by_number_and_name_with_their_labels() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 10);
    let viewer = Running::start(dir.path());
    let query = r#"{"filters":[{"column":"framing","any":["face"]}],"sort":"age_years","descending":true,"limit":5,"facets":["framing","age_years"],"show":["age_years"]}"#;
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let answer = viewer.get(&format!("/api/query?q={encoded}"));
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("server-timing")
            .unwrap()
            .starts_with("query;dur=")
    );
    let answer = answer.json();
    assert_eq!(
        (&answer["total"], &answer["matched"]),
        (&10.into(), &4.into())
    );
    let ages: Vec<f64> = (answer["samples"].as_array().unwrap().iter())
        .map(|sample| sample["show"][0].as_f64().unwrap())
        .collect();
    assert!(
        ages.is_sorted_by(|a, b| a >= b) && ages.len() == 4,
        "{ages:?}"
    );

    let by_name = viewer.get("/api/sample?id=ball-0000009").json();
    assert_eq!(by_name, viewer.get("/api/sample?row=9").json());
    assert_eq!(
        (&by_name["shard"], &by_name["row_in_shard"]),
        (&"data/train-00001.parquet".into(), &1.into())
    );
    let scene: Value = serde_json::from_str(by_name["scene"].as_str().unwrap()).unwrap();
    assert_eq!(scene["index"], 9);
    assert_eq!(by_name["camera"]["fx"], 40.0);
    let command = by_name["commands"]["again"].as_str().unwrap();
    let shard = fs::canonicalize(dir.path().join("data/train-00001.parquet")).unwrap();
    assert!(
        command.starts_with(&format!(
            "bottega inspect {}:1 --scene | bottega render - ",
            shard.display()
        )),
        "{command}"
    );
    let label = |name: &str| {
        let labels = by_name["labels"].as_array().unwrap();
        labels.iter().find(|label| label["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(
        (label("framing"), label("spp"), label("top_kind")),
        ("face".into(), 1.into(), Value::Null)
    );
}

#[test]
fn a_broken_shard_and_a_damaged_plane_do_not_stop_the_viewer() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 24);
    let cut = dir.path().join("data/train-00001.parquet");
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 100]).unwrap();
    // One byte in the middle of a picture.
    let spoilt = dir.path().join("data/train-00002.parquet");
    let image = ShardReader::open(&spoilt).unwrap().row(3).unwrap().image;
    let mut bytes = fs::read(&spoilt).unwrap();
    let at = bytes
        .windows(image.len())
        .position(|part| part == image)
        .unwrap();
    bytes[at + image.len() / 2] ^= 1;
    fs::write(&spoilt, &bytes).unwrap();

    let viewer = Running::start(dir.path());
    let schema = viewer.get("/api/schema").json();
    assert_eq!(schema["rows"], 16);
    assert!(schema["shards"][1]["broken"].is_string() && schema["shards"][2]["broken"].is_null());
    let key = schema["key"].as_str().unwrap();
    let damaged = viewer.get(&format!("/data/{key}/plane/11/image.png"));
    assert_eq!(damaged.status, 422);
    let told = damaged.json()["error"].as_str().unwrap().to_owned();
    assert!(told.contains("image") || told.contains("CRC"), "{told}");
    assert_eq!(
        viewer
            .get(&format!("/data/{key}/plane/11/depth.png"))
            .status,
        200
    );
    assert_eq!(
        viewer
            .get(&format!("/data/{key}/plane/12/image.png"))
            .status,
        200
    );

    // A shard that is replaced while it is shown would give other samples under the old names.
    let first = dir.path().join("data/train-00000.parquet");
    fs::copy(&spoilt, &first).unwrap();
    let changed = viewer.get(&format!("/data/{key}/plane/0/image.png"));
    assert_eq!(changed.status, 422);
    assert!(
        changed.json()["error"]
            .as_str()
            .unwrap()
            .contains("has changed")
    );
}

#[test]
fn an_import_without_labels_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let shard = dir.path().join("data/train-00000.parquet");
    fs::create_dir_all(shard.parent().unwrap()).unwrap();
    let sample = synthetic::sample("bare", 0, SIZE);
    let full = EncodedRow::encode(&sample, OptionalPlanes::default()).unwrap();
    let meta = bottega_schemas::SampleMeta {
        sample_id: "bare-0000000".to_owned(),
        split: "train".to_owned(),
        fx: 40.0,
        fy: 40.0,
        cx: 15.0,
        cy: 20.0,
        fov_y_deg: 53.0,
        ..Default::default()
    };
    let mut row = EncodedRow::of_stored(meta, &full.decode().unwrap(), None, None);
    row.preview = None;
    let info = bottega_format::ShardInfo {
        plan: synthetic::plan("bare"),
        shard_idx: 0,
    };
    bottega_format::shard::writer::write_shard(&shard, info, [Ok(row)], 0).unwrap();
    let viewer = Running::start(dir.path());
    let sample = viewer.get("/api/sample?row=0").json();
    assert_eq!(sample["scene"], Value::Null);
    assert_eq!(sample["commands"]["again"], Value::Null);
    let key = viewer.key();
    let preview = viewer.get(&format!("/data/{key}/preview/0.png"));
    assert_eq!(preview.status, 200);
    let size = |at: usize| u32::from_be_bytes(preview.body[at..at + 4].try_into().unwrap());
    assert_eq!((size(16), size(20)), (4 * 8, 10));
}
