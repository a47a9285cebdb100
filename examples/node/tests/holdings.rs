//! Assets, items, conditional payments and proofs, by the commands of a person.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
#![allow(clippy::arithmetic_side_effects)]
mod common;

use common::world::World;
use common::{run, stderr, stdout};
use serde_json::Value;

impl World {
    fn told(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn height(&self) -> u64 {
        self.told(&["status"])["height"].as_u64().unwrap()
    }
}

#[test]
fn an_asset_is_issued_sent_frozen_burned_and_its_rights_given_up() {
    let world = World::new(&["alice", "bob"], &[]);
    let (alice, bob) = (world.address("alice"), world.address("bob"));
    let issue = ["asset", "issue", "--key", "@alice", "--symbol", "DEED", "--name", "A boat"];
    let issue = |more: &[&'static str]| [&issue[..], more].concat();
    world.refused(&issue(&["--yes"]), 2, "--amount is 0, must be at least 1");
    let long = ["--symbol", "DEEDDEEDDEEDD", "--name", "x", "--amount", "1", "--yes"];
    let long = [&["asset", "issue", "--key", "@alice"], &long[..]].concat();
    world.refused(&long, 2, "--symbol has 13 bytes, limit 12");
    // What no chain takes is said before it costs a fee.
    for (wrong, said) in [
        (&["--amount", "5", "--cap", "4"][..], "a supply of 5, the cap is 4"),
        (&["--mint", "--cap", "0"], "an amount of 0"),
        (&["--amount", "5", "--decimals", "39"], "39 decimals, limit 38"),
    ] {
        world.refused(&[&issue(wrong)[..], &["--yes"]].concat(), 2, said);
    }
    let other = |symbol, name| {
        let other = ["asset", "issue", "--key", "@alice", "--amount", "1", "--yes", "--symbol"];
        [&other[..], &[symbol, "--name", name]].concat()
    };
    world.refused(&other("deed", "A boat"), 2, "is not 1 to 12 of A to Z and 0 to 9");
    world.refused(&other("DEED", " "), 2, "is blank or has control characters");
    let collection = ["collection", "create", "--key", "@alice", "--yes", "--name"];
    world.refused(&[&collection[..], &[" "]].concat(), 2, "is blank or has control characters");
    let terms = ["--amount", "100", "--cap", "150", "--mint", "--burn", "--freeze"];
    // Plain words before the signature.
    let words =
        format!("issue the asset \"DEED\", \"A boat\", with 0 decimals: 100 units for {alice}");
    world.refused(&issue(&terms), 2, &words);
    let asset = world.made(&issue(&terms))["asset"].as_str().unwrap().to_owned();
    let shown = world.done(&["asset", "show", &asset]);
    assert!(
        shown.contains("supply   100 of 150") && shown.contains("mint, burn, freeze"),
        "{shown}"
    );
    assert!(shown.contains(&format!("DEED, \"A boat\", 0 decimals, issued by {alice}")), "{shown}");

    let send = |key: &'static str, to: &str, amount: &str| {
        let send = ["send", "--key", key, "--asset", &asset, "--yes", "--wait", "--memo", "hello"];
        [&send[..], &["--to", to, "--amount", amount]]
            .concat()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let sent = |key, to: &str, amount: &str| {
        let words = send(key, to, amount);
        world.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let refused = |key, to: &str, amount: &str, code, said: &str| {
        let words = send(key, to, amount);
        world.refused(&words.iter().map(String::as_str).collect::<Vec<_>>(), code, said);
    };
    refused("@alice", &alice, "1", 2, "nothing would move but the fee");
    refused("@alice", &bob, "0", 2, "must be at least 1");
    refused("@alice", &bob, "101", 3, "holds 100 units");
    assert!(sent("@alice", &bob, "40").status.success());
    let held = world.told(&["account", &bob]);
    assert_eq!(held["holdings"]["holdings"][0]["amount"], "40", "{held}");
    let before = held["account"]["at"]["height"].to_string();

    let on = |verb: &'static str, key: &'static str| {
        ["asset", verb, "--key", key, "--yes", "--wait", &asset].map(str::to_owned).to_vec()
    };
    let with = |verb, key, more: &[&str]| {
        let words = on(verb, key);
        let words: Vec<_> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
        world.run(&words)
    };
    let says = |output: &std::process::Output, code, words: &str| {
        assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
        assert!(stderr(output).contains(words), "{words}: {}", stderr(output));
    };
    says(&with("freeze", "@bob", &["--account", &alice]), 3, "only the issuer may");
    says(&with("thaw", "@alice", &["--account", &bob]), 3, "is not frozen");
    says(&with("freeze", "@alice", &["--account", &bob]), 0, "");
    refused("@bob", &alice, "1", 3, "is frozen for the asset");
    refused("@alice", &bob, "1", 3, "is frozen for the asset");
    says(&with("thaw", "@alice", &["--account", &bob]), 0, "");
    says(&with("burn", "@bob", &["--amount", "41"]), 3, "holds 40 units");
    says(&with("burn", "@bob", &["--amount", "10"]), 0, "");
    says(&with("mint", "@bob", &["--to", &bob, "--amount", "1"]), 3, "only the issuer may");
    says(
        &with("mint", "@alice", &["--to", &bob, "--amount", "61"]),
        3,
        "90 units exist, 61 more would pass the cap of 150",
    );
    says(&with("mint", "@alice", &["--to", &bob, "--amount", "5"]), 0, "");
    says(&with("renounce", "@alice", &[]), 2, "name a right");
    says(&with("renounce", "@alice", &["--mint"]), 0, "");
    says(&with("mint", "@alice", &["--to", &bob, "--amount", "1"]), 3, "was renounced");
    says(&with("hand-over", "@alice", &["--to", &bob]), 0, "");
    says(&with("renounce", "@alice", &["--burn"]), 3, "only the issuer may");

    assert_eq!(world.told(&["asset", "show", &asset])["supply"], "95");
    assert_eq!(world.told(&["account", &bob])["holdings"]["holdings"][0]["amount"], "35");
    let then = world.told(&["account", &bob, "--height", &before]);
    assert_eq!(then["holdings"]["holdings"][0]["amount"], "40", "a height of the past");
    let newest = world.height();
    let future = (newest + 1_000_000).to_string();
    world.refused(&["account", &bob, "--height", &future], 3, "ask for one from");
    world.refused(&["asset", "show", &"07".repeat(32)], 3, "no asset 0707");
    assert!(world.node.stop());
}

#[test]
fn items_are_made_shown_sent_and_burned() {
    let world = World::new(&["alice", "bob"], &[]);
    let (alice, bob) = (world.address("alice"), world.address("bob"));
    let create = ["collection", "create", "--key", "@alice", "--name", "Deeds", "--cap", "2"];
    let made = world.made(&[&create[..], &["--mint", "--burn", "--metadata-bytes", "6"]].concat());
    let collection = made["collection"].as_str().unwrap().to_owned();
    let content = "05".repeat(32);
    let item = |verb: &'static str, key: &'static str, number: &str, more: &[&str]| {
        let words = ["item", verb, "--key", key, "--yes", "--wait", &collection, number];
        world.run(&[&words[..], more].concat())
    };
    let says = |output: &std::process::Output, code, words: &str| {
        assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
        assert!(stderr(output).contains(words), "{words}: {}", stderr(output));
    };
    let boat = ["--content", &content, "--metadata", "boat 7"];
    says(&item("make", "@bob", "7", &boat), 3, "only the issuer may");
    let long = ["--content", &content, "--metadata", "boat 77"];
    says(&item("make", "@alice", "7", &long), 2, "--metadata has 7 bytes, limit 6");
    says(&item("make", "@alice", "7", &boat), 0, "");
    says(&item("make", "@alice", "7", &boat), 3, "item 7 is there already");
    says(&item("send", "@bob", "7", &["--to", &alice]), 3, "owns item 7, not");
    says(&item("send", "@alice", "7", &["--to", &alice]), 2, "owns it already");
    says(&item("send", "@alice", "8", &["--to", &bob]), 3, "no item 8 of the collection");
    says(&item("send", "@alice", "7", &["--to", &bob, "--memo", "yours"]), 0, "");
    let shown = world.done(&["item", "show", &collection, "7"]);
    assert!(shown.contains(&format!("owner    {bob}")) && shown.contains("\"boat 7\""), "{shown}");
    let owned = world.told(&["account", &bob]);
    assert_eq!(owned["items"]["items"][0]["number"], 7, "{owned}");
    says(&item("burn", "@alice", "7", &[]), 3, "owns item 7, not");
    says(&item("burn", "@bob", "7", &[]), 0, "");
    let hand_over = ["collection", "hand-over", "--yes", "--wait", "--to", &bob, &collection];
    let by = |key: &'static str| [&hand_over[..], &["--key", key]].concat();
    world.refused(&by("@bob"), 3, "only the issuer may");
    world.done(&by("@alice"));
    says(&item("make", "@alice", "9", &boat), 3, "only the issuer may");
    let renounce = ["collection", "renounce", "--key", "@bob", "--yes", "--wait", &collection];
    world.done(&[&renounce[..], &["--mint"]].concat());
    says(&item("make", "@bob", "9", &boat), 3, "was renounced");
    let shown = world.done(&["collection", "show", &collection]);
    assert!(shown.contains("items    0 of 2") && shown.contains("rights   burn"), "{shown}");
    assert!(world.node.stop());
}

#[test]
fn a_conditional_payment_is_claimed_or_goes_back() {
    let world = World::new(&["alice", "bob"], &[]);
    let (alice, bob) = (world.address("alice"), world.address("bob"));
    let (secret, wrong) = ("07".repeat(32), "08".repeat(32));
    let hash = stdout(&run(&["lock", "hash", &secret])).trim().to_owned();
    assert_eq!(hash, "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0");
    let make = |until: u64, amount: &str| {
        let words = ["lock", "make", "--key", "@alice", "--to", &bob, "--hash", &hash];
        let until = until.to_string();
        let more = ["--what", amount, "--until-height", &until, "--yes", "--wait", "--json"];
        world.run(&[&words[..], &more].concat())
    };
    let id = |output: &std::process::Output| {
        assert!(output.status.success(), "{}", stderr(output));
        let said: Value = serde_json::from_str(&stdout(output)).unwrap();
        said["lock"].as_str().unwrap().to_owned()
    };
    let words = ["lock", "make", "--key", "@alice", "--to", &bob, "--hash", &hash];
    let words = [&words[..], &["--what", "500", "--until-height", "99999"]].concat();
    world.refused(&words, 2, "lock 500 coins, which this transaction sent to the locks before");
    let past = make(1, "500");
    assert_eq!(past.status.code(), Some(2), "{}", stderr(&past));
    assert!(stderr(&past).contains("height 1, has come already"), "{}", stderr(&past));
    assert!(stderr(&make(99_999, "0")).contains("--what is 0, must be at least 1"));

    let lock = id(&make(99_999, "500"));
    let before = world.balance(&bob);
    let shown = world.done(&["lock", "show", &lock]);
    assert!(shown.contains(&format!("500 coins by {alice}, for {bob}")), "{shown}");
    assert_eq!(world.told(&["account", &alice])["locks"]["locks"][0]["id"], lock);
    let claim = ["lock", "claim", "--key", "@alice", "--yes", "--wait", &lock, "--secret"];
    world.refused(&[&claim[..], &[&wrong]].concat(), 2, "nothing was shown to anyone");
    let refund = ["lock", "refund", "--key", "@alice", "--yes", "--wait"];
    world.refused(&[&refund[..], &[&lock]].concat(), 3, "from height 99999 on");
    world.done(&[&claim[..], &[&secret]].concat());
    assert_eq!(world.balance(&bob), before + 500, "whoever shows it");
    world.refused(&[&claim[..], &[&secret]].concat(), 3, "no lock");

    let timed = |until: &str| {
        let more = ["--what", "500", "--until-time", until, "--yes", "--wait", "--json"];
        world.run(&[&words[..6], &["--hash", &hash], &more].concat())
    };
    assert!(stderr(&timed("1")).contains("has come already"), "a time of 1970");
    let lock = id(&timed("99999999999999"));
    let refund_early = [&refund[..], &[&lock]].concat();
    world.refused(&refund_early, 3, "99999999999999");
    let before = world.balance(&bob);
    world.done(&[&claim[..6], &[&lock, "--secret", &secret]].concat());
    assert_eq!(world.balance(&bob), before + 500, "in time");

    let over = world.height() + 40;
    let lock = id(&make(over, "100000"));
    common::until("the deadline comes", || world.height() >= over);
    let claim = ["lock", "claim", "--key", "@bob", "--yes", &lock, "--secret", &secret];
    world.refused(&claim, 3, "could be claimed before height");
    let before = world.balance(&alice);
    world.done(&[&refund[..], &[&lock]].concat());
    assert!(world.balance(&alice) > before + 50_000, "all of it but the fee");
    assert!(world.node.stop());
}

#[test]
fn a_balance_is_proved_to_who_asks_nobody() {
    let world = World::new(&["alice", "bob"], &["carol"]);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| world.address(name));
    world.done(&["send", "--key", "@alice", "--to", &bob, "--amount", "77", "--yes", "--wait"]);
    let accounts = ["--account", &alice, "--account", &bob, "--account", &carol];
    let make = ["proof", "make", "--out", "@proof.json"];
    let made = world.told(&[&make[..], &accounts].concat());
    let block = made["block"]["id"].as_str().unwrap().to_owned();
    let root = made["state_root"].as_str().unwrap().to_owned();
    assert_eq!(made["balances"][1]["balance"], "1000077");
    assert_eq!(made["balances"][2]["balance"], "0");
    world.refused(&[&make[..], &accounts].concat(), 1, "never overwritten");
    let foreign = "05".repeat(32);
    let other = ["proof", "make", "--out", "@other.json", "--block", &foreign];
    world.refused(&[&other[..], &accounts].concat(), 3, "no block 0505");
    let past = made["block"]["height"].as_u64().unwrap() - 1;
    let past =
        ["proof", "make", "--out", "@past.json", "--height", &past.to_string()].map(str::to_owned);
    let both = ["--block", &block, "--height", &past[5]];
    world.refused(
        &[&["proof", "make", "--out", "@no.json"], &both[..], &accounts].concat(),
        3,
        "is of height",
    );
    let past: Vec<_> = past.iter().map(String::as_str).collect();
    world.done(&[&past[..], &accounts].concat());
    let (file, old) = (world.at("proof.json"), world.at("past.json"));
    assert!(world.node.stop());

    let check = |file: &str, flag: &str, known: &str| run(&["proof", "check", file, flag, known]);
    let good = check(&file, "--block", &block);
    assert!(good.status.success(), "{}", stderr(&good));
    assert!(stdout(&good).contains(&format!("{bob} holds 1000077 coins")), "{}", stdout(&good));
    assert!(stdout(&good).contains(&format!("{carol} holds 0 coins")), "{}", stdout(&good));
    let good = check(&file, "--root", &root);
    assert!(good.status.success() && !stdout(&good).contains(&block), "{}", stdout(&good));
    let refused = |output: &std::process::Output, code, words: &str| {
        assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
        assert!(stderr(output).contains(words), "{words}: {}", stderr(output));
        assert_eq!(stdout(output), "");
    };
    refused(&check(&file, "--block", &foreign), 3, "the proof is about the block");
    refused(&check(&file, "--root", &foreign), 3, "the proof is about the state root");
    refused(&check(&old, "--block", &block), 3, "the proof is about the block");
    refused(&run(&["proof", "check", &file]), 2, "--block");
    refused(&check(&world_at(&file, "nothing"), "--block", &block), 1, "isonomy proof make");
    // Bob had 0x0f42_8d of them; with one more it is no proof.
    let text = std::fs::read_to_string(&file).unwrap();
    let richer = text.replacen("8d420f", "8e420f", 1);
    assert_ne!(richer, text);
    std::fs::write(&file, richer).unwrap();
    refused(&check(&file, "--block", &block), 3, "the proof is wrong");
    std::fs::write(&file, "not a proof").unwrap();
    refused(&check(&file, "--block", &block), 1, "this is not a proof");
}

fn world_at(file: &str, name: &str) -> String {
    file.replace("proof.json", name)
}
