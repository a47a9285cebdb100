//! Module 1: the native coin.
use crate::{Desk, Event, State};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_types::{Address, Decode, Encode, ModuleId};

/// Its id.
pub const ID: ModuleId = 1;

const ZERO: u16 = 256;
const NOT_ENOUGH: u16 = 257;
const OVERFLOW: u16 = 258;

#[derive(BorshDeserialize)]
enum Request {
    Transfer { to: Address, amount: u128 },
}

#[derive(BorshSerialize)]
enum Said {
    Transfer { from: Address, to: Address, amount: u128 },
    Reward { to: Address, amount: u128 },
}

fn balance_key(account: &Address) -> Vec<u8> {
    [&[0][..], &account.encode()].concat()
}

fn full(key: &[u8]) -> Vec<u8> {
    [&[0, 1], key].concat()
}

fn number(bytes: Option<&Vec<u8>>) -> u128 {
    bytes.and_then(|bytes| u128::decode_exact(bytes).ok()).unwrap_or(0)
}

fn stored(amount: u128) -> Vec<u8> {
    if amount == 0 { Vec::new() } else { amount.encode() }
}

/// What an account holds.
#[must_use]
pub fn balance(state: &State, account: &Address) -> u128 {
    number(state.get(&full(&balance_key(account))))
}

/// What there is, as it is written down.
#[must_use]
pub fn supply(state: &State) -> u128 {
    number(state.get(&full(&[1])))
}

/// What all accounts hold together.
#[must_use]
pub fn counted(state: &State) -> u128 {
    let held = state.iter().filter(|(key, _)| key.starts_with(&[0, 1, 0]));
    held.map(|(_, value)| number(Some(value))).sum()
}

/// Sets a balance outside of any call, for nothing.
pub(crate) fn put(state: &mut State, account: &Address, amount: u128) {
    let key = full(&balance_key(account));
    match amount {
        0 => state.remove(&key),
        amount => state.insert(key, amount.encode()),
    };
}

pub(crate) fn genesis(state: &mut State, allocations: &[(Address, u128)], reward: u128) {
    allocations.iter().for_each(|(to, amount)| put(state, to, *amount));
    let supply: u128 = allocations.iter().map(|(_, amount)| amount).sum();
    state.insert(full(&[1]), supply.encode());
    state.insert(full(&[2]), reward.encode());
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    let Request::Transfer { to, amount } = Request::decode_exact(payload).map_err(|_| 7_u16)?;
    if amount == 0 {
        return Err(ZERO);
    }
    let held = number(desk.get(&balance_key(&caller))?.as_ref());
    let left = held.checked_sub(amount).ok_or(NOT_ENOUGH)?;
    desk.set(&balance_key(&caller), &stored(left))?;
    let held = number(desk.get(&balance_key(&to))?.as_ref());
    let sum = held.checked_add(amount).ok_or(OVERFLOW)?;
    desk.set(&balance_key(&to), &stored(sum))?;
    desk.emit(Said::Transfer { from: caller, to, amount }.encode())
}

/// The block's end: its producer is rewarded, as long as the supply fits.
pub(crate) fn reward(state: &mut State, producer: Address) -> Option<Event> {
    let amount = number(state.get(&full(&[2])));
    let supply = supply(state).checked_add(amount).filter(|_| amount > 0)?;
    state.insert(full(&[1]), supply.encode());
    let held = balance(state, &producer);
    put(state, &producer, held + amount);
    Some(Event { module: ID, payload: Said::Reward { to: producer, amount }.encode() })
}
