//! Hash- and time-locked payments: funds that one account gets for a secret, or else go back.
//!
//! The module's own account holds what is locked. Nothing spends an account but its owner's own
//! action, so a lock takes two actions of one transaction: [`deposit`] sends the funds here, and
//! [`Call::Lock`] says whose they are. What was sent here without a lock belongs to the next lock that
//! wants it: always do both in one transaction, which no other can come between.
//!
//! ```
//! use isonomy_ledger::assets::Asset;
//! use isonomy_ledger::locks::{Deadline, ID, Preimage, Promise, deposit};
//! use isonomy_types::{Action, Address, Amount, Encode};
//! use isonomy_ledger::{assets, locks};
//!
//! let (to, hash) = (Address::default(), Preimage([7; 32]).hash());
//! let expires = Deadline::Height(1_000);
//! let promise = Promise { asset: Asset::Coin, amount: Amount(500), to, hash, expires };
//! let brought = deposit(&promise).encode().try_into()?;
//! let locked = locks::Call::Lock(promise).encode().try_into()?;
//! let actions = [
//!     Action { module: assets::ID, by: 0, payload: brought },
//!     Action { module: ID, by: 0, payload: locked },
//! ];
//! # Ok::<(), isonomy_types::TooLong>(())
//! ```
//!
//! # A swap between two chains
//! Ada has coins here and wants Bob's there. Ada draws a secret and locks hers for Bob under its hash
//! until the deadline *late*. Bob sees that lock confirmed and locks his for Ada there, under the same
//! hash, until the deadline *early*. Ada claims there, which shows the secret; Bob claims here with it.
//! Each must choose and check:
//! - Ada, who knows the secret, locks first and for longer. Bob sets *early* so that between it and
//!   *late* he can still see Ada's claim, wait until it cannot be reorganised away, and have his own
//!   confirmed here, at full blocks and with his own machine down for a while: hours, not minutes.
//! - Bob locks only what is confirmed so deep here that it stays, with the same hash and as much as
//!   agreed, and only while enough of that time is left.
//! - Ada shows the secret only while her claim is sure to be confirmed before *early*, and not before
//!   Bob's lock stays. A claim that comes too late shows the secret and pays nothing: then Bob has
//!   both. If in doubt, she keeps silent, and both are refunded.
//! - Heights and header times of two chains drift apart, and who makes blocks chooses the times
//!   within bounds: count both deadlines in the slowest and the fastest pace that is believable.
//!
//! A claim can be sent by anyone, and always pays whom the lock names: who copies the secret out of a
//! mempool gains nothing. An issuer who can freeze accounts can hold up a payout ([`refusal::PAYOUT`])
//! past a deadline: swap such assets only with who trusts their issuer.
pub mod refusal;
mod wire;

pub use wire::{Call, Deadline, Lock, LocksEvent, Made, Preimage, Promise, Query};

use crate::assets::{self, Asset};
use crate::shared::{Memo, PAGE_MAX, Page, id_of, next_id, payload};
use crate::{Context, Fault, Map, Module};
use alloc::{format, string::String, vec::Vec};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Amount, Decode, Encode, ModuleId, Policy};

/// The id under which chains of this toolkit register it. Elsewhere its account would be another, and
/// [`deposit`] would not find it.
pub const ID: ModuleId = 3;
/// What one SHA-256 of 32 bytes costs, in meter units of about 100 ns.
pub const HASHING: u64 = 5;

const LOCK: Domain = Domain::new("isonomy lock 1");
const LOCKS: Map<Hash, Lock> = Map::new(0);
/// What all locks hold of each asset. Absent at zero.
const HELD: Map<Asset, Amount> = Map::new(1);
/// How many locks an account has made.
const COUNTERS: Map<Address, u64> = Map::new(2);

/// The action that brings the funds, for the module `assets`. It goes before [`Call::Lock`], in the
/// same transaction.
#[must_use]
pub fn deposit(promise: &Promise) -> assets::Call {
    let Promise { asset, amount, .. } = *promise;
    let to = Policy::Module(ID).address();
    assets::Call::Transfer { asset, to, amount, memo: Memo::default() }
}

/// The module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Locks;

impl Module for Locks {
    fn calls(&self) -> &[ModuleId] {
        &[assets::ID]
    }

    fn call(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        match payload(bytes)? {
            Call::Lock(promise) => return lock(ctx, promise),
            Call::Claim { id, preimage } => claim(ctx, id, preimage),
            Call::Refund { id } => refund(ctx, id),
        }?;
        Ok(Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(match payload(bytes)? {
            Query::Lock(id) => LOCKS.get(ctx, &id)?.encode(),
            Query::Held(asset) => HELD.get(ctx, &asset)?.unwrap_or_default().encode(),
            Query::Made { of, before } => made(ctx, of, before)?.encode(),
        })
    }

    fn describe(&self, bytes: &[u8]) -> String {
        match payload(bytes) {
            Ok(Call::Lock(Promise { asset, amount, to, hash, expires })) => format!(
                "lock {amount} {asset}, which this transaction sent to the locks before: they are \
                 paid to {to} for the preimage of the SHA-256 {hash} before {expires}, and from \
                 then on to this lock's maker, whoever sent them"
            ),
            Ok(Call::Claim { id, preimage }) => {
                format!(
                    "open the lock {id} by showing to all the preimage {}",
                    Hash::from(preimage)
                )
            }
            Ok(Call::Refund { id }) => format!("pay what the lock {id} holds back to its maker"),
            Err(_) => "a call to the locks that cannot be read".into(),
        }
    }
}

/// Returns the id, encoded.
fn lock(ctx: &mut Context<'_>, promise: Promise) -> Result<Vec<u8>, Fault> {
    let maker = ctx.caller().ok_or(Fault::NoCaller)?;
    let Promise { asset, amount, expires, .. } = promise;
    if amount == Amount::ZERO {
        return Err(Fault::refused(refusal::ZERO, "an amount of 0, must be at least 1"));
    }
    if expires.has_come(ctx.env()) {
        return Err(expired(ctx, expires));
    }
    let (held, there) = (HELD.get(ctx, &asset)?.unwrap_or_default(), balance(ctx, asset)?);
    let free = there.checked_sub(held).unwrap_or_default();
    let next = held.checked_add(amount).filter(|_| amount <= free).ok_or_else(|| {
        let why = format!("{free} {asset} were sent to the locks before, {amount} are needed");
        Fault::refused(refusal::UNFUNDED, why)
    })?;
    HELD.set(ctx, &asset, &next)?;
    let id = next_id(ctx, &LOCK, &COUNTERS, maker)?;
    let lock = Lock { maker, promise };
    LOCKS.set(ctx, &id, &lock)?;
    emit(ctx, id, &lock, &LocksEvent::Lock { id, lock: lock.clone() })?;
    Ok(id.encode())
}

fn claim(ctx: &mut Context<'_>, id: Hash, preimage: Preimage) -> Result<(), Fault> {
    let lock = get(ctx, id)?;
    let Promise { to, hash, expires, .. } = lock.promise;
    if expires.has_come(ctx.env()) {
        return Err(expired(ctx, expires));
    }
    ctx.charge(HASHING)?;
    let got = preimage.hash();
    if got != hash {
        let why = format!("the preimage has the SHA-256 {got}, the lock wants {hash}");
        return Err(Fault::refused(refusal::WRONG_PREIMAGE, why));
    }
    pay(ctx, id, &lock.promise, to)?;
    emit(ctx, id, &lock, &LocksEvent::Claim { id, preimage })
}

fn refund(ctx: &mut Context<'_>, id: Hash) -> Result<(), Fault> {
    let lock = get(ctx, id)?;
    let Lock { maker, promise } = &lock;
    if !promise.expires.has_come(ctx.env()) {
        let why = format!("{}, the deadline is {}", now(ctx), promise.expires);
        return Err(Fault::refused(refusal::NOT_EXPIRED, why));
    }
    pay(ctx, id, promise, *maker)?;
    emit(ctx, id, &lock, &LocksEvent::Refund { id })
}

fn get(ctx: &mut Context<'_>, id: Hash) -> Result<Lock, Fault> {
    let found = LOCKS.get(ctx, &id)?;
    found.ok_or_else(|| Fault::refused(refusal::ABSENT, format!("no lock is {id}")))
}

/// Counters stay, so that a maker's locks are found without an index of them.
fn made(ctx: &mut Context<'_>, of: Address, before: Option<u64>) -> Result<Made, Fault> {
    let count = COUNTERS.get(ctx, &of)?.unwrap_or_default();
    let from = before.map_or(count, |before| before.min(count));
    let older = from.saturating_sub(PAGE_MAX as u64);
    let mut locks = Vec::new();
    for number in (older..from).rev() {
        let id = id_of(ctx, &LOCK, of, number);
        locks.extend(LOCKS.get(ctx, &id)?.map(|lock| (id, lock)));
    }
    Ok(Made { locks: Page::truncated(locks), older })
}

/// Ends the lock.
fn pay(ctx: &mut Context<'_>, id: Hash, promise: &Promise, to: Address) -> Result<(), Fault> {
    let Promise { asset, amount, .. } = *promise;
    LOCKS.remove(ctx, &id)?;
    // Cannot fall short: it is the sum of all locks.
    let held = HELD.get(ctx, &asset)?.unwrap_or_default();
    match held.checked_sub(amount).unwrap_or_default() {
        Amount::ZERO => HELD.remove(ctx, &asset),
        left => HELD.set(ctx, &asset, &left),
    }?;
    let transfer = assets::Call::Transfer { asset, to, amount, memo: Memo::default() };
    match ctx.call(assets::ID, &transfer.encode()) {
        Err(Fault::Refused { why, .. }) => Err(Fault::refused(refusal::PAYOUT, why)),
        paid => paid.map(drop),
    }
}

fn balance(ctx: &mut Context<'_>, asset: Asset) -> Result<Amount, Fault> {
    let question = assets::Query::Balance(ctx.own_address(), asset);
    let answer = ctx.query(assets::ID, &question.encode())?;
    Amount::decode_exact(&answer).map_err(Fault::Stored)
}

fn now(ctx: &Context<'_>) -> String {
    let env = ctx.env();
    format!("the block has height {} and time {}", env.height, env.time.0)
}

fn expired(ctx: &Context<'_>, deadline: Deadline) -> Fault {
    Fault::refused(refusal::EXPIRED, format!("{}, the deadline was {deadline}", now(ctx)))
}

/// Whatever happens to a lock concerns both its parties.
fn emit(
    ctx: &mut Context<'_>,
    id: Hash,
    Lock { maker, promise }: &Lock,
    event: &LocksEvent,
) -> Result<(), Fault> {
    let keys: &[&[u8]] = &[maker.0.as_bytes(), promise.to.0.as_bytes(), id.as_bytes()];
    ctx.emit_keyed(keys, &event.encode())
}
