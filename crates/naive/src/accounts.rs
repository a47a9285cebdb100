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

fn policy_key(account: &Address) -> Vec<u8> {
    [&[0][..], &account.encode()].concat()
}

fn lane_key(account: &Address, lane: u16) -> Vec<u8> {
    [&[0, 0, 1][..], &account.encode(), &lane.to_be_bytes()].concat()
}

/// The hash of the policy that an account acts under: at first its address.
#[must_use]
pub fn policy(state: &State, account: &Address) -> Hash {
    let key = [&[0, 0], &policy_key(account)[..]].concat();
    let stored = state.get(&key).and_then(|bytes| Hash::decode_exact(bytes).ok());
    stored.unwrap_or(account.0)
}

/// The next counter of a lane.
#[must_use]
pub fn next(state: &State, account: &Address, lane: u16) -> u64 {
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
    lanes.map(|lane| (lane, next(state, account, lane))).collect()
}

pub(crate) fn spend(state: &mut State, account: &Address, nonce: Nonce) {
    state.insert(lane_key(account, nonce.lane), (nonce.seq + 1).encode());
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    let Request::SetPolicy(policy) = Request::decode_exact(payload).map_err(|_| 7_u16)?;
    if policy.signing().is_none() {
        return Err(256);
    }
    let hash = policy.hash();
    let value = if hash == caller.0 { Vec::new() } else { hash.encode() };
    desk.set(&policy_key(&caller), &value)
}
