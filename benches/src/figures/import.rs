//! A block from its bytes to a committed state, as a node does it, on two threads.
use super::Measured;
use super::row::{Goal, Row, time};
use super::verify::{Foreign, claim};
use isonomy::chain::Chain;
use isonomy::host::Verifier;
use isonomy::node::Lent;
use isonomy::{Coin, Spec, WorkSpec};
use isonomy_benches::import::{Incoming, mined, take_in};
use isonomy_benches::measure::{cpu_ns, of, wall_ns};
use isonomy_benches::{address, secret, transfer};
use isonomy_crypto::{Claim, Hash, InvalidClaims, PublicKey, Signature};
use isonomy_types::{Amount, Params, Transaction, Wall};
use std::error::Error;
use std::sync::Arc;

const TRANSFERS: u32 = 4_096;
const THREADS: usize = 2;
const ROUNDS: usize = 7;

pub(super) fn import() -> Measured {
    let coin = spec()?.coin()?;
    let block = block(&coin)?;
    let claims: Vec<_> = (0..TRANSFERS.into()).map(claim).collect::<Result<_, _>>()?;
    let foreign: Vec<_> = claims.iter().map(Foreign::of).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (mut chain, lent) = (chain(&coin)?, Threads(Verifier::new(THREADS)));
        let block = block.clone();
        let mut imported = Err("not run".into());
        let ours = wall_ns(|| imported = take_in(&mut chain, block, &lent));
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

fn block(coin: &Coin) -> Result<Incoming, Box<dyn Error>> {
    let chain = chain(coin)?;
    let mut transfers = Vec::new();
    for number in 1..=TRANSFERS {
        let to = address(&secret(number % TRANSFERS + 1)?);
        transfers.push(transfer(&chain.genesis(), &secret(number)?, &[to])?);
    }
    let checked = Transaction::check_all(transfers, &chain.genesis())?;
    mined(&chain, coin, Wall(1_000), checked.into_iter().map(Arc::new).collect())
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

    fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        self.0.verify(claims, ends)
    }
}
