//! What a person is told who uses it wrongly: each message as it is, in `ops/WRONG-USES.md`. That
//! nothing is changed on disk then, and many more refusals, are tested in `refusals.rs`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{isonomy, run, start, stderr, stdout, until};
use isonomy::crypto::Hash;
use isonomy::types::{Amount, Nonce};
use isonomy::wallet::{Argon2Cost, Mnemonic, Origin, Party, Store, Terms, pay};
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const HEAD: &str = "# Wrong uses, and what one is told\n\n\
    Each message names the cause and the next step. Exit codes: 1 failed, 2 wrong usage, 3 refused by \
    the node,\n4 no node answers. A test makes each mistake and compares the words; `ISONOMY_BLESS=1 \
    cargo test -p\nisonomy-cli --test wrong_uses` writes this file anew.\n\n";

struct World {
    dir: TempDir,
    page: String,
}

impl World {
    fn at(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join(name), text).unwrap();
    }

    /// A file for its owner alone.
    fn secret(&self, name: &str, text: &str) {
        self.write(name, text);
        fs::set_permissions(self.at(name), Permissions::from_mode(0o600)).unwrap();
    }

    /// Makes a mistake: what it is, and the command, with files of this place after `@`.
    fn mistake(&mut self, what: &str, line: &str) {
        let words: Vec<String> = line.split(' ').map(|word| self.word(word)).collect();
        let mut command = isonomy(&words.iter().map(String::as_str).collect::<Vec<_>>());
        self.tell(what, line, &mut command);
    }

    fn word(&self, word: &str) -> String {
        word.strip_prefix('@').map_or(word.to_owned(), |name| self.at(name))
    }

    fn tell(&mut self, what: &str, line: &str, command: &mut Command) {
        let output = command.output().unwrap();
        let code = output.status.code().unwrap();
        assert_ne!(code, 0, "{what}: {}", stdout(&output));
        // What a doctor finds is its answer. The rest of that is about this machine.
        let told = match line.starts_with("doctor") {
            true => failed(&stdout(&output), "peer"),
            false => stderr(&output),
        };
        let said = plain(&told, &self.at(""));
        let shown = plain(&line.replace('@', ""), "");
        write!(
            self.page,
            "## {what}\n\n```text\n$ isonomy {shown}\n{said}```\n\nExit code {code}.\n\n"
        )
        .unwrap();
    }
}

/// What a doctor says of one check that failed, with the step below it.
fn failed(said: &str, check: &str) -> String {
    let lines = said.lines().skip_while(|line| !line.starts_with(&format!("FAIL  {check}")));
    lines.take(2).map(|line| format!("{line}\n")).collect()
}

/// The same on every machine and in every run.
fn plain(text: &str, root: &str) -> String {
    let text = if root.is_empty() { text.to_owned() } else { text.replace(root, "") };
    let mut plain = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-') {
            word.push(c);
            continue;
        }
        plain.push_str(&same(&word));
        word.clear();
        plain.extend((c != '\0').then_some(c));
    }
    plain
}

fn same(word: &str) -> String {
    let bare = word.trim_end_matches([':', '.']);
    let tail = &word[bare.len()..];
    let port = bare.strip_prefix("127.0.0.1:").and_then(|port| port.parse::<u16>().ok());
    let time = bare.len() == 20 && bare.ends_with('Z') && bare.as_bytes()[10] == b'T';
    match () {
        () if port.is_some_and(|port| port > 9_999) => format!("127.0.0.1:PORT{tail}"),
        () if bare.len() == 64 && bare.chars().all(|c| c.is_ascii_hexdigit()) => {
            format!("ID{tail}")
        }
        () if time && !bare.starts_with("2100") => format!("TIME{tail}"),
        () => word.to_owned(),
    }
}

#[test]
fn every_mistake_is_answered_with_its_cause_and_the_next_step() {
    let mut world = World { dir: tempfile::tempdir().unwrap(), page: HEAD.into() };
    let quick = ["--hashes", "50", "--interval-ms", "10"];
    for name in ["genesis.toml", "other.toml"] {
        let made =
            run(&[&["genesis", "--name", name, "--out", &world.at(name)], &quick[..]].concat());
        assert!(made.status.success(), "{}", stderr(&made));
    }
    let genesis = fs::read_to_string(world.at("genesis.toml")).unwrap();
    // A node that ran and stopped, and one that runs.
    assert!(start(&world.at("genesis.toml"), &world.at("data"), &[]).stop());
    let node = start(&world.at("genesis.toml"), &world.at("busy"), &[]);
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = "run --genesis @genesis.toml --dir @data --listen 127.0.0.1:0 --rpc 127.0.0.1:0";

    world.mistake(
        "The port for peers is taken",
        &format!(
            "run --genesis @genesis.toml --dir @data --listen {} --rpc 127.0.0.1:0",
            node.peers
        ),
    );
    world.mistake(
        "The port for questions is taken",
        &format!("run --genesis @genesis.toml --dir @data --listen 127.0.0.1:0 --rpc {}", node.rpc),
    );
    world.mistake("A node runs on the directory already", &base.replace("@data", "@busy"));
    world.mistake("The directory holds another chain", &base.replace("@genesis", "@other"));
    world.mistake("There is no genesis file", &base.replace("@genesis", "@missing"));
    world.mistake(
        "An address has a typing error",
        &format!(
            "account --rpc {} iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvw",
            node.rpc
        ),
    );
    world.mistake("No node answers", &format!("status --rpc {unused}"));
    world.mistake("No peer answers", &format!("doctor --rpc {} --peer {unused}", node.rpc));
    world.mistake("Mining for nobody", &format!("{base} --mine"));
    world.mistake(
        "Links are open to be cut by anyone",
        "run --genesis @genesis.toml --dir @data --admin --rpc 0.0.0.0:0 --listen 127.0.0.1:0",
    );

    for (what, text) in [
        (
            "A typing error in the configuration",
            "listen = \"127.0.0.1:0\"\nlisen = \"127.0.0.1:1\"\n",
        ),
        ("A log level that there is not", "[log]\nisonomy_host = \"loud\"\n"),
        ("A limit beyond what makes sense", "[limits]\nlink_jobs = 300\n"),
    ] {
        world.write("node.toml", text);
        world.mistake(what, &format!("{base} --config @node.toml"));
    }

    world.write(
        "future.toml",
        &genesis
            .lines()
            .map(|line| {
                let line = if line.starts_with("time = ") { "time = 4102444800000" } else { line };
                format!("{line}\n")
            })
            .collect::<String>(),
    );
    world.mistake(
        "The clock is behind the chain",
        &base.replace("@genesis", "@future").replace("@data", "@new"),
    );
    world.write("newer.toml", &genesis.replace("version = 1", "version = 2"));
    world.mistake("The genesis file is of a later version", &base.replace("@genesis", "@newer"));

    let version = fs::read_to_string(world.at("data/VERSION")).unwrap();
    world.write("data/VERSION", &version.replace("data 4\n", "data 9\n"));
    world.mistake("The data is of a later version", base);
    world.write("data/VERSION", &version);
    fs::set_permissions(world.at("data/node.key"), Permissions::from_mode(0o644)).unwrap();
    world.mistake("Others can read the node's key", base);
    fs::set_permissions(world.at("data/node.key"), Permissions::from_mode(0o600)).unwrap();

    // A write past a limit on files' size fails in its middle, as on a full disk.
    let line = base.replace("@data", "@full");
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    let words: Vec<String> = line.split(' ').map(|word| world.word(word)).collect();
    command.args(["-c", script, env!("CARGO_BIN_EXE_isonomy")]).args(&words);
    world.tell("The disk is full", &line, &mut command);

    world.mistake("A file is in the way", "genesis --out @genesis.toml");
    wallets(&mut world, &node.rpc);
    until("it runs still", || run(&["status", "--rpc", &node.rpc]).status.success());
    assert!(node.stop());

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/WRONG-USES.md");
    if std::env::var_os("ISONOMY_BLESS").is_some() {
        fs::write(&path, &world.page).unwrap();
    }
    let got = fs::read_to_string(&path).unwrap_or_default();
    for (number, (got, want)) in got.lines().zip(world.page.lines()).enumerate() {
        assert_eq!(got, want, "line {} of {}", number + 1, path.display());
    }
    assert!(got == world.page, "{} is old: ISONOMY_BLESS=1 writes it anew", path.display());
}

/// What goes wrong with a wallet, without a node and with one.
fn wallets(world: &mut World, rpc: &str) {
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let origin = Origin::Mnemonic(Mnemonic::parse(words).unwrap());
    for (name, origin) in [("wallet", origin), ("eyes", Origin::Nothing)] {
        let cost = Argon2Cost::new(8, 1).unwrap();
        Store::create(world.at(name).as_ref(), "correct", origin, cost).unwrap();
    }
    world.secret("passphrase", "correct\n");
    world.secret("mistyped", "corect\n");
    let bob = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";
    let open = "--wallet @wallet --passphrase-file @passphrase";
    let eyes = "--wallet @eyes --passphrase-file @passphrase";

    world.mistake("A wrong passphrase", "wallet list --wallet @wallet --passphrase-file @mistyped");
    world.mistake(
        "An address to pay has a typing error",
        &format!("send --rpc {rpc} {open} --to {}q --amount 5", &bob[..bob.len() - 1]),
    );
    let mut watching = Store::open(world.at("eyes").as_ref(), "correct").unwrap();
    watching.add(bob.parse().unwrap(), "bob".parse().unwrap(), true).unwrap();
    watching.save().unwrap();
    world.mistake(
        "Signing for an address that is watched",
        &format!("send --rpc {rpc} {eyes} --from bob --to {bob} --amount 5"),
    );
    world.mistake(
        "An account that the wallet does not have",
        &format!("wallet address savings {open}"),
    );
    for (what, file, from, to) in [
        ("A word that is none", "mnemonic", "sausage", "sausages"),
        ("A word in the place of another", "swapped", "sausage", "saddle"),
    ] {
        world.secret(file, &words.replace(from, to));
        world.mistake(
            what,
            &format!(
                "wallet restore --wallet @new --passphrase-file @passphrase --mnemonic-file @{file}"
            ),
        );
    }
    world.mistake(
        "More is sent than there is",
        &format!("send --rpc {rpc} {open} --to {bob} --amount 5 --yes"),
    );

    // Drawn up for one chain, and shown to another's node.
    let session = elsewhere(world);
    world.secret("session", &session);
    world.mistake(
        "A session of another chain",
        &format!("wallet session sign @session {open} --rpc {rpc} --yes"),
    );

    let whole = fs::read(world.at("wallet")).unwrap();
    let mut newer = whole.clone();
    // Behind eight bytes that say what the file is.
    newer[8] = 9;
    fs::write(world.at("wallet"), newer).unwrap();
    world.mistake("The wallet is of a later version", &format!("wallet list {open}"));
    fs::write(world.at("wallet"), whole).unwrap();
    fs::set_permissions(world.at("wallet"), Permissions::from_mode(0o644)).unwrap();
    world.mistake("Others can read the wallet", &format!("wallet list {open}"));
}

/// A payment by the wallet's first account, on a chain that no node here runs.
fn elsewhere(world: &World) -> String {
    let store = Store::open(world.at("wallet").as_ref(), "correct").unwrap();
    let account = store.entries()[0].address;
    let party = Party { account, nonce: Nonce { lane: 1, seq: 0 }, policy: None };
    let to = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv".parse().unwrap();
    let actions = vec![pay(0, to, Amount(5))];
    let terms = Terms { parties: vec![party], actions, price: 1, expires: 1_000_000 };
    terms.offer(Hash::from_bytes([7; 32])).unwrap().to_string()
}

#[test]
fn what_differs_from_run_to_run_is_left_out() {
    let id = "0123456789abcdef".repeat(4);
    for (text, want) in [
        ("at 127.0.0.1:45001: taken", "at 127.0.0.1:PORT: taken"),
        ("at 127.0.0.1:7332", "at 127.0.0.1:7332"),
        (
            "clock 2026-11-23T07:00:00Z, of 2100-01-01T00:00:00Z:",
            "clock TIME, of 2100-01-01T00:00:00Z:",
        ),
        ("/tmp/x/data is", "data is"),
    ] {
        assert_eq!(plain(text, "/tmp/x/"), want);
    }
    assert_eq!(plain(&format!("chain {id}, not"), ""), "chain ID, not");
}
