//! What a node must not start on. Each is refused with its cause and the next step on one line, the
//! exit code that scripts see, and nothing changed on disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods)]
mod common;

use common::{copy, isonomy, run, start, stderr, stdout, tree};
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

const FREE: [&str; 4] = ["--listen", "127.0.0.1:0", "--rpc", "127.0.0.1:0"];

/// A directory with a chain's file `genesis.toml` and, in `data`, a node that ran and stopped.
struct Place {
    root: TempDir,
}

impl Place {
    fn empty() -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        let quick = ["--hashes", "50", "--interval-ms", "10"];
        let made = run(&[&["genesis", "--out", &place.at("genesis.toml")], &quick[..]].concat());
        assert!(made.status.success(), "{}", stderr(&made));
        place
    }

    /// Its node made blocks, some of which are flushed.
    fn used() -> Self {
        let place = Self::empty();
        let key = run(&["keys", "new", "--out", &place.at("key.json")]);
        let producer = stdout(&key).trim().to_owned();
        let mining = ["--mine", "--producer", &producer, "--hash-rate", "20000"];
        let node = start(&place.at("genesis.toml"), &place.at("data"), &mining);
        common::until("a flush", || {
            let status = run(&["status", "--rpc", &node.rpc, "--json"]);
            let status: serde_json::Value = serde_json::from_str(&stdout(&status)).unwrap();
            status["base"].as_u64().unwrap() > 0
        });
        assert!(node.stop());
        place
    }

    fn at(&self, name: &str) -> String {
        self.root.path().join(name).to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn copy(&self) -> Self {
        let other = Self { root: tempfile::tempdir().unwrap() };
        for name in ["genesis.toml", "key.json"] {
            let _ = fs::copy(self.path(name), other.path(name));
        }
        if self.path("data").exists() {
            copy(&self.path("data"), &other.path("data"));
        }
        other
    }

    fn node(&self) -> Vec<String> {
        ["run", "--genesis", &self.at("genesis.toml"), "--dir", &self.at("data")]
            .map(str::to_owned)
            .to_vec()
    }

    /// Starts the node on it as it is, and sees that it does not.
    fn refuses(&self, what: &str, code: i32, words: &[&str]) {
        self.refuses_with(
            what,
            &[&self.node()[..], &FREE.map(str::to_owned)].concat(),
            code,
            words,
        );
    }

    fn refuses_with(&self, what: &str, arguments: &[String], code: i32, words: &[&str]) {
        let before = tree(self.root.path());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (got, said) = bounded(isonomy(&arguments));
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(got, Some(code), "{what}: {said}");
        assert!(last.starts_with("isonomy: ") || code == 2, "{what}: {said}");
        for word in words {
            assert!(said.contains(word), "{what}: {word:?} is not in: {said}");
        }
        let after = tree(self.root.path());
        let changed: Vec<_> = after
            .iter()
            .filter(|(path, file)| before.get(*path) != Some(*file))
            .map(|(path, _)| path)
            .collect();
        assert!(changed.is_empty() && before.len() == after.len(), "{what}: changed {changed:?}");
    }
}

/// What became of it: one that runs on although it should refuse is ended.
fn bounded(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..300 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_directory_is_refused() {
    type Change = fn(&mut Vec<u8>);
    let restore = "Restore a copy, or move the directory away and fetch the chain anew";
    let table: [(&str, &str, Change, &str); 13] = [
        (
            "VERSION",
            "newer",
            |b| {
                *b = String::from_utf8(b.clone())
                    .unwrap()
                    .replace("data 4\n", "data 9\n")
                    .into_bytes()
            },
            "upgrade",
        ),
        (
            "VERSION",
            "another chain's",
            |b| b[20] = if b[20] == b'0' { b'1' } else { b'0' },
            "holds the chain",
        ),
        ("VERSION", "empty", Vec::clear, "VERSION is damaged"),
        ("VERSION", "noise", |b| b.fill(7), "VERSION is damaged"),
        ("VERSION", "cut", |b| b.truncate(30), "VERSION is damaged"),
        ("log", "its head flipped", |b| b[3] ^= 1, restore),
        (
            "log",
            "its middle flipped",
            |b| {
                let at = b.len() / 2;
                b[at] ^= 1
            },
            restore,
        ),
        (
            "log",
            "its middle zeroed",
            |b| {
                let at = b.len() / 3;
                b[at..at + 100].fill(0)
            },
            restore,
        ),
        ("log", "shorter than its head", |b| b.truncate(10), restore),
        ("state.redb", "empty", Vec::clear, restore),
        ("state.redb", "its head flipped", |b| b[0] ^= 1, restore),
        ("state.redb", "its first pages zeroed", |b| b[64..9_000].fill(0), restore),
        ("state.redb", "cut", |b| b.truncate(b.len() / 2), restore),
    ];
    let good = Place::used();
    let log = {
        let names = fs::read_dir(good.path("data")).unwrap().map(|entry| entry.unwrap());
        let names = names.filter(|e| e.file_name().to_str().unwrap().starts_with("log."));
        names.max_by_key(|entry| entry.metadata().unwrap().len()).unwrap().file_name()
    };
    for (file, what, damage, words) in table {
        let bad = good.copy();
        let path = bad.path("data").join(if file == "log" { log.to_str().unwrap() } else { file });
        change(&path, damage);
        bad.refuses(&format!("{file}: {what}"), 1, &[words, bad.path("data").to_str().unwrap()]);
    }
    for (file, words) in [
        ("VERSION", "VERSION is damaged"),
        ("state.redb", restore),
        (log.to_str().unwrap(), restore),
    ] {
        let bad = good.copy();
        fs::remove_file(bad.path("data").join(file)).unwrap();
        bad.refuses(&format!("{file}: missing"), 1, &[words]);
    }
    // None of that was in vain: the undamaged one starts.
    assert!(start(&good.at("genesis.toml"), &good.at("data"), &[]).stop());
}

#[test]
fn a_directory_that_is_not_ours_is_refused() {
    let foreign = Place::empty();
    fs::create_dir(foreign.path("data")).unwrap();
    fs::write(foreign.path("data").join("diary.txt"), "mine").unwrap();
    foreign.refuses("foreign", 1, &["holds other files", "choose an empty directory"]);

    let file = Place::empty();
    fs::write(file.path("data"), "a file").unwrap();
    file.refuses("a file", 1, &["data", "Choose a directory, not a file"]);

    let below = Place::empty();
    fs::write(below.path("file"), "a file").unwrap();
    let arguments =
        ["run", "--genesis", &below.at("genesis.toml"), "--dir", &below.at("file/data")];
    let arguments =
        [&arguments[..], &FREE].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
    below.refuses_with("below a file", &arguments, 1, &["file/data", "not a file"]);

    // Nobody may write there, root included.
    let arguments = ["run", "--genesis", &below.at("genesis.toml"), "--dir", "/proc/isonomy"];
    let arguments =
        [&arguments[..], &FREE].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
    below.refuses_with(
        "read-only",
        &arguments,
        1,
        &["/proc/isonomy", "or choose another directory"],
    );
}

#[test]
fn what_is_in_use_is_refused() {
    let place = Place::empty();
    let node = start(&place.at("genesis.toml"), &place.at("data"), &[]);
    place.refuses("in use", 1, &["is in use", "stop the node"]);
    let rewind =
        ["rewind", "--genesis", &place.at("genesis.toml"), "--dir", &place.at("data"), "--to", "0"];
    place.refuses_with("rewound while it runs", &rewind.map(str::to_owned), 1, &["stop the node"]);

    let fresh = Place::empty();
    let with = |more: [&str; 4]| [fresh.node(), more.map(str::to_owned).to_vec()].concat();
    let peers = with(["--listen", &node.peers, "--rpc", "127.0.0.1:0"]);
    fresh.refuses_with("peers' port", &peers, 1, &[&node.peers, "--listen", "port 0"]);
    let rpc = with(["--listen", "127.0.0.1:0", "--rpc", &node.rpc]);
    fresh.refuses_with("RPC's port", &rpc, 1, &[&node.rpc, "--rpc", "port 0"]);
    assert!(!fresh.path("data").exists(), "nothing is made for a node that does not start");
    assert!(node.stop());
}

#[test]
fn a_wrong_genesis_file_is_refused() {
    let good = Place::empty();
    let text = fs::read_to_string(good.path("genesis.toml")).unwrap();
    let name = good.at("genesis.toml");
    let line = |name: &str| {
        let found = text.lines().find(|line| line.starts_with(&format!("{name} = ")));
        found.unwrap().to_owned()
    };
    let with = |name: &str, value: &str| text.replace(&line(name), &format!("{name} = {value}"));
    let table = [
        ("not TOML", "{".to_owned(), "cannot read"),
        ("empty", String::new(), "version"),
        (
            "newer, in another shape",
            "version = 2\nshape = \"other\"\n".into(),
            "install a newer one",
        ),
        ("an unknown key", format!("colour = 1\n{text}"), "colour"),
        ("no hashes", with("hashes", "0"), "hashes"),
        ("no interval", with("interval_ms", "0"), "interval"),
        ("no half-life", with("half_life_ms", "0"), "half-life"),
        ("no room in a block", with("body_bytes", "0"), "body_bytes"),
        ("too much room", with("body_bytes", "4294967295"), "body_bytes"),
        ("too much work", with("body_meter", "9000000000000000000"), "body_meter"),
        ("a negative reward", with("reward", "\"-5\""), "reward"),
        ("a name too long", with("name", &format!("\"{}\"", "x".repeat(65))), "limit 64"),
    ];
    for (what, text, words) in table {
        fs::write(good.path("genesis.toml"), text).unwrap();
        good.refuses(what, 2, &[&name, words]);
    }
    fs::remove_file(good.path("genesis.toml")).unwrap();
    good.refuses("missing", 2, &[&name, "isonomy genesis"]);

    // More than 2^128 coins, by two accounts that each can have.
    let made =
        |file: &str| stdout(&run(&["keys", "new", "--out", &good.at(file)])).trim().to_owned();
    let most = u128::MAX;
    let (a, b) = (format!("{}={most}", made("a")), format!("{}={most}", made("b")));
    let overflow = ["genesis", "--out", &name, "--allocate", &a, "--allocate", &b];
    good.refuses_with("too many coins", &overflow.map(str::to_owned), 2, &["are more than"]);
}

#[test]
fn a_clock_before_the_chains_first_block_is_refused() {
    let place = Place::empty();
    change(&place.path("genesis.toml"), |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let time = text.lines().find(|line| line.starts_with("time = ")).unwrap();
        *bytes = text.replace(time, "time = 4102444800000").into_bytes();
    });
    let words = ["the clock says 20", "2100-01-01T00:00:00Z", "set the clock, or wait"];
    place.refuses("before genesis", 1, &words);
    assert!(!place.path("data").exists());
}

#[test]
fn an_unreadable_key_is_refused() {
    let good = Place::used();
    let key = |place: &Place| place.path("data").join("node.key");
    for (what, bytes) in
        [("empty", &[][..]), ("short", &[7; 31]), ("long", &[7; 33]), ("zeros", &[0; 32])]
    {
        let bad = good.copy();
        fs::write(key(&bad), bytes).unwrap();
        bad.refuses(what, 1, &["node.key", "is damaged", "remove it"]);
    }
    let open = good.copy();
    fs::set_permissions(key(&open), Permissions::from_mode(0o644)).unwrap();
    open.refuses("attack 79: others can read it", 1, &["node.key", "mode 644", "chmod 600"]);
    let folder = good.copy();
    fs::remove_file(key(&folder)).unwrap();
    fs::create_dir(key(&folder)).unwrap();
    folder.refuses("a directory", 1, &["node.key", "remove it"]);
    fs::remove_dir(key(&folder)).unwrap();
    assert!(start(&folder.at("genesis.toml"), &folder.at("data"), &[]).stop(), "a new one is made");

    let show = |place: &Place| ["keys", "show", &place.at("key.json")].map(str::to_owned);
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &str); 5] = [
        ("missing", |path| fs::remove_file(path).unwrap(), "isonomy keys new"),
        (
            "open to others",
            |path| fs::set_permissions(path, Permissions::from_mode(0o640)).unwrap(),
            "chmod 600",
        ),
        ("cut", |path| change(path, |bytes| bytes.truncate(40)), "is not a key file"),
        (
            "a directory",
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap()
            },
            "not a directory",
        ),
        (
            "another digit",
            |path| {
                change(path, |bytes| {
                    let at = bytes.len() - 6;
                    bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' }
                })
            },
            "backup",
        ),
    ];
    for (what, damage, words) in cases {
        let bad = good.copy();
        damage(&bad.path("key.json"));
        bad.refuses_with(what, &show(&bad), 1, &["key.json", words]);
    }
}

/// Without SIGXFSZ a write past the limit fails in its middle, as on a full disk.
fn with_files_of(blocks_of_512: u32, arguments: &[String]) -> (Option<i32>, String) {
    let script = format!("trap '' XFSZ; ulimit -f {blocks_of_512}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_isonomy")]).args(arguments);
    bounded(command)
}

#[test]
fn a_full_disk_stops_a_node_and_costs_nothing() {
    let place = Place::empty();
    let key = stdout(&run(&["keys", "new", "--out", &place.at("key.json")])).trim().to_owned();
    let mining = ["--mine", "--producer", &key].map(str::to_owned);
    let node = [place.node(), FREE.map(str::to_owned).to_vec(), mining.to_vec()].concat();
    // While the directory is made; then, with room to be made, while the node runs.
    for limit in [0, 1, 100] {
        let (code, said) = with_files_of(limit, &node);
        assert_eq!(code, Some(1), "{limit}: {said}");
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("isonomy: ") && last.contains("Free some room"),
            "{limit}: {said}"
        );
    }
    assert!(start(&place.at("genesis.toml"), &place.at("data"), &[]).stop());
    let size = fs::metadata(place.path("data").join("state.redb")).unwrap().len();
    let (code, said) = with_files_of(u32::try_from(size / 512).unwrap() + 900, &node);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.lines().last().unwrap().contains("Free some room"), "{said}");
    let again = start(&place.at("genesis.toml"), &place.at("data"), &[]);
    common::until("what was stored is back", || {
        let status = stdout(&run(&["status", "--rpc", &again.rpc, "--json"]));
        serde_json::from_str::<serde_json::Value>(&status).unwrap()["height"].as_u64().unwrap() > 50
    });
    assert!(again.stop());
}
