//! Module 1: the coin, and assets that anyone issues.
use crate::{Desk, Event, State};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Decode, Encode, ModuleId, Text};

/// Its id.
pub const ID: ModuleId = 1;

const NEW: Domain = Domain::new("isonomy asset 1");

/// Receipts' codes of refusals.
const ZERO: u16 = 256;
const NOT_ENOUGH: u16 = 257;
const OVERFLOW: u16 = 258;
const UNKNOWN: u16 = 260;
const FROZEN: u16 = 261;
const NOT_FROZEN: u16 = 262;
const NOT_ISSUER: u16 = 263;
const NO_RIGHT: u16 = 264;
const CAP: u16 = 265;
const SYMBOL: u16 = 266;
const NAME: u16 = 267;
const DECIMALS: u16 = 268;

/// The coin, or an issued asset.
pub type Asset = Option<Hash>;
pub(crate) type Memo = Text<256>;

/// To mint, to burn, to freeze.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct Rights(pub bool, pub bool, pub bool);

/// An asset as it stands.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Description {
    /// Who exercises the rights.
    pub issuer: Address,
    /// As issued.
    pub symbol: Text<12>,
    /// As issued.
    pub name: Text<64>,
    /// As issued.
    pub decimals: u8,
    /// The most there may be.
    pub cap: Option<u128>,
    /// Those in force.
    pub rights: Rights,
    /// What there is.
    pub supply: u128,
}

#[derive(BorshDeserialize)]
pub(crate) struct Issue {
    symbol: Text<12>,
    name: Text<64>,
    decimals: u8,
    cap: Option<u128>,
    rights: Rights,
    amount: u128,
    to: Address,
}

#[derive(BorshDeserialize)]
enum Request {
    Transfer { asset: Asset, to: Address, amount: u128, memo: Memo },
    Issue(Issue),
    Mint { asset: Hash, to: Address, amount: u128 },
    Burn { asset: Hash, amount: u128 },
    Freeze { asset: Hash, account: Address },
    Thaw { asset: Hash, account: Address },
    Renounce { asset: Hash, rights: Rights },
    HandOver { asset: Hash, to: Address },
}

#[derive(BorshSerialize)]
enum Said {
    Transfer { asset: Asset, from: Address, to: Address, amount: u128, memo: Memo },
    Reward { to: Address, amount: u128 },
    Issue { asset: Hash, issuer: Address },
    Mint { asset: Hash, to: Address, amount: u128 },
    Burn { asset: Hash, from: Address, amount: u128 },
    Freeze { asset: Hash, account: Address },
    Thaw { asset: Hash, account: Address },
    Renounce { asset: Hash, rights: Rights },
    HandOver { asset: Hash, to: Address },
}

fn balance_key(account: &Address, asset: Asset) -> Vec<u8> {
    match asset {
        None => [&[0][..], &account.encode()].concat(),
        Some(id) => [&[4][..], &account.encode(), &id.encode()].concat(),
    }
}

fn description_key(id: Hash) -> Vec<u8> {
    [&[3][..], &id.encode()].concat()
}

fn frozen_key(id: Hash, account: Address) -> Vec<u8> {
    [&[5][..], &id.encode(), &account.encode()].concat()
}

fn full(key: &[u8]) -> Vec<u8> {
    [&[0, 1], key].concat()
}

fn number(bytes: Option<&Vec<u8>>) -> u128 {
    bytes.and_then(|bytes| u128::decode_exact(bytes).ok()).unwrap_or(0)
}

fn require(holds: bool, otherwise: u16) -> Result<(), u16> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// What an account holds of an asset.
#[must_use]
pub fn holds(state: &State, account: &Address, asset: Asset) -> u128 {
    number(state.get(&full(&balance_key(account, asset))))
}

/// What an account holds of the coin.
#[must_use]
pub fn balance(state: &State, account: &Address) -> u128 {
    holds(state, account, None)
}

/// What there is of the coin, as it is written down.
#[must_use]
pub fn supply(state: &State) -> u128 {
    number(state.get(&full(&[1])))
}

/// Every issued asset, by its id.
#[must_use]
pub fn issued(state: &State) -> Vec<(Hash, Description)> {
    let described = state.iter().filter(|(key, _)| key.starts_with(&[0, 1, 3]));
    let typed = described.map(|(key, value)| {
        Some((Hash::decode_exact(&key[3..]).ok()?, Description::decode_exact(value).ok()?))
    });
    typed.flatten().collect()
}

/// What all accounts hold together of an asset.
#[must_use]
pub fn counted(state: &State, asset: Asset) -> u128 {
    let (prefix, end) = match asset {
        None => ([0, 1, 0], Vec::new()),
        Some(id) => ([0, 1, 4], id.encode()),
    };
    let held = state.iter().filter(|(key, _)| key.starts_with(&prefix) && key.ends_with(&end));
    held.map(|(_, value)| number(Some(value))).sum()
}

/// Sets a balance of the coin outside of any call, for nothing.
pub(crate) fn put(state: &mut State, account: &Address, amount: u128) {
    let key = full(&balance_key(account, None));
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

/// Fees that nobody gets leave the supply.
pub(crate) fn burn_fees(state: &mut State, amount: u128) {
    let left = supply(state) - amount;
    state.insert(full(&[1]), left.encode());
}

/// The block's end: its producer is rewarded, as long as the supply fits.
pub(crate) fn reward(state: &mut State, producer: Address) -> Option<Event> {
    let amount = number(state.get(&full(&[2])));
    let supply = supply(state).checked_add(amount).filter(|_| amount > 0)?;
    state.insert(full(&[1]), supply.encode());
    let held = balance(state, &producer);
    put(state, &producer, held + amount);
    let (keys, payload) = (vec![producer.encode()], Said::Reward { to: producer, amount });
    Some(Event { module: ID, keys, payload: payload.encode() })
}

/// What an account holds, asked within a call.
pub(crate) fn ask(desk: &mut Desk, account: &Address, asset: Asset) -> Result<u128, u16> {
    Ok(desk.read(&balance_key(account, asset))?.unwrap_or(0))
}

fn store(desk: &mut Desk, account: &Address, asset: Asset, amount: u128) -> Result<(), u16> {
    let value = if amount == 0 { Vec::new() } else { amount.encode() };
    desk.set(&balance_key(account, asset), &value)
}

fn take(desk: &mut Desk, account: &Address, asset: Asset, amount: u128) -> Result<(), u16> {
    let left = ask(desk, account, asset)?.checked_sub(amount).ok_or(NOT_ENOUGH)?;
    store(desk, account, asset, left)
}

fn give(desk: &mut Desk, account: &Address, asset: Asset, amount: u128) -> Result<(), u16> {
    let sum = ask(desk, account, asset)?.checked_add(amount).ok_or(OVERFLOW)?;
    store(desk, account, asset, sum)
}

fn describe(desk: &mut Desk, id: Hash) -> Result<Description, u16> {
    desk.read(&description_key(id))?.ok_or(UNKNOWN)
}

fn as_issuer(desk: &mut Desk, caller: Address, id: Hash) -> Result<Description, u16> {
    let asset = describe(desk, id)?;
    require(asset.issuer == caller, NOT_ISSUER)?;
    Ok(asset)
}

/// Frozen accounts are so only while the right to freeze is in force.
fn unfrozen(desk: &mut Desk, id: Hash, rights: Rights, account: Address) -> Result<(), u16> {
    let frozen = rights.2 && desk.get(&frozen_key(id, account))?.is_some();
    require(!frozen, FROZEN)
}

pub(crate) fn transfer(
    desk: &mut Desk,
    from: Address,
    asset: Asset,
    to: Address,
    amount: u128,
    memo: Memo,
) -> Result<(), u16> {
    require(amount > 0, ZERO)?;
    if let Some(id) = asset {
        let rights = describe(desk, id)?.rights;
        unfrozen(desk, id, rights, from)?;
        unfrozen(desk, id, rights, to)?;
    }
    take(desk, &from, asset, amount)?;
    give(desk, &to, asset, amount)?;
    let mut keys = vec![from.encode(), to.encode()];
    keys.extend(asset.map(|id| id.encode()));
    desk.tell(keys, Said::Transfer { asset, from, to, amount, memo }.encode())
}

fn issue(desk: &mut Desk, issuer: Address, issue: Issue) -> Result<(), u16> {
    let Issue { symbol, name, decimals, cap, rights, amount, to } = issue;
    let sound = symbol.chars().all(|letter| matches!(letter, 'A'..='Z' | '0'..='9'));
    require(sound && !symbol.is_empty(), SYMBOL)?;
    require(is_name(&name), NAME)?;
    require(decimals <= 38, DECIMALS)?;
    require(amount > 0 || rights.0, ZERO)?;
    require(cap != Some(0), ZERO)?;
    require(cap.is_none_or(|cap| amount <= cap), CAP)?;
    let asset = desk.next_id(&NEW, 6, issuer)?;
    let new = Description { issuer, symbol, name, decimals, cap, rights, supply: amount };
    desk.set(&description_key(asset), &new.encode())?;
    desk.tell(vec![issuer.encode(), asset.encode()], Said::Issue { asset, issuer }.encode())?;
    if amount > 0 {
        give(desk, &to, Some(asset), amount)?;
        desk.tell(vec![to.encode(), asset.encode()], Said::Mint { asset, to, amount }.encode())?;
    }
    Ok(())
}

pub(crate) fn is_name(name: &str) -> bool {
    name.chars().any(|letter| !letter.is_whitespace()) && !name.chars().any(char::is_control)
}

fn mint(
    desk: &mut Desk,
    caller: Address,
    asset: Hash,
    to: Address,
    amount: u128,
) -> Result<(), u16> {
    require(amount > 0, ZERO)?;
    let mut now = as_issuer(desk, caller, asset)?;
    require(now.rights.0, NO_RIGHT)?;
    unfrozen(desk, asset, now.rights, to)?;
    now.supply = now.supply.checked_add(amount).ok_or(OVERFLOW)?;
    require(now.cap.is_none_or(|cap| now.supply <= cap), CAP)?;
    desk.set(&description_key(asset), &now.encode())?;
    give(desk, &to, Some(asset), amount)?;
    desk.tell(vec![to.encode(), asset.encode()], Said::Mint { asset, to, amount }.encode())
}

fn burn(desk: &mut Desk, from: Address, asset: Hash, amount: u128) -> Result<(), u16> {
    require(amount > 0, ZERO)?;
    let mut now = describe(desk, asset)?;
    require(now.rights.1, NO_RIGHT)?;
    unfrozen(desk, asset, now.rights, from)?;
    take(desk, &from, Some(asset), amount)?;
    now.supply -= amount;
    desk.set(&description_key(asset), &now.encode())?;
    desk.tell(vec![from.encode(), asset.encode()], Said::Burn { asset, from, amount }.encode())
}

fn freeze(desk: &mut Desk, caller: Address, asset: Hash, account: Address) -> Result<(), u16> {
    let rights = as_issuer(desk, caller, asset)?.rights;
    require(rights.2, NO_RIGHT)?;
    unfrozen(desk, asset, rights, account)?;
    desk.set(&frozen_key(asset, account), &[1])?;
    desk.tell(vec![account.encode(), asset.encode()], Said::Freeze { asset, account }.encode())
}

fn thaw(desk: &mut Desk, caller: Address, asset: Hash, account: Address) -> Result<(), u16> {
    require(as_issuer(desk, caller, asset)?.rights.2, NO_RIGHT)?;
    require(desk.get(&frozen_key(asset, account))?.is_some(), NOT_FROZEN)?;
    desk.set(&frozen_key(asset, account), &[])?;
    desk.tell(vec![account.encode(), asset.encode()], Said::Thaw { asset, account }.encode())
}

fn renounce(desk: &mut Desk, caller: Address, asset: Hash, rights: Rights) -> Result<(), u16> {
    let mut now = as_issuer(desk, caller, asset)?;
    let held = now.rights;
    let all_held = (held.0 || !rights.0) && (held.1 || !rights.1) && (held.2 || !rights.2);
    require(rights != Rights::default() && all_held, NO_RIGHT)?;
    now.rights = Rights(held.0 && !rights.0, held.1 && !rights.1, held.2 && !rights.2);
    desk.set(&description_key(asset), &now.encode())?;
    desk.tell(vec![asset.encode()], Said::Renounce { asset, rights }.encode())
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    match Request::decode_exact(payload).map_err(|_| 7_u16)? {
        Request::Transfer { asset, to, amount, memo } => {
            transfer(desk, caller, asset, to, amount, memo)
        }
        Request::Issue(new) => issue(desk, caller, new),
        Request::Mint { asset, to, amount } => mint(desk, caller, asset, to, amount),
        Request::Burn { asset, amount } => burn(desk, caller, asset, amount),
        Request::Freeze { asset, account } => freeze(desk, caller, asset, account),
        Request::Thaw { asset, account } => thaw(desk, caller, asset, account),
        Request::Renounce { asset, rights } => renounce(desk, caller, asset, rights),
        Request::HandOver { asset, to } => {
            let now = Description { issuer: to, ..as_issuer(desk, caller, asset)? };
            desk.set(&description_key(asset), &now.encode())?;
            desk.tell(vec![to.encode(), asset.encode()], Said::HandOver { asset, to }.encode())
        }
    }
}
