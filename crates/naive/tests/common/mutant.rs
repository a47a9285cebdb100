//! Faults put in on purpose: a comparison that lets one pass compares nothing.
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::{Context, Fault, Layer, Module, Purse};
use isonomy_types::{Address, Amount, Decode, Encode};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mutant {
    None,
    /// Invariant 6: what a call costs depends on how often the module ran before.
    CachePriced,
    /// Invariant 7: who sends coins to himself has one more.
    SelfTransferMints,
    /// Invariant 8: what the blocks of a flush removed stays in the base.
    FlushKeepsRemoved,
    /// Invariant 8: the base gets what the best branch left beside what it holds.
    UndoForgotten,
    /// Invariant 9: the pool is not told what a reorganisation left.
    PoolNotTold,
}

/// The coin, with the fault.
pub struct Coin(pub Mutant, pub AtomicU64);

impl Module for Coin {
    fn genesis(&self, ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        Assets.genesis(ctx, config)
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let ran = self.1.fetch_add(1, Ordering::Relaxed);
        if self.0 == Mutant::CachePriced && ran % 32 == 31 {
            ctx.charge(1)?;
        }
        let done = Assets.call(ctx, payload)?;
        let call = assets::Call::decode_exact(payload).map_err(Fault::Payload)?;
        let assets::Call::Transfer { to, .. } = call else { return Ok(done) };
        if self.0 == Mutant::SelfTransferMints && ctx.caller() == Some(to) {
            let key = [&[0][..], &to.encode()].concat();
            let held = ctx.get(&key)?.and_then(|held| Amount::decode_exact(&held).ok());
            ctx.set(&key, &Amount(held.unwrap_or_default().0 + 1).encode())?;
        }
        Ok(done)
    }

    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        Assets.query(ctx, payload)
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        Assets.end(ctx)
    }

    fn describe(&self, payload: &[u8]) -> String {
        Assets.describe(payload)
    }

    fn purse(&self, ctx: &mut Context<'_>, of: Address, change: Purse) -> Result<(), Fault> {
        Assets.purse(ctx, of, change)
    }

    fn means(&self, ctx: &mut Context<'_>, of: Address) -> Result<Amount, Fault> {
        Assets.means(ctx, of)
    }

    fn takes(&self, payload: &[u8]) -> Amount {
        Assets.takes(payload)
    }
}

impl Mutant {
    /// What is written of a flush.
    pub fn spoil(self, layer: &Layer) -> Layer {
        let all = layer.writes.iter();
        let kept = all.filter(|(_, value)| self != Self::FlushKeepsRemoved || value.is_some());
        let owned = kept.map(|(key, value)| (key.into(), value.map(Into::into)));
        Layer { writes: owned.collect() }
    }
}
