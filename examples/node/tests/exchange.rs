//! Exchanges, shared accounts and new keys, against a node that runs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
mod common;

use common::world::World;
use common::{run, stderr, stdout};

const RICH: u128 = 1_000_000;

#[test]
fn coins_are_exchanged_both_ways_at_once() {
    let world = World::new(&["alice", "bob"], &["carol"]);
    let (alice, bob) = (world.address("alice"), world.address("bob"));
    let offer = ["exchange", "offer", "--key", "@alice", "--taker", &bob];
    let with = |more: &[&'static str]| [&offer[..], more].concat();
    world.refused(&with(&["--yes"]), 2, "nothing changes hands");
    world.refused(&with(&["--give", "50", "--get", "30"]), 2, "add --yes");
    world.refused(&with(&["--give", "2000000", "--yes"]), 3, "holds 1000000");
    world.refused(&with(&["--give", "5", "--yes", "--lane", "0"]), 2, "--lane");
    world.refused(&with(&["--also", "a:1:b"]), 2, "typing error");
    let own = ["exchange", "offer", "--key", "@bob", "--taker", &bob, "--give", "5", "--yes"];
    world.refused(&own, 2, "name another");

    world.done(&with(&["--give", "50", "--get", "30", "--yes", "--out", "@offer"]));
    let text = std::fs::read_to_string(world.at("offer")).unwrap();
    assert!(text.starts_with("isooffer1"), "{text}");
    // The same text, printed, is the same offer: it can be taken once.
    let printed = world.done(&with(&["--give", "50", "--get", "30", "--yes"]));
    let shown = world.done(&["exchange", "show", "@offer", "--account", &bob]);
    for words in [
        format!("{alice} shall send 50 coins to {bob} (you)"),
        format!("{bob} (you) shall send 30 coins to {alice}"),
        format!("{bob} (you) pays the fee: at most "),
        format!("Not yet signed by {bob} (you)."),
        format!("Signed by {alice}."),
        "It can be taken at height ".to_owned(),
    ] {
        assert!(shown.contains(&words), "{words}: {shown}");
    }
    let refused = |key: &str, offer: &str, code, words| {
        let accept = ["exchange", "accept", "--key", key, offer, "--yes", "--wait"];
        world.refused(&accept, code, words);
    };
    refused("@alice", "@offer", 3, "has nothing left to sign");
    refused("@carol", "@offer", 2, "the offer is not for");
    refused("@bob", "@nothing", 1, "check the path");
    refused("@bob", &text.trim()[..text.len() - 9], 2, "cut off");
    let taken = world.done(&["exchange", "accept", "--key", "@bob", "@offer", "--yes", "--wait"]);
    assert!(taken.contains("is in block"), "{taken}");
    assert_eq!(world.balance(&alice), RICH - 20);
    let fee = RICH + 20 - world.balance(&bob);
    assert!(fee > 0 && fee < 40_000, "{fee}");
    refused("@bob", &printed, 3, "was taken or cancelled");
    world.done(&["send", "--key", "@alice", "--to", &bob, "--amount", "7", "--yes", "--wait"]);
    assert!(world.node.stop());
}

#[test]
fn a_deed_is_exchanged_for_coins_and_units_at_once() {
    let world = World::new(&["alice", "bob"], &[]);
    let (alice, bob) = (world.address("alice"), world.address("bob"));
    let create = ["collection", "create", "--key", "@bob", "--name", "Deeds", "--mint"];
    let made = world.made(&[&create[..], &["--metadata-bytes", "9"]].concat());
    let collection = made["collection"].as_str().unwrap().to_owned();
    let content = "05".repeat(32);
    let item = ["item", "make", "--key", "@bob", &collection, "7", "--content", &content];
    world.made(&item);
    let asset = world.issue("@alice");
    let (units, deed) = (format!("4:{asset}"), format!("item:{collection}:7"));
    let offer = ["exchange", "offer", "--key", "@alice", "--taker", &bob, "--yes"];
    let with = |more: &[&str]| world.run(&[&offer[..], more].concat());
    let words = |output: &std::process::Output, code, words: &str| {
        assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
        assert!(stderr(output).contains(words), "{words}: {}", stderr(output));
    };
    words(&with(&["--give", &deed]), 3, &format!("{bob} owns item 7"));
    words(&with(&["--get", "item:7"]), 2, "expected item:COLLECTION:NUMBER");
    words(&with(&["--get", &format!("item:{collection}:8")]), 3, "no item 8");
    let offer = with(&["--give", "900", "--give", &units, "--get", &deed]);
    assert!(offer.status.success(), "{}", stderr(&offer));
    let offer = stdout(&offer).trim().to_owned();
    let shown = world.done(&["exchange", "show", &offer]);
    for words in [
        format!("{alice} shall send 900 coins to {bob}"),
        format!("{alice} shall send 4 units of the asset {asset} to {bob}"),
        format!("{bob} shall send item 7 of the collection {collection} to {alice}"),
    ] {
        assert!(shown.contains(&words), "{words}: {shown}");
    }
    let before = world.balance(&alice);
    world.done(&["exchange", "accept", "--key", "@bob", &offer, "--yes", "--wait"]);
    assert_eq!(world.balance(&alice), before - 900);
    let shown = world.done(&["item", "show", &collection, "7"]);
    assert!(shown.contains(&format!("owner    {alice}")), "{shown}");
    let late = ["exchange", "accept", "--key", "@bob", &offer, "--yes"];
    world.refused(&late, 3, "was taken or cancelled");
    assert!(world.node.stop());
}

#[test]
fn an_issued_asset_is_exchanged_for_coins_and_handed_on() {
    let world = World::new(&["alice", "bob", "carol"], &[]);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| world.address(name));
    let asset = world.issue("@alice");
    let held = world.balance(&alice);
    let give = format!("10:{asset}");
    let exchange = |maker: &str, taker: &str, address: &str| {
        let offer = ["exchange", "offer", "--key", maker, "--taker", address, "--give", &give];
        let offer = world.done(&[&offer[..], &["--get", "300", "--yes"]].concat());
        let shown = world.done(&["exchange", "show", &offer]);
        assert!(shown.contains(&format!("send 10 units of the asset {asset} to {address}")));
        world.run(&["exchange", "accept", "--key", taker, &offer, "--yes", "--wait"])
    };
    let taken = exchange("@alice", "@bob", &bob);
    assert!(taken.status.success(), "{}", stderr(&taken));
    assert_eq!(world.balance(&alice), held + 300);
    // Who holds them can hand them on; who does not, cannot, and then no coin moves.
    let taken = exchange("@bob", "@carol", &carol);
    assert!(taken.status.success(), "{}", stderr(&taken));
    let offer = ["exchange", "offer", "--key", "@bob", "--taker", &carol, "--give", &give];
    world.refused(&[&offer[..], &["--yes"]].concat(), 3, "holds 0 units of the asset");
    assert!(world.node.stop());
}

#[test]
fn who_takes_an_offer_of_what_is_gone_pays_nothing() {
    let world = World::new(&["alice", "bob"], &[]);
    let [alice, bob] = ["alice", "bob"].map(|name| world.address(name));
    let asset = world.issue("@alice");
    let give = format!("10:{asset}");
    let offer = ["exchange", "offer", "--key", "@alice", "--taker", &bob, "--give", &give];
    let offer = world.done(&[&offer[..], &["--get", "300", "--yes"]].concat());
    let back = format!("{alice}:995:{asset}:{bob}");
    world.done(&["exchange", "show", &offer]);
    let both = ["exchange", "offer", "--key", "@alice", "--taker", &bob, "--also", &back];
    let both = world.done(&[&both[..], &["--yes"]].concat());
    world.done(&["exchange", "accept", "--key", "@bob", &both, "--yes", "--wait"]);

    let held = world.balance(&bob);
    let gone = "holds 5 units of the asset";
    let shown = world.run(&["exchange", "show", &offer]);
    assert_eq!(shown.status.code(), Some(3), "{}", stderr(&shown));
    assert!(stderr(&shown).contains(gone), "{}", stderr(&shown));
    let accept = ["exchange", "accept", "--key", "@bob", &offer, "--yes", "--wait"];
    world.refused(&accept, 3, gone);
    assert_eq!(world.balance(&bob), held);
    // What comes back before it goes counts.
    let (there, again) = (format!("{bob}:20:{asset}:{alice}"), format!("{alice}:25:{asset}:{bob}"));
    let ring = ["exchange", "offer", "--key", "@alice", "--taker", &bob, "--yes"];
    let ring = world.done(&[&ring[..], &["--also", &there, "--also", &again]].concat());
    world.done(&["exchange", "accept", "--key", "@bob", &ring, "--yes", "--wait"]);
    assert!(world.node.stop());
}

#[test]
fn three_exchange_in_a_ring_and_an_offer_is_cancelled() {
    let world = World::new(&["alice", "bob", "carol"], &[]);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| world.address(name));
    let (second, third) = (format!("{bob}:30:{carol}"), format!("{carol}:20:{alice}"));
    let ring = ["--taker", &bob, "--give", "50", "--also", &second, "--also", &third];
    let make = |out: &'static str| {
        let offer = ["exchange", "offer", "--key", "@alice", "--yes", "--out", out];
        world.done(&[&offer[..], &ring].concat());
    };
    make("@first");
    let part = world.run(&["exchange", "accept", "--key", "@carol", "@first", "--yes"]);
    assert!(part.status.success() && stderr(&part).contains(&format!("still needs {bob}")));
    let text = stdout(&part).trim().to_owned();
    let taken = world.done(&["exchange", "accept", "--key", "@bob", &text, "--yes", "--wait"]);
    assert!(taken.contains("is in block"), "{taken}");
    assert_eq!((world.balance(&alice), world.balance(&carol)), (RICH - 30, RICH + 10));

    make("@second");
    let cancel = ["exchange", "cancel", "--yes", "--wait", "@second", "--key"];
    world.done(&[&cancel[..], &["@alice"]].concat());
    world.refused(&[&cancel[..], &["@alice"]].concat(), 3, "was taken or cancelled");
    let accept = ["exchange", "accept", "--key", "@bob", "@second", "--yes"];
    world.refused(&accept, 3, "was taken or cancelled");
    let shown = world.run(&["exchange", "show", "@second"]);
    assert_eq!(shown.status.code(), Some(3), "{}", stderr(&shown));
    assert!(stderr(&shown).contains("was taken or cancelled"), "{}", stderr(&shown));
    assert!(world.node.stop());
}

impl World {
    /// Makes a policy file of these people's keys, and answers with its account.
    fn policy(&self, needed: &str, keys: &[&str], more: &[&str], out: &str) -> String {
        let (out, mut arguments) = (self.at(out), vec!["keys", "policy", "--needed", needed]);
        let keys: Vec<_> = keys.iter().map(|key| self.public(key)).collect();
        keys.iter().for_each(|key| arguments.extend(["--public", key]));
        let made = run(&[&arguments[..], more, &["--out", &out]].concat());
        assert!(made.status.success(), "{}", stderr(&made));
        stdout(&made).trim().to_string()
    }
}

#[test]
fn several_keys_share_an_account() {
    let world = World::new(&["alice"], &["bob", "carol", "dave"]);
    let club = world.policy("2", &["alice", "bob", "carol"], &[], "club");
    assert_eq!(club, world.policy("2", &["carol", "bob", "alice"], &[], "same"), "any order");
    assert_ne!(club, world.policy("1", &["alice", "bob", "carol"], &[], "weak"));
    world
        .done(&["send", "--key", "@alice", "--to", &club, "--amount", "500000", "--yes", "--wait"]);
    let dave = world.address("dave");
    let send = ["send", "--policy", "@club", "--to", &dave, "--amount", "1000", "--yes", "--key"];
    let send = |key: &'static str| [&send[..], &[key]].concat();
    world.refused(&send("@dave"), 2, "the offer is not for");
    let part = world.done(&send("@carol"));
    let shown = world.done(&["exchange", "show", &part]);
    assert!(shown.contains(&format!("Not yet signed by {club} (1 of 2 signatures).")), "{shown}");
    let accept = ["exchange", "accept", &part, "--yes", "--wait", "--key"];
    world.refused(&[&accept[..], &["@carol"]].concat(), 3, "has nothing left to sign");
    world.refused(&[&accept[..], &["@dave"]].concat(), 2, "the offer is not for");
    world.done(&[&accept[..], &["@bob"]].concat());
    assert_eq!(world.balance(&dave), 1_000);

    // The club exchanges with one of its own.
    let alice = world.address("alice");
    let (before, held) = (world.balance(&alice), world.balance(&club));
    let offer = ["exchange", "offer", "--key", "@bob", "--policy", "@club", "--taker", &alice];
    let offer = world.done(&[&offer[..], &["--give", "9", "--get", "4", "--yes"]].concat());
    world.done(&["exchange", "accept", &offer, "--yes", "--wait", "--key", "@alice"]);
    assert_eq!(world.balance(&club), held - 5);
    assert!(world.balance(&alice) < before + 5);
    assert!(world.node.stop());
}

#[test]
fn an_account_is_put_under_other_keys() {
    let world = World::new(&["alice"], &["bob", "carol", "new"]);
    let alice = world.address("alice");
    let account = ["--account", &alice];
    assert_eq!(world.policy("1", &["new"], &account, "next"), alice);
    world.policy("2", &["bob", "carol"], &account, "both");
    let strange = world.policy("1", &["new"], &[], "strange");
    let rotate = |key: &'static str, more: &[&'static str]| {
        [&["keys", "rotate", "--yes", "--wait", "--key", key], more].concat()
    };
    world.refused(&rotate("@alice", &["--to", "@strange"]), 2, &strange);
    world.refused(&rotate("@new", &["--policy", "@next", "--to", "@both"]), 3, "shows a policy");
    let done = world.done(&rotate("@alice", &["--to", "@next"]));
    assert!(done.contains("is in block"), "{done}");

    let send = |key: &'static str, more: &[&'static str]| {
        let to = ["send", "--to", &strange, "--amount", "10", "--yes", "--wait", "--key", key];
        let words = [&to[..], more].concat();
        world.run(&words)
    };
    assert_eq!(send("@alice", &[]).status.code(), Some(3), "the old key is worth nothing");
    let own = ["send", "--to", &alice, "--amount", "10", "--yes", "--wait", "--key", "@new"];
    assert_eq!(world.run(&own).status.code(), Some(3), "its own account is empty");
    let sent = send("@new", &["--policy", "@next"]);
    assert!(sent.status.success(), "{}", stderr(&sent));
    assert_eq!(world.balance(&strange), 10);

    // From one key to two, and from two back to the first.
    world.done(&rotate("@new", &["--policy", "@next", "--to", "@both"]));
    world.policy("1", &["alice"], &account, "first");
    let part = world.done(&rotate("@carol", &["--policy", "@both", "--to", "@first"]));
    let shown = world.done(&["exchange", "show", &part]);
    assert!(shown.contains("shall hand this account over to the key"), "{shown}");
    assert!(shown.contains(&world.public("alice")), "{shown}");
    world.done(&["exchange", "accept", &part, "--yes", "--wait", "--key", "@bob"]);
    assert!(send("@alice", &[]).status.success());
    assert_eq!(world.balance(&strange), 20);
    assert!(world.node.stop());
}

#[test]
fn keys_that_are_no_policy_are_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (file, out) = (at("key"), at("policy"));
    assert!(run(&["keys", "new", "--out", &file]).status.success());
    let key = stdout(&run(&["keys", "show", "--public", &file])).trim().to_string();
    assert_eq!(key.len(), 64);
    let policy = ["keys", "policy", "--out", &out];
    for (more, words) in [
        (&["--public", "00"][..], "--public"),
        (&["--public", &"0".repeat(64)], "no key has these digits"),
        (&["--public", &key, "--needed", "2"], "2 of 1 keys needed"),
        (&["--public", &key, "--needed", "0"], "0 of 1 keys needed"),
        (&["--public", &key, "--public", &key], "does not come after"),
        (&[], "--public"),
    ] {
        let output = run(&[&policy[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{more:?}: {}", stderr(&output));
    }
    assert!(!std::path::Path::new(&out).exists());
}
