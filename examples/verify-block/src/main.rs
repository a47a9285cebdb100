//! Check one block from its bytes, trusting nobody.
//!
//! `maker.rs` makes a chain and mines its first block, with one transfer in it. Here a stranger
//! who knows the chain's genesis, and gets the block as bytes, checks all that a node checks.
#![allow(clippy::print_stdout)]
mod maker;

use isonomy_consensus::{Follow, pow::Work};
use isonomy_crypto::ListProof;
use isonomy_ledger::{Env, Execute, Mode, Stack, StateTree};
use isonomy_types::{Block, Decode, Entry, Transaction};
use std::error::Error;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let chain = maker::chain()?;
    let bytes = maker::mine_block(&chain)?;
    println!("received   {} bytes", bytes.len());

    // 1. The bytes are one block, and no other bytes are.
    let Block { header, body } = Block::decode_exact(&bytes)?;
    let id = header.id();
    println!("decoded    block {id} at height {}", header.height);

    // 2. The header follows genesis and shows its work.
    let tip = &chain.genesis.tip;
    let entry = Entry { header: header.clone(), authority: None, certificate: None };
    let (parent, authority) = (tip.trail.clone(), tip.authority.clone());
    let rules: Arc<Work> = Arc::new(chain.work);
    let followed = Follow { rules, parent, authority, entries: vec![entry] }.run();
    if let Some((_, broken)) = followed.broken {
        return Err(broken.into());
    }
    println!("header     valid, worth {} hashes", chain.work.target(&tip.trail)?.work());

    // 3. The body is the one that the header commits.
    let leaves: Vec<_> = body.transactions.iter().map(|tx| tx.leaf()).collect();
    if body.root() != header.body_root {
        return Err("the body is another block's".into());
    }
    println!("body       {} transaction, root as committed", leaves.len());

    // 4. Whoever acts in it signed it, for this chain.
    let checked = Transaction::check_all(body.transactions.into_vec(), &tip.trail.id)?;
    println!("signatures valid");

    // 5. Doing what it says gives the state and the receipts that the header commits.
    let env = Env {
        genesis: tip.trail.id,
        height: header.height,
        time: header.time,
        producer: header.producer,
        authority: tip.authority.clone(),
        params: tip.params.clone(),
    };
    let view =
        Arc::new(Stack { layers: vec![Arc::new(chain.genesis.layer)], base: maker::empty() });
    let tree = StateTree::of(&*view)?;
    let (modules, mode) = (chain.modules, Mode::Block);
    let transactions = checked.into_iter().map(Arc::new).collect();
    let execute = Execute { env, modules, view, tree, transactions, mode };
    let executed = execute.run()?;
    let state_root = executed.tree.root();
    if state_root != header.state_root || executed.receipts_root != header.receipts_root {
        return Err("the header commits another outcome".into());
    }
    println!("execution  state {state_root} as committed");

    // 6. Whoever holds the header alone can be shown that the transaction is in it.
    let proof = ListProof::new(&leaves, 0).ok_or("no transaction")?;
    proof.verify(&header.body_root, &leaves[0], 0)?;
    println!("proof      transaction {} is in block {id:?}", executed.receipts[0].transaction);
    Ok(())
}
