//! Module 3: payments under a hash and a deadline.
use crate::assets::{self, Asset, Memo};
use crate::{Desk, Facts, State};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Decode, Encode, ModuleId, Policy, Wall};
use sha2::{Digest, Sha256};

/// Its id.
pub const ID: ModuleId = 3;

const NEW: Domain = Domain::new("isonomy lock 1");

/// Receipts' codes of refusals.
const ZERO: u16 = 256;
const UNFUNDED: u16 = 257;
const ABSENT: u16 = 258;
const EXPIRED: u16 = 259;
const NOT_EXPIRED: u16 = 260;
const WRONG_PREIMAGE: u16 = 261;
const PAYOUT: u16 = 262;

/// The first block that no longer pays.
#[derive(Clone, Copy, Debug, BorshSerialize, BorshDeserialize)]
pub enum Deadline {
    /// By height.
    Height(u64),
    /// By time.
    Time(Wall),
}

/// What is locked.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Lock {
    /// Who is paid back.
    pub maker: Address,
    /// What is held.
    pub asset: Asset,
    /// How much.
    pub amount: u128,
    /// Who is paid for the preimage.
    pub to: Address,
    /// The preimage's SHA-256.
    pub hash: Hash,
    /// Until when.
    pub expires: Deadline,
}

#[derive(BorshDeserialize)]
enum Request {
    Lock { asset: Asset, amount: u128, to: Address, hash: Hash, expires: Deadline },
    Claim { id: Hash, preimage: [u8; 32] },
    Refund { id: Hash },
}

#[derive(BorshSerialize)]
enum Said {
    Lock { id: Hash, lock: Lock },
    Claim { id: Hash, preimage: [u8; 32] },
    Refund { id: Hash },
}

/// The module's own account, which holds what is locked.
#[must_use]
pub fn own() -> Address {
    Policy::Module(ID).address()
}

/// Every lock that has not ended, by its id.
#[must_use]
pub fn locks(state: &State) -> Vec<(Hash, Lock)> {
    let held = state.iter().filter(|(key, _)| key.starts_with(&[0, 3, 0]));
    let typed = held.map(|(key, value)| {
        Some((Hash::decode_exact(&key[3..]).ok()?, Lock::decode_exact(value).ok()?))
    });
    typed.flatten().collect()
}

fn lock_key(id: Hash) -> Vec<u8> {
    [&[0][..], &id.encode()].concat()
}

fn held_key(asset: Asset) -> Vec<u8> {
    [&[1][..], &asset.encode()].concat()
}

fn require(holds: bool, otherwise: u16) -> Result<(), u16> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn over(expires: Deadline, facts: &Facts) -> bool {
    match expires {
        Deadline::Height(height) => facts.height >= height,
        Deadline::Time(time) => facts.time >= time,
    }
}

fn lock(desk: &mut Desk, lock: Lock) -> Result<(), u16> {
    let (asset, amount) = (lock.asset, lock.amount);
    require(amount > 0, ZERO)?;
    require(!over(lock.expires, &desk.facts), EXPIRED)?;
    let held: u128 = desk.read(&held_key(asset))?.unwrap_or(0);
    let there = desk.visit(assets::ID, |desk, own| assets::ask(desk, &own, asset))?;
    require(amount <= there.saturating_sub(held), UNFUNDED)?;
    desk.set(&held_key(asset), &(held + amount).encode())?;
    let id = desk.next_id(&NEW, 2, lock.maker)?;
    desk.set(&lock_key(id), &lock.encode())?;
    let keys = parties(&lock, id);
    desk.tell(keys, Said::Lock { id, lock }.encode())
}

/// What every event of a lock is found under.
fn parties(lock: &Lock, id: Hash) -> Vec<Vec<u8>> {
    vec![lock.maker.encode(), lock.to.encode(), id.encode()]
}

/// Ends a lock in favour of one side.
fn pay(desk: &mut Desk, id: Hash, lock: &Lock, to: Address) -> Result<(), u16> {
    let (asset, amount) = (lock.asset, lock.amount);
    desk.set(&lock_key(id), &[])?;
    let held: u128 = desk.read(&held_key(asset))?.unwrap_or(0);
    let left = if held == amount { Vec::new() } else { (held - amount).encode() };
    desk.set(&held_key(asset), &left)?;
    let paid = desk.visit(assets::ID, |desk, own| {
        assets::transfer(desk, own, asset, to, amount, Memo::default())
    });
    paid.map_err(|code| if code < 256 { code } else { PAYOUT })
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    match Request::decode_exact(payload).map_err(|_| 7_u16)? {
        Request::Lock { asset, amount, to, hash, expires } => {
            lock(desk, Lock { maker: caller, asset, amount, to, hash, expires })
        }
        Request::Claim { id, preimage } => {
            let lock: Lock = desk.read(&lock_key(id))?.ok_or(ABSENT)?;
            require(!over(lock.expires, &desk.facts), EXPIRED)?;
            desk.charge(5)?;
            let hash: [u8; 32] = Sha256::digest(preimage).into();
            require(hash == *lock.hash.as_bytes(), WRONG_PREIMAGE)?;
            pay(desk, id, &lock, lock.to)?;
            desk.tell(parties(&lock, id), Said::Claim { id, preimage }.encode())
        }
        Request::Refund { id } => {
            let lock: Lock = desk.read(&lock_key(id))?.ok_or(ABSENT)?;
            require(over(lock.expires, &desk.facts), NOT_EXPIRED)?;
            pay(desk, id, &lock, lock.maker)?;
            desk.tell(parties(&lock, id), Said::Refund { id }.encode())
        }
    }
}
