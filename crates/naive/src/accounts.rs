//! Module 0: whose policy an account has, and which nonces are next.
use crate::{Desk, State};
use borsh::BorshDeserialize;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Decode, Encode, ModuleId, Nonce, Policy};

/// Its id.
pub const ID: ModuleId = 0;

#[derive(BorshDeserialize)]
enum Request {
    SetPolicy(Policy),
}

/// An account's record: the next counter of lane 0, and the hash of its policy once it is another
/// than the first. Absent where it would say nothing.
type Record = (u64, Option<Hash>);

fn record_key(account: &Address) -> Vec<u8> {
    [&[0][..], &account.encode()].concat()
}

/// In the state, under the module's id.
fn full_record_key(account: &Address) -> Vec<u8> {
    [&ID.to_be_bytes(), &record_key(account)[..]].concat()
}

/// Of a lane but the first.
fn lane_key(account: &Address, lane: u16) -> Vec<u8> {
    [&[0, 0, 1][..], &account.encode(), &lane.to_be_bytes()].concat()
}

fn record(state: &State, account: &Address) -> Record {
    let stored = state.get(&full_record_key(account));
    stored.and_then(|bytes| Record::decode_exact(bytes).ok()).unwrap_or_default()
}

/// The hash of the policy that an account acts under: at first its address.
#[must_use]
pub fn policy(state: &State, account: &Address) -> Hash {
    record(state, account).1.unwrap_or(account.0)
}

/// The next counter of a lane.
#[must_use]
pub fn next(state: &State, account: &Address, lane: u16) -> u64 {
    if lane == 0 {
        return record(state, account).0;
    }
    let stored = state.get(&lane_key(account, lane));
    stored.and_then(|bytes| u64::decode_exact(bytes).ok()).unwrap_or(0)
}

/// Every lane that an account has used, ascending, with its next counter.
#[must_use]
pub fn lanes(state: &State, account: &Address) -> Vec<(u16, u64)> {
    let mut prefix = lane_key(account, 0);
    prefix.truncate(prefix.len() - 2);
    let used = state.keys().filter_map(|key| key.strip_prefix(&prefix[..])?.first_chunk());
    let lanes = used.map(|lane| u16::from_be_bytes(*lane));
    let first = Some(0).filter(|_| next(state, account, 0) > 0);
    first.into_iter().chain(lanes).map(|lane| (lane, next(state, account, lane))).collect()
}

pub(crate) fn spend(state: &mut State, account: &Address, nonce: Nonce) {
    let next = nonce.seq + 1;
    if nonce.lane == 0 {
        let record: Record = (next, record(state, account).1);
        state.insert(full_record_key(account), record.encode());
    } else {
        state.insert(lane_key(account, nonce.lane), next.encode());
    }
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    let Request::SetPolicy(policy) = Request::decode_exact(payload).map_err(|_| 7_u16)?;
    if policy.signing().is_none() {
        return Err(256);
    }
    let (next, _): Record = desk.read(&record_key(&caller))?.unwrap_or_default();
    let hash = Some(policy.hash()).filter(|hash| *hash != caller.0);
    let record: Record = (next, hash);
    let value = if record == Record::default() { Vec::new() } else { record.encode() };
    desk.set(&record_key(&caller), &value)
}
