//! The part of every ledger, under module id 0: whose policy an account has, and which nonces are
//! next.
use crate::session::Session;
use crate::short::Short;
use crate::{Context, Fault, Map, Module, Order, ReadFailed, Span, View};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Decode, ModuleId, Policy};

/// The accounts' own module id. No other module can have it.
pub const ID: ModuleId = 0;

/// What every transaction of an account needs; absent where it would say nothing.
const FIRSTS: Map<Address, First> = Map::new(0);
/// The next counter by account and lane but the first, big-endian so that lanes stand in order.
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
    let First { next, policy } = First::stored(view.get(&first_key(address))?.as_deref())?;
    let lanes = lane_key(address, 0);
    let lanes = Span::prefix(lanes.get(..lanes.len().saturating_sub(2)).unwrap_or_default());
    let lane = |pair: Result<(crate::Key, crate::Value), _>| {
        let (key, seq) = pair?;
        let lane = key.last_chunk().copied().map(u16::from_be_bytes);
        Ok((lane.ok_or(ReadFailed)?, stored(&seq)?))
    };
    let first = Some(Ok((0, next))).filter(|_| next > 0);
    let lanes = first.into_iter().chain(view.scan(&lanes, Order::Up).map(lane));
    Ok(Account { policy, lanes: lanes.collect::<Result<_, _>>()? })
}

/// The part of an account under one key: its lane 0, and its policy once it is another.
#[derive(Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub(crate) struct First {
    /// The next counter of lane 0.
    next: u64,
    /// The policy's hash; `None` means that it is the address.
    pub(crate) policy: Option<Hash>,
}

impl First {
    pub(crate) fn read(session: &mut Session, address: &Address) -> Result<Self, ReadFailed> {
        session.read(&first_key(address), Self::stored)?
    }

    fn stored(value: Option<&[u8]>) -> Result<Self, ReadFailed> {
        value.map_or(Ok(Self::default()), stored)
    }

    /// The next counter of a lane of this account.
    pub(crate) fn next(
        &self,
        session: &mut Session,
        address: &Address,
        lane: u16,
    ) -> Result<u64, ReadFailed> {
        match lane {
            0 => Ok(self.next),
            _ => session.get(&lane_key(address, lane))?.map_or(Ok(0), |value| stored(&value)),
        }
    }

    /// Puts `next` as the next counter of a lane.
    pub(crate) fn spend(mut self, session: &mut Session, address: &Address, lane: u16, next: u64) {
        if lane == 0 {
            self.next = next;
            session.put(&first_key(address), &Short::of(&self));
        } else {
            session.put(&lane_key(address, lane), &Short::of(&next));
        }
    }
}

pub(crate) fn first_key(address: &Address) -> Short {
    FIRSTS.key_of(ID, address)
}

fn lane_key(address: &Address, lane: u16) -> Short {
    LANES.key_of(ID, &(*address, lane.to_be_bytes()))
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
        let hash = Some(policy.hash()).filter(|hash| *hash != account.0);
        let first = First { policy: hash, ..FIRSTS.get(ctx, &account)?.unwrap_or_default() };
        if first == First::default() {
            FIRSTS.remove(ctx, &account)?;
        } else {
            FIRSTS.set(ctx, &account, &first)?;
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
