//! Wallets as a person and a script use them, with a node where money moves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
mod common;

use common::world::World;
use common::{isonomy, start, stderr, stdout};
use isonomy::wallet::{Argon2Cost, Mnemonic, Origin, Store, Wallet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PASSPHRASE: &str = "correct horse";
/// An address like any other.
const NOBODY: &str = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";

/// A wallet whose passphrase is quickly tried.
fn cheap(path: &Path, origin: Origin) {
    Store::create(path, PASSPHRASE, origin, Argon2Cost::new(8, 1).unwrap()).unwrap();
}

fn words() -> Origin {
    Origin::Mnemonic(Mnemonic::parse(WORDS).unwrap())
}

/// With names after `@` in a directory, and the passphrase where a script has it.
struct Desk<'a> {
    dir: &'a Path,
}

impl Desk<'_> {
    fn at(&self, name: &str) -> String {
        self.dir.join(name).to_str().unwrap().to_owned()
    }

    fn run_with(&self, arguments: &[&str], passphrase: Option<&str>) -> Output {
        let full =
            |word: &&str| word.strip_prefix('@').map_or((*word).into(), |name| self.at(name));
        let arguments: Vec<String> = arguments.iter().map(full).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = isonomy(&arguments);
        command.env_remove("ISONOMY_WALLET").env_remove("ISONOMY_PASSPHRASE");
        command.env("XDG_CONFIG_HOME", self.dir.join("config"));
        command.envs(passphrase.map(|passphrase| ("ISONOMY_PASSPHRASE", passphrase)));
        command.output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run_with(arguments, Some(PASSPHRASE));
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output).trim().to_owned()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn refused(&self, arguments: &[&str], code: i32, words: &str) {
        self.refused_with(arguments, Some(PASSPHRASE), code, words);
    }

    fn refused_with(&self, arguments: &[&str], passphrase: Option<&str>, code: i32, words: &str) {
        let output = self.run_with(arguments, passphrase);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        for secret in ["winner", "sausage", "correct horse"] {
            assert!(!said.contains(secret), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_wallet_is_made_by_a_script_and_comes_back_from_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk { dir: dir.path() };
    fs::write(desk.at("secret"), format!("{PASSPHRASE}\n")).unwrap();
    let create = ["wallet", "create", "--wallet", "@one", "--passphrase-file", "@secret"];
    let made = [&create[..], &["--mnemonic-out", "@words"]].concat();
    desk.refused_with(&made, None, 1, "run: chmod 600");
    fs::set_permissions(desk.at("secret"), Permissions::from_mode(0o600)).unwrap();
    desk.refused(&create, 2, "--mnemonic-out FILE");
    let no_passphrase = ["wallet", "create", "--wallet", "@one", "--mnemonic-out", "@words"];
    desk.refused_with(
        &no_passphrase,
        None,
        2,
        "give --passphrase-file FILE or set ISONOMY_PASSPHRASE",
    );
    desk.refused_with(&no_passphrase, Some(""), 2, "the passphrase is empty");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was made");

    let output = desk.run_with(&made, None);
    assert!(output.status.success(), "{}", stderr(&output));
    let words = fs::read_to_string(desk.at("words")).unwrap();
    let first = words.split(' ').next().unwrap();
    assert_eq!(words.split_whitespace().count(), 12);
    assert!(!format!("{}{}", stdout(&output), stderr(&output)).contains(&format!("{first} ")));
    for name in ["one", "words"] {
        let mode = fs::metadata(desk.at(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    desk.refused(&made, 1, "never overwritten");
    let address = desk.done(&["wallet", "address", "--wallet", "@one"]);
    assert!(stdout(&output).contains(&address));
    // The usual place, with more accounts, by the words alone.
    let restore = ["wallet", "restore", "--mnemonic-file", "@words", "--accounts", "3"];
    let restored = desk.json(&restore);
    assert_eq!(restored["accounts"].as_array().unwrap().len(), 3);
    assert_eq!(restored["accounts"][0]["address"], address.as_str());
    assert_eq!(restored["accounts"][2]["path"], "m/86'/1'/2'/0/0");
    assert!(dir.path().join("config/isonomy/wallet").exists());
    assert_eq!(desk.done(&["wallet", "address"]), address);

    desk.refused_with(&["wallet", "list"], Some("wrong"), 1, "wrong passphrase, or the file was");
    desk.refused(&["wallet", "list", "--wallet", "@none"], 1, "isonomy wallet create");
    desk.refused(&["wallet", "list", "--wallet", "@words"], 1, "this is no wallet");
    fs::write(desk.at("words2"), words.replacen(first, "abandoned", 1)).unwrap();
    fs::set_permissions(desk.at("words2"), Permissions::from_mode(0o600)).unwrap();
    let bad = ["wallet", "restore", "--wallet", "@two", "--mnemonic-file", "@words2"];
    desk.refused(&bad, 2, "word 1 of the mnemonic");
}

#[test]
fn accounts_and_addresses_are_listed_labelled_watched_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk { dir: dir.path() };
    cheap(&dir.path().join("wallet"), words());
    fn with(more: &[&'static str]) -> Vec<&'static str> {
        [&["wallet"], more, &["--wallet", "@wallet"]].concat()
    }
    desk.done(&with(&["derive", "--label", "savings"]));
    desk.done(&with(&["label", NOBODY, "bob"]));
    desk.done(&with(&["label", "0", "spending"]));
    let watched = Wallet::create(&dir.path().join("key.json")).unwrap().address().to_string();
    desk.done(&["wallet", "watch", &watched, "--label", "vault", "--wallet", "@wallet"]);
    let listed = desk.done(&with(&["list"]));
    let kinds: Vec<_> =
        listed.lines().map(|line| line.split("iso1").next().unwrap().trim()).collect();
    let kinds: Vec<_> =
        kinds.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(kinds, ["account 0 spending", "account 1 savings", "other bob", "watched vault"]);
    let list = desk.json(&with(&["list"]));
    assert_eq!(list["entries"][1]["path"], "m/86'/1'/1'/0/0");
    assert_eq!(list["entries"][2]["address"], NOBODY);
    assert_eq!(desk.json(&with(&["address", "vault"]))["kind"], "watched");
    let public = desk.done(&with(&["address", "savings", "--public"]));
    assert_eq!(public.len(), 64);

    desk.refused(&with(&["address", "nobody"]), 2, "see `isonomy wallet list`");
    desk.refused(&with(&["label", "savings", "bob"]), 2, "choose another");
    desk.refused(&with(&["label", "savings", "7"]), 2, "an account's number");
    desk.refused(&with(&["label", "iso1x", "bert"]), 2, "no account or address");
    desk.refused(&with(&["watch", "iso1x", "--label", "x"]), 2, "typing error");
    desk.refused(&with(&["watch", NOBODY, "--label", "x"]), 2, "in the wallet already, as \"bob\"");
    desk.refused(&with(&["forget", "savings"]), 2, "stays in it");
    desk.refused(&with(&["address", "vault", "--public"]), 2, "sign with the wallet that holds");
    desk.done(&with(&["forget", "bob"]));

    let shown = desk.done(&with(&["receive", "savings", "--amount", "500"]));
    let request = shown.lines().last().unwrap();
    assert!(request.starts_with("isonomy:iso1") && request.ends_with("?amount=500"), "{request}");
    assert!(shown.lines().count() > 15 && shown.contains('▀') && shown.contains('█'), "{shown}");
    assert_eq!(desk.json(&with(&["receive", "savings", "--amount", "500"]))["request"], request);

    desk.done(&with(&["backup", "--out", "@copy"]));
    assert_eq!(fs::read(desk.at("copy")).unwrap(), fs::read(desk.at("wallet")).unwrap());
    desk.refused(&with(&["backup", "--out", "@copy"]), 1, "never overwritten");
    desk.refused(&with(&["export"]), 2, "--mnemonic-out FILE");
    desk.refused(&with(&["export", "--mnemonic-out", "@words"]), 2, "add --yes");
    desk.done(&with(&["export", "--mnemonic-out", "@words", "--yes"]));
    assert_eq!(fs::read_to_string(desk.at("words")).unwrap().trim(), WORDS);
}

#[test]
fn key_files_are_taken_in_and_watching_wallets_have_none() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk { dir: dir.path() };
    let key = desk.done(&["keys", "new", "--out", "@alice.json"]);
    desk.done(&["wallet", "restore", "--wallet", "@alice", "--key-file", "@alice.json"]);
    assert_eq!(desk.done(&["wallet", "address", "--wallet", "@alice"]), key);
    desk.refused(&["wallet", "derive", "--wallet", "@alice"], 2, "no mnemonic");
    desk.refused(&["wallet", "list", "--wallet", "@alice.json"], 1, "give it with --key");
    let export = ["wallet", "export", "--wallet", "@alice", "--mnemonic-out", "@words", "--yes"];
    desk.refused(&export, 2, "no mnemonic");

    desk.done(&["wallet", "create", "--watch-only", "--wallet", "@eyes"]);
    desk.refused(&["wallet", "address", "--wallet", "@eyes"], 2, "isonomy wallet watch");
    desk.done(&["wallet", "watch", &key, "alice", "--wallet", "@eyes"]);
    assert_eq!(desk.done(&["wallet", "address", "--wallet", "@eyes"]), key);
    let sign = ["wallet", "sign-message", "mine", "--wallet", "@eyes", "--yes"];
    desk.refused(&sign, 2, "it can be watched and not signed for");
}

#[test]
fn a_passphrase_is_changed_and_the_old_one_no_longer_opens() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk { dir: dir.path() };
    cheap(&dir.path().join("wallet"), words());
    let before = desk.done(&["wallet", "list", "--wallet", "@wallet"]);
    let bytes = fs::read(desk.at("wallet")).unwrap();
    let secret = |name: &str, text: &str, mode| {
        fs::write(desk.at(name), text).unwrap();
        fs::set_permissions(desk.at(name), Permissions::from_mode(mode)).unwrap();
    };
    secret("new", "battery staple\n", 0o600);
    secret("empty", "\n", 0o600);
    secret("open", "battery staple\n", 0o644);
    let change = ["wallet", "passphrase", "--wallet", "@wallet"];
    let to = |file| [&change[..], &["--new-passphrase-file", file]].concat();
    desk.refused(&change, 2, "give --new-passphrase-file FILE");
    desk.refused(&to("@empty"), 2, "the passphrase is empty");
    desk.refused(&to("@open"), 1, "run: chmod 600");
    desk.refused(&to("@none"), 1, "none");
    desk.refused_with(&to("@new"), Some("wrong"), 1, "wrong passphrase, or the file was");
    desk.refused_with(&to("@new"), None, 2, "give --passphrase-file FILE");
    assert_eq!(fs::read(desk.at("wallet")).unwrap(), bytes);

    desk.done(&["wallet", "backup", "--out", "@copy", "--wallet", "@wallet"]);
    let said = desk.done(&to("@new"));
    assert!(said.contains("copies made before open with the old one"), "{said}");
    let list = ["wallet", "list", "--wallet", "@wallet"];
    desk.refused(&list, 1, "wrong passphrase, or the file was");
    let opened = desk.run_with(&list, Some("battery staple"));
    assert_eq!(stdout(&opened).trim(), before);
    let mode = fs::metadata(desk.at("wallet")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(desk.done(&["wallet", "list", "--wallet", "@copy"]), before);
}

#[test]
fn messages_are_signed_and_verified() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk { dir: dir.path() };
    cheap(&dir.path().join("wallet"), words());
    let address = desk.done(&["wallet", "address", "--wallet", "@wallet"]);
    let text = "To Bob:\nsigned by nobody";
    let sign = ["wallet", "sign-message", text, "--wallet", "@wallet"];
    desk.refused(&sign, 2, "add --yes");
    desk.refused(
        &["wallet", "sign-message", "\u{1b}[2J", "--wallet", "@wallet"],
        2,
        "do not print",
    );
    let said = desk.done(&[&sign[..], &["--yes"]].concat());
    assert!(said.starts_with("isosaid1"), "{said}");
    let shown = desk.done(&["wallet", "verify-message", &said]);
    assert_eq!(shown, format!("signed by {address}:\n  | To Bob:\n  | signed by nobody"));
    fs::write(desk.at("said"), &said).unwrap();
    let read = desk.json(&["wallet", "verify-message", "@said", "--address", &address]);
    assert_eq!((&read["text"], &read["address"]), (&text.into(), &address.into()));
    desk.refused(&["wallet", "verify-message", "@said", "--address", NOBODY], 3, "signed it, not");
    let cut = &said[..said.len() - 1];
    desk.refused(&["wallet", "verify-message", cut], 2, "typing error or is cut off");
    desk.refused(&["wallet", "verify-message", "@none"], 1, "ask for the signed message");
}

#[test]
fn a_wallet_is_paid_and_pays() {
    let world = World::new(&["alice"], &[]);
    let desk = Desk { dir: world.dir.path() };
    cheap(&world.dir.path().join("wallet"), words());
    let rpc = world.node.rpc.clone();
    desk.done(&["wallet", "derive", "--label", "savings", "--wallet", "@wallet"]);
    desk.done(&["wallet", "watch", &world.address("alice"), "alice", "--wallet", "@wallet"]);
    let asked = ["wallet", "receive", "--amount", "600000", "--wallet", "@wallet"];
    let request = desk.json(&asked)["request"].as_str().unwrap().to_owned();
    // The payer needs nothing but the request.
    let pay = ["send", "--rpc", &rpc, "--key", "@alice", "--to", &request, "--yes", "--wait"];
    desk.done(&pay);
    let more = [&pay[..], &["--amount", "5"]].concat();
    desk.refused(&more, 2, "the request asks for 600000; give one of them");
    let label = ["send", "--rpc", &rpc, "--key", "@alice", "--to", "bob", "--amount", "5"];
    desk.refused(&label, 2, "labels are a wallet's");

    let send = |from: &'static str, to: &'static str, amount: &'static str| {
        let from = ["wallet", "send", "--rpc", &rpc, "--wallet", "@wallet", "--from", from];
        [&from[..], &["--to", to, "--amount", amount, "--wait"]].concat()
    };
    desk.refused(&send("main", "savings", "700"), 2, "add --yes");
    let asked = desk.run_with(&send("main", "savings", "700"), Some(PASSPHRASE));
    let said = stderr(&asked);
    for words in ["the node estimates a price of", "[main] shall send 700 coins to", "[savings]"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for fee in ["high", "low", "3"] {
        let out =
            desk.json(&[&send("main", "savings", "700")[..], &["--yes", "--fee", fee]].concat());
        assert!(out["status"]["confirmed"]["height"].as_u64().is_some(), "{out}");
    }
    desk.refused(
        &[&send("main", "savings", "700")[..], &["--fee", "cheap"]].concat(),
        2,
        "low, normal",
    );
    desk.refused(
        &[
            "wallet",
            "send",
            "--rpc",
            "127.0.0.1:1",
            "--wallet",
            "@wallet",
            "--to",
            NOBODY,
            "--amount",
            "5",
            "--yes",
        ],
        4,
        "127.0.0.1:1",
    );
    desk.refused(&send("main", "savings", "700000"), 3, "send less, or wait");
    desk.refused(&send("main", "main", "7"), 2, "name another account");
    desk.refused(&send("main", "nobody", "7"), 2, "no account or address");
    desk.refused(&send("9", "savings", "7"), 2, "no account or address");
    desk.refused(&send("alice", "savings", "7"), 2, "it can be watched and not signed for");
    desk.refused(&send("main", "iso1x", "7"), 2, "typing error");
    let no_key = ["send", "--rpc", &rpc, "--to", NOBODY, "--amount", "5", "--yes"];
    desk.refused(&no_key, 2, "give --key FILE or --wallet FILE");
    let both = [&no_key[..], &["--key", "@alice", "--wallet", "@wallet"]].concat();
    desk.refused(&both, 2, "cannot be used with");

    // Where a key file is taken, so is a wallet.
    let issue =
        ["asset", "issue", "--rpc", &rpc, "--wallet", "@wallet", "--symbol", "DEED", "--name"];
    let issued = [&issue[..], &["A boat", "--amount", "40", "--yes", "--wait"]].concat();
    let asset = desk.json(&issued)["asset"].as_str().unwrap().to_owned();
    let held = desk.json(&["wallet", "balance", "--rpc", &rpc, "--wallet", "@wallet"]);
    let savings = &held["accounts"][1];
    assert_eq!(savings["label"], "savings");
    assert_eq!(savings["holdings"][0]["amount"], "2100");
    assert_eq!(held["accounts"][2]["kind"], "watched");
    let units = held["total"].as_array().unwrap().iter().find(|held| held["asset"] == *asset);
    assert_eq!(units.unwrap()["amount"], "40");
    let shown = desk.done(&["wallet", "balance", "savings", "--rpc", &rpc, "--wallet", "@wallet"]);
    assert!(shown.ends_with("all together\n  2100 coins"), "{shown}");
    // A signed message of an account that still is under its key.
    let sign = ["wallet", "sign-message", "mine", "--wallet", "@wallet", "--yes"];
    let said = desk.done(&sign);
    let verify = ["wallet", "verify-message", &said, "--rpc", &rpc];
    assert_eq!(desk.json(&verify)["current"], true);
    assert!(world.node.stop());
}

#[test]
fn a_session_goes_from_signer_to_signer() {
    let world = World::new(&["alice"], &[]);
    let desk = Desk { dir: world.dir.path() };
    let rpc = world.node.rpc.clone();
    // Not NOBODY, who is paid for blocks.
    let bob = "iso1s76mrgln9ukzl6ghjp4g2g2j7ewkywm7zr6lehlwwpjxra2fnp0squmszc";
    cheap(&world.dir.path().join("wallet"), words());
    desk.done(&["wallet", "derive", "--label", "second", "--wallet", "@wallet"]);
    let own = |which| desk.done(&["wallet", "address", which, "--public", "--wallet", "@wallet"]);
    let (one, two, three) = (own("0"), own("1"), world.public("alice"));
    let policy =
        ["keys", "policy", "--needed", "2", "--public", &one, "--public", &two, "--public"];
    let club = desk.done(&[&policy[..], &[&three, "--out", "@club"]].concat());
    let make = ["wallet", "session", "make", "--rpc", &rpc, "--policy", "@club", "--to", bob];
    let make = [&make[..], &["--amount", "500", "--out", "@session"]].concat();
    desk.refused(&make, 3, "wait until more has come");
    let fund = ["send", "--rpc", &rpc, "--key", "@alice", "--to", &club, "--amount", "90000"];
    desk.done(&[&fund[..], &["--yes", "--wait"]].concat());
    desk.done(&make);

    let sign = |from: &[&'static str], out: &'static str| {
        let sign = ["wallet", "session", "sign", "@session", "--out", out, "--yes"];
        [&sign[..], from].concat()
    };
    let wallet = |from| vec!["--wallet", "@wallet", "--from", from];
    let unconfirmed = ["wallet", "session", "sign", "@session", "--key", "@alice"];
    let asked = desk.run_with(&unconfirmed, None);
    assert_eq!(asked.status.code(), Some(2));
    let said = stderr(&asked);
    for words in [format!("{club} shall send 500 coins to {bob}"), "add --rpc".into()] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    // Two sign at once, one of them without a node.
    desk.done(&sign(&wallet("second"), "@by-two"));
    desk.done(&[&sign(&["--key", "@alice"], "@by-three")[..], &["--rpc", &rpc]].concat());
    desk.refused(&["wallet", "session", "send", "@by-two", "--rpc", &rpc], 3, "1 of 2 signatures");
    let combined = ["wallet", "session", "combine", "@by-two", "@by-three", "--out", "@all"];
    assert_eq!(desk.json(&combined)["unsigned"], serde_json::json!([]));
    desk.refused(&sign(&["--key", "@nobody"], "@x"), 1, "isonomy keys new");

    // Another chain's node, and other contents.
    let genesis = desk.at("other.toml");
    desk.done(&["genesis", "--out", "@other.toml", "--name", "other"]);
    let other = start(&genesis, &desk.at("other"), &[]);
    let elsewhere = ["wallet", "session", "send", "@all", "--rpc", &other.rpc];
    desk.refused(&elsewhere, 3, "ask a node of the offer's chain");
    assert!(other.stop());
    let text = fs::read_to_string(desk.at("all")).unwrap();
    let changed = format!("{}{}", &text[..60], text[60..].replacen('q', "p", 1));
    desk.refused(&["wallet", "session", "show", &changed, "--rpc", &rpc], 2, "typing error");
    let another = ["wallet", "session", "make", "--rpc", &rpc, "--policy", "@club", "--to", bob];
    let another = desk.done(&[&another[..], &["--amount", "501", "--blocks", "20"]].concat());
    desk.refused(&["wallet", "session", "combine", "@all", &another], 3, "not copies of one");
    common::until("the session expires", || {
        let shown = desk.run_with(&["wallet", "session", "show", &another, "--rpc", &rpc], None);
        stderr(&shown).contains("ask for a new offer")
    });

    let sent = desk.done(&["wallet", "session", "send", "@all", "--rpc", &rpc, "--wait"]);
    assert!(sent.contains("is in block"), "{sent}");
    assert_eq!(world.balance(bob), 500);
    desk.refused(
        &["wallet", "session", "send", "@all", "--rpc", &rpc],
        3,
        "was taken or cancelled",
    );
    assert!(world.node.stop());
}
