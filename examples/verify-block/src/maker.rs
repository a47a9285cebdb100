//! The other side: makes a chain, and a block on it.
use isonomy_chain::{Flush, Genesis};
use isonomy_consensus::pow::{Mine, Schedule, Target, Work, WorkSeal};
use isonomy_crypto::{Secret, list_root};
use isonomy_ledger::assets::{self, Assets, Call, Config};
use isonomy_ledger::{Empty, Env, Execute, Executed, Mode, Modules, Stack, StateTree, View};
use isonomy_types::{
    Action, Address, Amount, Authority, Blob, Block, Body, Encode, Header, Intent, List, Nonce,
    Params, Policy, Seal, Signer, Text, Transaction, Version, Wall, Witness,
};
use std::error::Error;
use std::sync::Arc;

pub(crate) struct Chain {
    pub(crate) genesis: Flush,
    pub(crate) work: Work,
    pub(crate) modules: Arc<Modules>,
}

pub(crate) fn empty() -> Arc<dyn View> {
    Arc::new(Empty)
}

fn alice() -> Result<Secret, Box<dyn Error>> {
    Ok(Secret::from_bytes(&[1; 32])?)
}

/// A chain whose blocks take about a thousand hashes, and on which Alice has coins.
pub(crate) fn chain() -> Result<Chain, Box<dyn Error>> {
    let anchor = Target::for_work(1_000).compact();
    let (interval_ms, half_life_ms) = (2_000, 600_000);
    let schedule = Schedule { anchor, interval_ms, half_life_ms, easiest: anchor };
    let work = Work { schedule };
    let modules = Arc::new(Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?);
    let alice = Policy::Key(alice()?.public()).address();
    let allocations = List::try_from(vec![(alice, Amount(1_000_000))])?;
    let genesis = Genesis {
        name: Text::try_from("verify-block".to_string())?,
        time: Wall(1_700_000_000_000),
        params: Params::default(),
        authority: Authority::default(),
        settings: Blob::truncated(schedule.encode()),
        modules: vec![(assets::ID, Config { allocations, reward: Amount(50) }.encode())],
    };
    let genesis = genesis.build(&work, modules.clone())?;
    Ok(Chain { genesis, work, modules })
}

/// Alice sends Bob 500 coins.
fn transfer(chain: &Chain) -> Result<Transaction, Box<dyn Error>> {
    let secret = alice()?;
    let policy = Policy::Key(secret.public());
    let bob = Policy::Key(Secret::from_bytes(&[2; 32])?.public()).address();
    let payload = Call::pay(bob, Amount(500)).encode().try_into()?;
    let nonce = Nonce { lane: 0, seq: 0 };
    let intent = Intent {
        version: Version,
        signers: vec![Signer { account: policy.address(), nonce }].try_into()?,
        actions: vec![Action { module: assets::ID, by: 0, payload }].try_into()?,
        meter_limit: 20_000,
        price: 1,
        expires: 10,
    };
    let signature = secret.sign(&intent.signing_digest(&chain.genesis.tip.trail.id), &[0; 32])?;
    let witness = Witness { policy, signatures: vec![Some(signature)].try_into()? };
    Ok(Transaction::new(intent, vec![witness].try_into()?))
}

/// Makes block 1 and mines it. Its bytes.
pub(crate) fn mine_block(chain: &Chain) -> Result<Vec<u8>, Box<dyn Error>> {
    let tip = &chain.genesis.tip;
    let transaction = transfer(chain)?;
    let time = Wall(tip.header.time.0 + 2_000);
    let producer = Address::default();
    let env = Env {
        genesis: tip.trail.id,
        height: 1,
        time,
        producer,
        authority: tip.authority.clone(),
        params: tip.params.clone(),
    };
    let layers = vec![Arc::new(chain.genesis.layer.clone())];
    let view = Arc::new(Stack { layers, base: empty() });
    let transactions = vec![Arc::new(transaction.clone().check(&tip.trail.id)?)];
    let (modules, tree, mode) = (chain.modules.clone(), StateTree::of(&*view)?, Mode::Template);
    let made = Execute { env, modules, view, tree, transactions, mode }.run()?;
    let header = sealed(chain, time, producer, &made)?;
    let body = Body { transactions: vec![transaction].try_into()? };
    Ok(Block { header, body }.encode())
}

fn sealed(
    chain: &Chain,
    time: Wall,
    producer: Address,
    made: &Executed,
) -> Result<Header, Box<dyn Error>> {
    let leaves: Vec<_> = made.included.iter().map(|transaction| transaction.leaf()).collect();
    let mut header = Header {
        version: Version,
        parent: chain.genesis.tip.trail.id,
        height: 1,
        time,
        producer,
        body_root: list_root(&leaves),
        state_root: made.tree.root(),
        receipts_root: made.receipts_root,
        next_authority: made.next_authority.hash(),
        next_params: made.next_params.hash(),
        seal: Seal::default(),
    };
    let (target, seal_hash) = (chain.work.target(&chain.genesis.tip.trail)?, header.seal_hash());
    let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
    let nonce = mine.run().ok_or("no nonce meets the target")?;
    header.seal = WorkSeal { nonce, extra: 0 }.seal();
    Ok(header)
}
