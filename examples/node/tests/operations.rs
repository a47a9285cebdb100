//! What operators are given: metrics with their table, a dashboard, a service, a container, a doctor.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods)]
mod common;

use common::{Running, isonomy, run, signal, start, stderr, stdout, until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

const FREE: [&str; 4] = ["--listen", "127.0.0.1:0", "--rpc", "127.0.0.1:0"];

fn ops(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(ops(name)).unwrap()
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let quick = ["--hashes", "50", "--interval-ms", "100"];
        let made = run(&[&["genesis", "--out", &place.at("genesis.toml")], &quick[..]].concat());
        assert!(made.status.success(), "{}", stderr(&made));
        place
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.path().join(name), text).unwrap();
        self.at(name)
    }

    fn start(&self, dir: &str, more: &[&str]) -> Running {
        start(&self.at("genesis.toml"), &self.at(dir), more)
    }
}

/// Who is paid in these tests.
const NOBODY: &str = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";
const MINING: [&str; 5] = ["--mine", "--producer", NOBODY, "--hash-rate", "5000"];

fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn status(rpc: &str) -> Value {
    serde_json::from_str(&stdout(&run(&["status", "--rpc", rpc, "--json"]))).unwrap()
}

/// A family of metrics as a page shows it.
#[derive(Default)]
struct Family {
    kind: String,
    help: String,
    labels: BTreeSet<String>,
}

/// Families by name, and the names of all series.
fn families(page: &str) -> (BTreeMap<String, Family>, BTreeSet<String>) {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut series = BTreeSet::new();
    for line in page.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                families.entry(name.into()).or_default().help = help.trim_end_matches('.').into();
            }
            ["#", "TYPE", name, kind] => {
                families.entry(name.into()).or_default().kind = kind.into()
            }
            _ if line.starts_with('#') => {}
            _ => {
                let name = line.split(['{', ' ']).next().unwrap();
                let family =
                    families.iter_mut().rev().find(|(family, _)| name.starts_with(*family));
                let (_, family) = family.unwrap_or_else(|| panic!("{line}"));
                let labels = line.split_once('{').map_or("", |(_, rest)| rest);
                let labels = labels.split('"').step_by(2).filter_map(|part| part.strip_suffix('='));
                let labels = labels.map(|label| label.trim_start_matches([',', '{']).to_owned());
                family.labels.extend(labels.filter(|label| label != "le"));
                series.insert(name.to_owned());
            }
        }
    }
    (families, series)
}

fn table(families: &BTreeMap<String, Family>) -> String {
    let row = |(name, Family { kind, help, labels }): (&String, &Family)| {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{name}` | {kind} | {} | {help} |\n", labels.join(", "))
    };
    families.iter().map(row).collect()
}

/// Compares a committed file with what it should say; `ISONOMY_BLESS=1` writes it.
fn committed(path: &Path, want: &str) {
    if std::env::var_os("ISONOMY_BLESS").is_some() {
        fs::write(path, want).unwrap();
    }
    let got = fs::read_to_string(path).unwrap_or_default();
    assert!(got == want, "{} is old: run with ISONOMY_BLESS=1; want:\n{want}", path.display());
}

#[test]
fn the_metrics_are_those_of_the_table_and_the_dashboard_asks_for_no_others() {
    let place = Place::new();
    let node = place.start("data", &MINING);
    until("some blocks on disk", || status(&node.rpc)["height"].as_u64().unwrap() > 3);
    let (code, page) = get(&node.rpc, "/metrics");
    assert_eq!(code, 200);
    assert!(page.ends_with("# EOF\n"), "{page}");
    let (families, series) = families(&page);

    let file = read("METRICS.md");
    let (head, _) = file.split_once("|---|---|---|---|\n").unwrap();
    committed(&ops("METRICS.md"), &format!("{head}|---|---|---|---|\n{}", table(&families)));
    for (name, family) in &families {
        assert!(name.starts_with("isonomy_") && !family.help.is_empty(), "{name}");
    }

    let board: Value = serde_json::from_str(&read("grafana.json")).unwrap();
    let mut asked = 0;
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for name in words.filter(|word| word.starts_with("isonomy_")) {
                assert!(series.contains(name), "{name} of {:?} is no metric", panel["title"]);
                asked += 1;
            }
        }
    }
    assert!(asked > 25);

    // What a person sees elsewhere is what is counted here.
    let value = |name: &str| -> f64 {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}")).parse().unwrap()
    };
    assert!(value("isonomy_height") > 3.0 && value("isonomy_tip_age_seconds") < 60.0);
    assert!(value("isonomy_blocks_imported_total") >= value("isonomy_height"));
    assert!(value("isonomy_job_seconds_count{job=\"execute\"}") >= value("isonomy_height"));
    assert!(value("isonomy_rpc_requests_total{method=\"status\",code=\"0\"}") >= 1.0);
    for (path, want) in [("/health", json!({"healthy": true})), ("/ready", json!({"ready": true}))]
    {
        let (code, body) = get(&node.rpc, path);
        assert_eq!((code, serde_json::from_str::<Value>(&body).unwrap()), (200, want));
    }
    assert!(node.stop());
}

/// What a command line in a file gives to `isonomy`, with the paths of this test.
fn words(line: &str, place: &Place) -> Vec<String> {
    let words = line.split(['"', ',', ' ', '[', ']']).filter(|word| !word.is_empty());
    let words = words.skip_while(|word| !word.ends_with("isonomy")).skip(1);
    words
        .map(|word| match word {
            "/etc/isonomy/genesis.toml" => place.at("genesis.toml"),
            "/etc/isonomy/node.toml" => ops("node.toml").to_str().unwrap().to_owned(),
            "/var/lib/isonomy/data" => place.at("data"),
            word => word.to_owned(),
        })
        .collect()
}

#[test]
fn the_service_and_the_container_start_a_node() {
    let (unit, container) = (read("isonomy.service"), read("Containerfile"));
    let line = |text: &str, begin: &str| {
        text.lines()
            .find(|line| line.starts_with(begin))
            .unwrap_or_else(|| panic!("{begin}"))
            .to_owned()
    };
    for start in [line(&unit, "ExecStart="), line(&container, "ENTRYPOINT")] {
        let place = Place::new();
        let mut arguments = words(&start, &place);
        assert!(arguments.contains(&"--config".into()), "{arguments:?}");
        // The addresses of the file may be taken here; flags win over it.
        arguments.extend(FREE.map(str::to_owned));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (mut child, lines) = spawn(isonomy(&arguments).stdout(Stdio::piped()));
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        signal(child.id(), "TERM");
        assert!(child.wait().unwrap().success(), "{:?}", lines.iter().collect::<Vec<_>>());
    }
    let place = Place::new();
    let doctor = words(&line(&unit, "ExecStartPre="), &place);
    let doctor: Vec<&str> = doctor.iter().map(String::as_str).collect();
    let said = run(&doctor);
    // Its ports may be taken here: what it was told parses, and it looks.
    assert_ne!(said.status.code(), Some(2), "{}", stderr(&said));
    assert!(stdout(&said).contains("ok    genesis"), "{}", stdout(&said));
    let health = words(&line(&container, "HEALTHCHECK"), &place);
    assert_eq!(health, ["status", "--rpc", "127.0.0.1:7332"]);
}

/// A process, and its lines on standard error as they come.
fn spawn(command: &mut Command) -> (std::process::Child, Receiver<String>) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let (sender, lines) = channel();
    let said = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        said.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    (child, lines)
}

fn heard(lines: &Receiver<String>, words: &[&str]) -> String {
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(Duration::from_secs(60)) {
            Ok(line) if words.iter().all(|word| line.contains(word)) => return line,
            Ok(line) => all.push(line),
            Err(_) => panic!("{words:?} was not said: {all:?}"),
        }
    }
}

#[test]
fn levels_and_peers_are_read_again_and_a_fault_changes_nothing() {
    let place = Place::new();
    let other = place.start("other", &[]);
    let config = place.write("node.toml", "[log]\ndefault = \"off\"\n");
    let genesis = place.at("genesis.toml");
    let data = place.at("data");
    let node = ["--log-format", "json", "run", "--genesis", &genesis, "--dir", &data, "--config"];
    let arguments = [&node[..], &[&config], &FREE, &["--json"]].concat();
    let mut command = isonomy(&arguments);
    let (mut child, lines) = spawn(command.stdout(Stdio::piped()));
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let rpc = serde_json::from_str::<Value>(&first).unwrap()["rpc"].as_str().unwrap().to_owned();
    let reload = |text: &str| {
        place.write("node.toml", text);
        signal(child.id(), "HUP");
    };
    let message = |words: &[&str]| {
        let line: Value =
            serde_json::from_str(&heard(&lines, words)).expect("a JSON object a line");
        line["fields"]["message"].as_str().unwrap().to_owned()
    };

    reload("[log]\ndefault = \"loud\"\n");
    let said = message(&["nothing is changed"]);
    assert!(
        said.contains("line 2") && said.contains("loud") && said.contains("node.toml"),
        "{said}"
    );
    reload("lisen = \"127.0.0.1:1\"\n");
    assert!(message(&["nothing is changed"]).contains("lisen"));
    assert_eq!(status(&rpc)["peers"], 0);

    reload(&format!("peer = [\"{}\"]\n[log]\nisonomy_host = \"debug\"\n", other.peers));
    let said = message(&["changed:"]);
    assert!(said.contains("log levels: isonomy_host = debug"), "{said}");
    assert!(said.contains(&format!("peers: +{}", other.peers)), "{said}");
    until("the new peer is called", || status(&rpc)["peers"] == 1);
    // And levels hold: what was off is said now.
    heard(&lines, &["DEBUG", "isonomy_host", "Ready"]);

    reload("workers = 1\n[log]\nisonomy_host = \"debug\"\n");
    let said = message(&["changed:"]);
    assert!(said.contains(&format!("peers: -{}", other.peers)), "{said}");
    assert!(said.contains("started again") && !said.contains("log levels"), "{said}");
    assert_eq!(status(&rpc)["peers"], 1, "links that stand stay");
    signal(child.id(), "TERM");
    assert!(child.wait().unwrap().success());
    assert!(other.stop());
}

#[test]
fn the_service_manager_hears_how_the_node_is() {
    let place = Place::new();
    let path = place.at("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut bytes = [0; 64];
        let count = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    };
    let (genesis, data) = (place.at("genesis.toml"), place.at("data"));
    let arguments = [&["run", "--genesis", &genesis, "--dir", &data], &FREE[..]].concat();
    let mut command = isonomy(&arguments);
    let mut child = command.env("NOTIFY_SOCKET", &path).stdout(Stdio::null()).spawn().unwrap();
    assert_eq!(hear(), "READY=1");
    signal(child.id(), "INT");
    assert_eq!(hear(), "STOPPING=1");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_second_signal_ends_a_node_at_once_and_costs_nothing() {
    let place = Place::new();
    let slow = ["--mine", "--producer", NOBODY, "--hash-rate", "1"];
    // A miner at one hash a second takes up to a second to stop.
    let impatient = (0..20).any(|_| {
        let mut node = place.start("data", &slow);
        std::thread::sleep(Duration::from_millis(300));
        signal(node.child.id(), "TERM");
        std::thread::sleep(Duration::from_millis(100));
        let _ = Command::new("kill").args(["-TERM", &node.child.id().to_string()]).status();
        match node.child.wait().unwrap().code() {
            Some(130) => true,
            other => {
                assert_eq!(other, Some(0), "it stopped before the second signal");
                false
            }
        }
    });
    assert!(impatient);
    assert!(place.start("data", &[]).stop());
}

fn findings(arguments: &[&str]) -> (i32, BTreeMap<String, Vec<Value>>) {
    let output = run(&[&["doctor", "--json"], arguments].concat());
    let report: Value =
        serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for finding in report["checks"].as_array().unwrap() {
        found.entry(finding["check"].as_str().unwrap().into()).or_default().push(finding.clone());
    }
    let failed = found.values().flatten().filter(|finding| finding["verdict"] == "fail").count();
    assert_eq!(report["failed"], failed);
    (output.status.code().unwrap(), found)
}

fn verdicts(found: &BTreeMap<String, Vec<Value>>, check: &str) -> Vec<String> {
    let all = found.get(check).into_iter().flatten();
    all.map(|finding| finding["verdict"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_doctor_finds_nothing_wrong_with_two_nodes_that_agree() {
    let place = Place::new();
    let one = place.start("one", &MINING);
    let other = place.start("other", &["--peer", &one.peers]);
    until("both are linked", || status(&other.rpc)["peers"] == 1);
    until("both have blocks", || status(&other.rpc)["height"].as_u64().unwrap() > 5);
    let config = place.write(
        "node.toml",
        &format!(
            "listen = \"{}\"\nrpc = \"{}\"\npeer = [\"{}\"]\n",
            other.peers, other.rpc, one.peers
        ),
    );
    let (genesis, data) = (place.at("genesis.toml"), place.at("other"));
    let all = ["--config", &config, "--genesis", &genesis, "--dir", &data, "--compare", &one.rpc];
    let (code, found) = findings(&all);
    for check in ["config", "genesis", "node", "state", "port", "keys", "clock", "peer", "peers"] {
        let all = verdicts(&found, check);
        assert!(!all.is_empty() && all.iter().all(|it| it == "ok"), "{check}: {:?}", found[check]);
    }
    // Blocks come several a second here: the newest may differ for a moment.
    assert_ne!(verdicts(&found, "branch"), ["fail"], "{:?}", found["branch"]);
    // This machine's own room, memory and speed are what they are.
    let failed = found.values().flatten().filter(|finding| finding["verdict"] == "fail");
    let own = ["disk", "write", "files", "memory"].map(|check| json!(check));
    assert!(failed.clone().all(|finding| own.contains(&finding["check"])), "{found:?}");
    assert_eq!(code, i32::from(failed.count() > 0));
    assert!(one.stop() && other.stop());
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let place = Place::new();
    let node = place.start("data", &MINING);
    until("some blocks", || status(&node.rpc)["height"].as_u64().unwrap() > 5);
    // A chain of the same file, which shares nothing with it but the first block.
    let apart = place.start("apart", &MINING);
    until("some other blocks", || status(&apart.rpc)["height"].as_u64().unwrap() > 5);
    let stranger = Place::new();
    let foreign = stranger.start("data", &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let taken = taken.local_addr().unwrap();
    let config = place.write(
        "node.toml",
        &format!("listen = \"{taken}\"\nrpc = \"127.0.0.1:0\"\npeer = [\"{free}\"]\n"),
    );
    let key = place.at("data/node.key");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&key, open).unwrap();
    let (data, other) = (place.at("data"), stranger.at("genesis.toml"));
    let arguments = ["--config", &config, "--dir", &data, "--rpc", &node.rpc];
    let (code, found) =
        findings(&[&arguments[..], &["--compare", &apart.rpc, "--compare", &foreign.rpc]].concat());
    assert_eq!(code, 1);
    let told = |check: &str, words: &[&str]| {
        let text = serde_json::to_string(&found[check]).unwrap();
        assert!(verdicts(&found, check).contains(&"fail".into()), "{check}: {text}");
        words.iter().for_each(|word| assert!(text.contains(word), "{word} is not in {text}"));
    };
    told("port", &[&taken.to_string(), &format!("process {}", std::process::id()), "--listen"]);
    told("keys", &["node.key", "chmod 600"]);
    told("peer", &[&free, "firewall"]);
    told("branch", &["another branch since height 0", "isonomy rewind --to 0", "runs the chain"]);
    assert_eq!(verdicts(&found, "peers"), ["warn"]);
    let (_, found) = findings(&["--genesis", &other, "--rpc", &node.rpc]);
    assert_eq!(verdicts(&found, "node"), ["fail"]);
    let broken = place.write("broken.toml", "peer = 3\n");
    let (code, found) = findings(&["--config", &broken, "--rpc", &free]);
    assert_eq!(
        (code, verdicts(&found, "config"), verdicts(&found, "node")),
        (1, vec!["fail".into()], vec!["fail".into()])
    );
    let text = stdout(&run(&["doctor", "--rpc", &free]));
    assert!(text.contains("FAIL  node") && text.contains("no node answers"), "{text}");
    for node in [node, apart, foreign] {
        assert!(node.stop());
    }
}

#[test]
fn shells_and_man_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&run(&["completions", shell]));
        for word in ["devnet", "doctor", "completions", "log-format"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let page = stdout(&run(&["man"]));
    assert!(page.contains(".TH isonomy 1") && page.contains("isonomy\\-doctor(1)"), "{page}");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("man1");
    assert!(run(&["man", "--out", out.to_str().unwrap()]).status.success());
    let page = fs::read_to_string(out.join("isonomy-run.1")).unwrap();
    assert!(page.contains("Example") && page.contains("isonomy run"), "{page}");
    assert!(out.join("isonomy-keys-new.1").exists() && out.join("isonomy-man.1").exists());
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = run(&["man", "--out", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("choose another directory"), "{}", stderr(&refused));
}
