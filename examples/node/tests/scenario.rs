//! Networks of processes with late links, a faucet and named accounts; and the same run again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
mod common;

use common::{run, stderr, stdout};
use isonomy::client::Client;
use isonomy::types::Amount;
use isonomy_devnet::{Act, FAUCET_COINS, Latency, NAMES, Network, Scenario, Settings, Snapshot};
use std::path::Path;
use std::time::Duration;

/// Looks until the nodes are as wanted, for two minutes at most.
async fn look(network: &mut Network, what: &str, wanted: impl Fn(&Snapshot) -> bool) {
    for _ in 0..1_200 {
        if wanted(&network.look().await.unwrap()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within two minutes: {what}");
}

fn linked(snapshot: &Snapshot, peers: u64) -> bool {
    let enough = |status: &isonomy::client::api::Status| status.peers >= peers;
    snapshot.nodes.values().all(|status| status.as_ref().is_some_and(enough))
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_are_late_carry_a_network_that_is_cut_healed_and_restarted() {
    let program = env!("CARGO_BIN_EXE_isonomy").into();
    let settings = Settings {
        nodes: 3,
        interval_ms: 500,
        latency: Latency::Continent,
        ..Settings::new(program)
    };
    let mut network = Network::start(settings).await.unwrap();
    look(&mut network, "all are linked", |seen| linked(seen, 2) && seen.height() >= 1).await;
    let client = Client::from(network.rpc(1).unwrap());
    assert_eq!(client.status().await.unwrap().faucet, network.faucet());

    let accounts = network.accounts().unwrap();
    assert!(accounts.iter().map(|account| &*account.name).eq(NAMES));
    let alice = client.balance(accounts[0].address, None).await.unwrap();
    assert!(alice.balance > Amount::ZERO);
    let (fresh, _) = network.fund_new().await.unwrap();
    let mut paid = Amount::ZERO;
    for _ in 0..1_200 {
        paid = client.balance(fresh.address, None).await.unwrap().balance;
        if paid > Amount::ZERO {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(paid, Amount(FAUCET_COINS));

    for act in [Act::Cut(1, 2), Act::Kill(3), Act::Restart(3), Act::Heal(1, 2)] {
        network.act(&act).await.unwrap();
    }
    look(&mut network, "all are linked again", |seen| linked(seen, 2)).await;
    let report = network.judge(2).await.unwrap();
    assert!(report.agreed, "{}", report.why);
    network.stop().await;
}

const RECORDED: &str = "version = 1\nseed = 7\nnodes = 2\nlatency = \"lan\"\nrate = 5\n\
    hash_rate = 500\ninterval_ms = 24000\ntime_lapse = 60\n\n\
    [[steps]]\nat_ms = 300\nheight = 0\nact = { kill = 2 }\n\n\
    [[steps]]\nat_ms = 900\nheight = 1\nact = { restart = 2 }\n";

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().into()
}

#[test]
fn a_scenario_is_done_again_and_judged_after_its_last_step() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "scenario.toml", RECORDED);
    let output = run(&["devnet", "--scenario", &file]);
    let (text, said) = (stdout(&output), stderr(&output));
    let report: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(output.status.success(), "{report}\n{said}");
    assert_eq!((&report["kills"], &report["restarts"]), (&1.into(), &1.into()));
    assert_eq!((&report["seed"], &report["agreed"]), (&7.into(), &true.into()));
    for words in [
        "explorer: http://127.0.0.1:",
        "faucet: http://127.0.0.1:",
        "alice ",
        "chaos: kill node 2: ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_is_recorded_is_a_scenario() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("made.toml");
    let record = file.to_str().unwrap();
    let output =
        run(&["devnet", "--nodes", "1", "--blocks", "1", "--rate", "0", "--record", record]);
    assert!(output.status.success(), "{}", stderr(&output));
    let scenario = Scenario::open(&file).unwrap();
    assert_eq!((scenario.nodes, scenario.rate, scenario.steps.len()), (1, 0, 0));
    let again = run(&["devnet", "--nodes", "1", "--record", record]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("never overwritten: give another name"), "{}", stderr(&again));
}

#[test]
fn wrong_usage_names_the_cause_and_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let bad = RECORDED.replace("restart = 2", "restart = 1");
    let bad = write(dir.path(), "bad.toml", &bad);
    let gone = dir.path().join("gone.toml");
    let gone = gone.to_str().unwrap();
    for (arguments, words) in [
        (&["--scenario", &bad][..], "bad.toml: line 15: cannot restart node 1: it is not down"),
        (&["--scenario", gone], "give a file that `isonomy devnet --record FILE` wrote"),
        (&["--scenario", &bad, "--chaos"], "cannot be used with"),
        (&["--time-lapse", "5000"], "a block every 12 ms: must be 50 at least"),
        (&["--time-lapse", "0"], "0 is not in"),
        (&["--latency", "far"], "none, lan, continent, world"),
    ] {
        let output = run(&[&["devnet"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}
