//! A block from its bytes to a committed state, as a node does it, on two threads.
use super::Measured;
use super::row::{Goal, Row, time};
use super::verify::{Foreign, claim};
use isonomy::chain::Chain;
use isonomy::consensus::pow::{Mine, WorkSeal};
use isonomy::host::Verifier;
use isonomy::node::{Done, Job, Lent};
use isonomy::{Coin, Spec, WorkSpec};
use isonomy_benches::measure::{cpu_ns, of, wall_ns};
use isonomy_benches::{address, secret, transfer};
use isonomy_crypto::{Claim, Hash, InvalidClaims, PublicKey, Signature, list_root};
use isonomy_types::{
    Address, Amount, Body, Encode, Entry, Header, Params, Transaction, Version, Wall,
};
use std::error::Error;
use std::sync::Arc;

const TRANSFERS: u32 = 4_096;
const THREADS: usize = 2;
const ROUNDS: usize = 7;

pub(super) fn import() -> Measured {
    let coin = spec()?.coin()?;
    let (entry, bytes) = block(&coin)?;
    let claims: Vec<_> = (0..TRANSFERS.into()).map(claim).collect::<Result<_, _>>()?;
    let foreign: Vec<_> = claims.iter().map(Foreign::of).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (mut chain, lent) = (chain(&coin)?, Threads(Verifier::new(THREADS)));
        let (entry, bytes) = (entry.clone(), bytes.clone());
        let mut imported = Err("not run".into());
        let ours = wall_ns(|| imported = take_in(&mut chain, entry, bytes, &lent));
        imported?;
        let mut held = false;
        let beside = cpu_ns(|| held = foreign.iter().all(Foreign::holds));
        if !held {
            return Err("the peer refuses a signature".into());
        }
        rounds.push((ours, beside));
    }
    let cost = of(rounds);
    Ok(Row {
        what: "4 096 transfers, bytes to committed in memory, two cores",
        ours: time(cost.ours_ns),
        beside: format!("as many `secp256k1` checks, one core, {}", time(cost.beside_ns)),
        ratio: Some(cost.ratio),
        goal: Some(Goal::Ratio(1.2)),
    })
}

fn spec() -> Result<Spec, Box<dyn Error>> {
    let endow = |number| Ok((address(&secret(number)?), Amount(1_000_000_000)));
    let allocations = (1..=TRANSFERS).map(endow).collect::<Result<_, Box<dyn Error>>>()?;
    Ok(Spec {
        version: isonomy::SPEC_VERSION,
        name: "import".into(),
        time: 0,
        reward: Amount(50),
        work: WorkSpec { hashes: 16, interval_ms: 1_000, half_life_ms: 600_000 },
        params: Params { body_bytes: 4 << 20, body_meter: 1 << 40, ..Params::default() },
        allocations,
    })
}

fn chain(coin: &Coin) -> Result<Chain, Box<dyn Error>> {
    let (genesis, work) = (coin.genesis.clone(), Arc::new(coin.work));
    let id = genesis.tip.trail.id;
    let view = Arc::new(isonomy::ledger::Stack {
        layers: vec![Arc::new(genesis.layer)],
        base: Arc::new(isonomy::ledger::Empty),
    });
    let tree = isonomy::ledger::StateTree::of(&*view)?;
    Ok(Chain::new(work, coin.modules.clone(), id, genesis.tip, Vec::new(), view, tree))
}

/// The block, made as a miner makes it.
fn block(coin: &Coin) -> Result<(Entry, Vec<u8>), Box<dyn Error>> {
    let chain = chain(coin)?;
    let (parent, time) = (chain.best().clone(), Wall(1_000));
    let mut transfers = Vec::new();
    for number in 1..=TRANSFERS {
        let to = address(&secret(number % TRANSFERS + 1)?);
        transfers.push(transfer(&parent.id, &secret(number)?, &[to])?);
    }
    let body = Body { transactions: transfers.clone().try_into()? };
    let checked = Transaction::check_all(transfers, &parent.id)?;
    let checked = checked.into_iter().map(Arc::new).collect();
    let template = chain.template(parent.id, time, Address::default(), checked);
    let done = template.ok_or("no template")?.run()?;
    let leaves: Vec<Hash> = done.included.iter().map(|transaction| transaction.leaf()).collect();
    let mut header = Header {
        version: Version,
        parent: parent.id,
        height: 1,
        time,
        producer: Address::default(),
        body_root: list_root(&leaves),
        state_root: done.tree.root(),
        receipts_root: done.receipts_root,
        next_authority: done.next_authority.hash(),
        next_params: done.next_params.hash(),
        seal: WorkSeal::default().seal(),
    };
    let (target, seal_hash) = (coin.work.target(&parent)?, header.seal_hash());
    let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
    header.seal = WorkSeal { nonce: mine.run().ok_or("no nonce")?, extra: 0 }.seal();
    Ok((Entry { header, authority: None, certificate: None }, body.encode()))
}

fn take_in(
    chain: &mut Chain,
    entry: Entry,
    bytes: Vec<u8>,
    lent: &Threads,
) -> Result<(), Box<dyn Error>> {
    let (id, root) = (entry.header.id(), entry.header.body_root);
    let followed = chain.follow(vec![entry])?.run();
    chain.import(followed.valid.into_iter().next().ok_or("the header is invalid")?)?;
    let job = Job::Body { genesis: chain.genesis(), root, bytes: bytes.try_into()? };
    let Done::Body(body) = job.run(lent) else { return Err("not a body".into()) };
    chain.import_body(id, body?);
    let executed = chain.execute(id)?.run();
    chain.executed(id, executed);
    chain.adopt(id).ok_or("the block is invalid")?;
    Ok(())
}

/// What a host lends, as far as an import needs it.
struct Threads(Verifier);

impl Lent for Threads {
    fn sign(&self, _: &PublicKey, _: &Hash) -> Option<Signature> {
        None
    }

    fn archive(&self) -> &dyn isonomy::chain::Archive {
        unreachable!("an import reads nothing back")
    }

    fn verify(&self, claims: &[Claim]) -> Result<(), InvalidClaims> {
        self.0.verify(claims)
    }
}
