//! A chain that is not coins: a notary.
//!
//! `notary.rs` is the ledger. Here five simulated nodes run it on proof of work, over a network
//! that loses packets, and agree on who owns what. There is no coin: nobody pays, nothing is
//! minted.
#![allow(clippy::print_stdout)]
mod notary;

use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::{Modules, query};
use isonomy_node::Node;
use isonomy_sim::{Settings, Sim, check, coin::Wallet, work::Role, work::WorkChain};
use isonomy_types::{Address, Decode, Encode, ModuleId, Wall};
use notary::Notary;

const NOTARY: ModuleId = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", run(7)?);
    Ok(())
}

/// Alice registers a document and hands it to Bob; Eve tries to take it. What the last node says.
fn run(seed: u64) -> Result<String, Box<dyn std::error::Error>> {
    let modules = Modules::default().with(NOTARY, Notary)?;
    let chain = WorkChain::new(modules, vec![(NOTARY, Vec::new())])?;
    let person = |number| Wallet::on(chain.id(), number).ok_or("no such person");
    let (mut alice, bob, mut eve) = (person(0)?, person(1)?, person(2)?);

    let settings = Settings { seed, loss_permille: 50, ..Settings::default() };
    let mut sim = Sim::new(settings, chain.spec.clone());
    for number in 0..5 {
        let peers = (0..number).map(Sim::address_of).collect();
        let role = Role { mining: number < 2, peers, ..Role::default() };
        sim.add(chain.maker(role), Vec::new());
    }

    let document = Domain::new("isonomy example document").hash(b"the deed to the harbour");
    sim.run_for(10_000);
    sim.submit(2, alice.call(NOTARY, (document, alice.address()).encode()));
    sim.run_for(1_000);
    sim.submit(2, alice.call(NOTARY, (document, bob.address()).encode()));
    sim.run_for(60_000);
    sim.submit(3, eve.call(NOTARY, (document, eve.address()).encode()));
    sim.run_for(60_000);
    sim.stop_mining();
    sim.run_for(30_000);

    let replay = check::Replay::of(&sim)?;
    check::most_work(&sim, &replay)?;
    check::state(&sim, &replay)?;
    match owner(sim.node(4), document) {
        Some(owner) if owner == bob.address() => {
            let height = sim.node(4).chain().best().height;
            Ok(format!("five nodes agree at height {height}: the document is Bob's"))
        }
        other => Err(format!("the document belongs to {other:?}, not to Bob").into()),
    }
}

/// Who owns a document, as one node sees it.
fn owner(node: &Node, document: Hash) -> Option<Address> {
    let chain = node.chain();
    let tip = chain.best();
    let env = chain.next_env(&tip.id, Wall(tip.time.0 + 1), Address::default())?;
    let view = chain.view(&tip.id)?;
    let answer = query(&env, chain.modules(), view, NOTARY, &document.encode()).ok()?;
    Option::<Address>::decode_exact(&answer).ok()?
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_document_has_one_owner_on_any_network() {
        for seed in 0..4 {
            super::run(seed).unwrap();
        }
    }
}
