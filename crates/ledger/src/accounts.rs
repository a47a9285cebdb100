//! The part of every ledger, under module id 0: whose policy an account has, and which nonces are
//! next.
use crate::{Context, Fault, Map, Module, Order, ReadFailed, Span, View};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Decode, Encode, ModuleId, Nonce, Policy};

/// The accounts' own module id. No other module can have it.
pub const ID: ModuleId = 0;

/// The hash of an account's policy, once it is not the first any more.
const POLICIES: Map<Address, Hash> = Map::new(0);
/// The next counter by account and lane, which is big-endian so that lanes stand in order.
const LANES: Map<(Address, [u8; 2]), u64> = Map::new(1);

/// What an account can do to itself.
#[derive(
    Clone,
    PartialEq,
    Eq,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// From the next transaction on, the account acts under this policy. Its address stays.
    SetPolicy(Policy),
}

/// Why the accounts refuse a call: the code in [`Fault::Refused`].
pub mod refusal {
    /// Nobody could sign under that policy: the account would be lost.
    pub const NOBODY_SIGNS: u16 = 0;
}

/// What the state knows of an account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// The policy's hash. `None`: still the first policy, whose hash is the address.
    pub policy: Option<Hash>,
    /// Lanes in use, ascending, and the next counter of each.
    pub lanes: Vec<(u16, u64)>,
}

/// Reads one account.
///
/// # Errors
/// When the view fails.
pub fn account(view: &dyn View, address: &Address) -> Result<Account, ReadFailed> {
    let lanes = lane_key(address, 0);
    let lanes = Span::prefix(lanes.get(..lanes.len().saturating_sub(2)).unwrap_or_default());
    let lane = |pair: Result<(crate::Key, crate::Value), _>| {
        let (key, seq) = pair?;
        let lane = key.last_chunk().copied().map(u16::from_be_bytes);
        Ok((lane.ok_or(ReadFailed)?, stored(&seq)?))
    };
    let lanes = view.scan(&lanes, Order::Up).map(lane).collect::<Result<_, _>>()?;
    Ok(Account { policy: policy(view, address)?, lanes })
}

pub(crate) fn policy(view: &dyn View, address: &Address) -> Result<Option<Hash>, ReadFailed> {
    view.get(&full(POLICIES.key(address)))?.map(|bytes| stored(&bytes)).transpose()
}

/// The next counter of an account's lane.
pub(crate) fn next(view: &dyn View, address: &Address, lane: u16) -> Result<u64, ReadFailed> {
    view.get(&lane_key(address, lane))?.map_or(Ok(0), |bytes| stored(&bytes))
}

/// The write that spends a nonce; `None` where no counter follows.
pub(crate) fn spend(address: &Address, nonce: Nonce) -> Option<(Vec<u8>, Vec<u8>)> {
    Some((lane_key(address, nonce.lane), nonce.seq.checked_add(1)?.encode()))
}

fn lane_key(address: &Address, lane: u16) -> Vec<u8> {
    full(LANES.key(&(*address, lane.to_be_bytes())))
}

fn full(own: Vec<u8>) -> Vec<u8> {
    [&ID.to_be_bytes()[..], &own].concat()
}

fn stored<T: Decode>(bytes: &[u8]) -> Result<T, ReadFailed> {
    T::decode_exact(bytes).map_err(|_| ReadFailed)
}

pub(crate) struct Accounts;

impl Module for Accounts {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let Call::SetPolicy(policy) = Call::decode_exact(payload).map_err(Fault::Payload)?;
        let account = ctx.caller().ok_or(Fault::NoCaller)?;
        if policy.signing().is_none() {
            return Err(Fault::refused(refusal::NOBODY_SIGNS, "nobody can sign under it"));
        }
        if policy.hash() == account.0 {
            POLICIES.remove(ctx, &account)?;
        } else {
            POLICIES.set(ctx, &account, &policy.hash())?;
        }
        Ok(Vec::new())
    }

    fn describe(&self, payload: &[u8]) -> String {
        match Call::decode_exact(payload) {
            Ok(Call::SetPolicy(Policy::Key(key))) => {
                format!("hand this account over to the key {key}")
            }
            Ok(Call::SetPolicy(policy)) => match policy.signing() {
                Some((needed, keys)) => {
                    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                    let (count, keys) = (keys.len(), keys.join(", "));
                    format!("hand this account over to any {needed} of {count} keys: {keys}")
                }
                None => "hand this account over to nobody (this will be refused)".into(),
            },
            Err(_) => "a call to the accounts that cannot be read".into(),
        }
    }
}
