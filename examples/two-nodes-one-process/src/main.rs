//! Two nodes on real sockets in one process: mine, transfer, agree.
//!
//! Alice's node mines. Bob's node knows Alice's address and nothing else: it fetches the chain,
//! checks all of it, and hears of Alice's payment. Each keeps its own copy on its own disk.
#![allow(clippy::print_stdout)]
use isonomy::client::{Client, api::Status};
use isonomy::types::{Amount, Nonce};
use isonomy::wallet::{Transfer, Wallet, meter_for};
use isonomy::{Mining, Node, Settings, Spec, WorkSpec};
use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroU64;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let alice = Wallet::create(&dir.path().join("alice.json"))?;
    let bob = Wallet::create(&dir.path().join("bob.json"))?;

    // A chain on which Alice has a million coins, and a block takes half a second.
    let spec = Spec {
        version: isonomy::SPEC_VERSION,
        name: "two nodes".into(),
        time: 1_700_000_000_000,
        reward: Amount(50),
        work: WorkSpec { hashes: 1_000, interval_ms: 500, half_life_ms: 60_000 },
        params: Default::default(),
        allocations: BTreeMap::from([(alice.address(), Amount(1_000_000))]),
    };

    let mining = Some(Mining { producer: alice.address(), hash_rate: NonZeroU64::new(2_000) });
    let first = Settings { mining, ..Settings::local(dir.path().join("alice")) };
    let first = Node::start(&spec, first).await?;
    let peers = first.address().into_iter().collect();
    let second = Settings { peers, ..Settings::local(dir.path().join("bob")) };
    let second = Node::start(&spec, second).await?;
    let ask_first = Client::from(first.rpc().ok_or("no address for questions")?);
    let ask_second = Client::from(second.rpc().ok_or("no address for questions")?);
    println!("chain {:?}: Alice's node at {:?}", first.genesis(), first.address());

    // Alice hands her own node a payment.
    let mut transfer = Transfer {
        to: bob.address(),
        amount: Amount(500),
        nonce: Nonce { lane: 0, seq: 0 },
        price: 1,
        meter_limit: 0,
        expires: 1_000,
    };
    transfer.meter_limit = meter_for(&transfer);
    let draft = alice.transfer(first.genesis(), transfer);
    println!("{}", draft.describe());
    let sent = first.submit(alice.sign(draft)?).await??;

    // Bob asks his own node, which trusts nobody.
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (ours, theirs) = (ask_second.status().await?, ask_first.status().await?);
        let agree = |a: &Status, b: &Status| (a.tip, a.state_root) == (b.tip, b.state_root);
        let balance = ask_second.account(bob.address()).await?.balance;
        if balance == Amount(500) && ours.height >= 5 && agree(&ours, &theirs) {
            println!(
                "height {}: Bob's own node says he has {balance} coins ({sent:?})",
                ours.height
            );
            println!("both nodes hold tip {:?} and state {:?}", ours.tip, ours.state_root);
            break;
        }
    }
    second.stop().await;
    first.stop().await;
    Ok(())
}
