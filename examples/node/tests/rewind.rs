//! A stopped node's state taken back, and what it does then.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{copy, run, start, stderr, stdout, tree, until};
use std::path::Path;

fn status(rpc: &str) -> serde_json::Value {
    let answer = run(&["status", "--rpc", rpc, "--json"]);
    serde_json::from_str(&stdout(&answer)).unwrap_or_else(|_| panic!("{}", stderr(&answer)))
}

fn height(rpc: &str) -> u64 {
    status(rpc)["height"].as_u64().unwrap()
}

/// A chain file, and a directory whose node stored some of its blocks.
fn used(root: &Path) -> (String, String, String) {
    let at = |name: &str| root.join(name).to_str().unwrap().to_owned();
    let (genesis, data) = (at("genesis.toml"), at("data"));
    let producer = stdout(&run(&["keys", "new", "--out", &at("key.json")])).trim().to_owned();
    let quick = ["--hashes", "50", "--interval-ms", "10"];
    assert!(run(&[&["genesis", "--out", &genesis], &quick[..]].concat()).status.success());
    let node = start(&genesis, &data, &["--mine", "--producer", &producer, "--hash-rate", "20000"]);
    until("some flushes", || status(&node.rpc)["base"].as_u64().unwrap() >= 64);
    assert!(node.stop());
    (genesis, data, producer)
}

#[test]
fn a_rewound_node_fetches_what_it_forgot() {
    let root = tempfile::tempdir().unwrap();
    let (genesis, data, _) = used(root.path());
    let other = root.path().join("other");
    copy(Path::new(&data), &other);
    std::fs::remove_file(other.join("node.key")).unwrap();

    let rewind = |more: &[&str]| {
        run(&[&["rewind", "--genesis", &genesis, "--dir", &data, "--to"], more].concat())
    };
    let before = tree(Path::new(&data));
    let check = || run(&["check", "--genesis", &genesis, "--dir", &data]);
    let sound = check();
    assert!(stdout(&sound).contains("is sound"), "{}{}", stdout(&sound), stderr(&sound));
    let unasked = rewind(&["40"]);
    assert_eq!(unasked.status.code(), Some(2));
    assert!(stderr(&unasked).contains("fetched from peers again"), "{}", stderr(&unasked));
    assert!(stderr(&unasked).contains("add --yes"), "{}", stderr(&unasked));
    let needless = rewind(&["1000000", "--yes"]);
    assert!(needless.status.success() && stdout(&needless).contains("nothing is done"));
    assert!(tree(Path::new(&data)) == before, "nothing is changed unasked");

    let done = rewind(&["40", "--yes"]);
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(stdout(&done).contains("isonomy run"), "{}", stdout(&done));
    let stored = stdout(&done);
    let words = stored.split_whitespace();
    let stored: u64 =
        words.filter_map(|word| word.trim_end_matches(';').parse().ok()).next().unwrap();
    assert!((1..=40).contains(&stored), "{stored}");
    let sound = check();
    let at = format!("height {stored} ");
    assert!(stdout(&sound).contains(&at), "{}{}", stdout(&sound), stderr(&sound));

    let full = start(&genesis, other.to_str().unwrap(), &[]);
    until("the copy is whole", || height(&full.rpc) > 64);
    let rewound = start(&genesis, &data, &["--peer", &full.peers]);
    until("both agree", || status(&rewound.rpc)["tip"] == status(&full.rpc)["tip"]);
    assert!(rewound.stop() && full.stop());
}

#[test]
fn a_rewound_node_alone_goes_on_from_there() {
    let root = tempfile::tempdir().unwrap();
    let (genesis, data, producer) = used(root.path());
    let done = run(&["rewind", "--genesis", &genesis, "--dir", &data, "--to", "0", "--yes"]);
    assert!(stdout(&done).contains("at height 0;"), "{}{}", stdout(&done), stderr(&done));
    let mining = ["--mine", "--producer", &producer, "--hash-rate", "20000"];
    let node = start(&genesis, &data, &mining);
    until("it makes other blocks, and stores them", || {
        status(&node.rpc)["base"].as_u64().unwrap() > 8
    });
    assert!(node.stop());
    // And what it stored then is sound.
    let again = start(&genesis, &data, &[]);
    until("it is back", || height(&again.rpc) > 64);
    assert!(again.stop());
}

/// The way out that the halting node names is one.
#[test]
fn a_node_that_halted_on_a_deep_fork_follows_it_once_rewound() {
    let root = tempfile::tempdir().unwrap();
    let (genesis, data, producer) = used(root.path());
    let node = start(&genesis, &data, &[]);
    until("it is back", || height(&node.rpc) > 64);
    let top = height(&node.rpc);
    assert!(node.stop());

    // Another node, which shares nothing with it but the first block, makes a heavier branch.
    let other = root.path().join("other").to_str().unwrap().to_owned();
    let mining = ["--mine", "--producer", &producer, "--hash-rate", "20000"];
    let heavier = start(&genesis, &other, &mining);
    until("a heavier branch", || height(&heavier.rpc) > top + 20);
    assert!(heavier.stop());
    let heavier = start(&genesis, &other, &[]);
    until("it is back", || height(&heavier.rpc) > top);

    let run_beside = ["run", "--genesis", &genesis, "--dir", &data, "--peer", &heavier.peers];
    let free = ["--listen", "127.0.0.1:0", "--rpc", "127.0.0.1:0"];
    for again in ["once", "and again, whenever it is started"] {
        let halted = run(&[&run_beside[..], &free].concat());
        assert_eq!(halted.status.code(), Some(1), "{again}");
        let said = stderr(&halted);
        assert!(said.contains("forks below the base") && said.contains("isonomy rewind"), "{said}");
    }
    let rewind = ["rewind", "--genesis", &genesis, "--dir", &data, "--to", "0", "--yes"];
    assert!(run(&rewind).status.success());
    let node = start(&genesis, &data, &["--peer", &heavier.peers]);
    until("it follows", || status(&node.rpc)["tip"] == status(&heavier.rpc)["tip"]);
    assert!(node.stop() && heavier.stop());
}

#[test]
fn nothing_to_rewind_is_said_and_nothing_made() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    let genesis = at("genesis.toml");
    assert!(run(&["genesis", "--out", &genesis]).status.success());
    std::fs::create_dir(at("empty")).unwrap();
    for dir in [at("absent"), at("empty")] {
        let before = tree(root.path());
        let output = run(&["rewind", "--genesis", &genesis, "--dir", &dir, "--to", "3", "--yes"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("holds no node's data"), "{}", stderr(&output));
        assert!(tree(root.path()) == before);
    }
}
