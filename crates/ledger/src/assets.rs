//! The native coin: balances, transfers, a reward for each block. It can be the chain's purse.
//!
//! The supply is what genesis allocated and what rewards minted since, without what was burned of
//! fees. It equals the balances' sum and the fees that wait for the end of a block under way.
use crate::{Context, Fault, Item, Map, Module, Purse};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_types::{Address, Amount, Decode, Encode, List, ModuleId};
use serde::{Deserialize, Serialize};

/// The id under which chains of this toolkit register it.
pub const ID: ModuleId = 1;
/// Accounts that genesis can endow: a bound on what the first block makes every node do.
pub const ALLOCATIONS_MAX: usize = 65_536;

/// Absent at zero.
const BALANCES: Map<Address, Amount> = Map::new(0);
const SUPPLY: Item<Amount> = Item::new(1);
const REWARD: Item<Amount> = Item::new(2);

/// Why the coin refuses: the code in [`Fault::Refused`].
pub mod refusal {
    /// An amount of zero moves nothing.
    pub const ZERO: u16 = 0;
    /// The account holds less.
    pub const NOT_ENOUGH: u16 = 1;
    /// More than 2¹²⁸ - 1 in one place.
    pub const OVERFLOW: u16 = 2;
    /// Genesis endows an account twice.
    pub const TWICE: u16 = 3;
}

/// What genesis says of the coin.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The first balances: each account once, none of zero.
    pub allocations: List<(Address, Amount), ALLOCATIONS_MAX>,
    /// Minted to the producer of each block, as long as the supply fits 128 bits.
    pub reward: Amount,
}

/// What an account can do.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Moves coins from the caller.
    Transfer {
        /// Who receives.
        to: Address,
        /// How much, not zero.
        amount: Amount,
    },
}

/// What can be asked. The answer is an encoded [`Amount`].
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// What an account holds.
    Balance(Address),
    /// What there is.
    Supply,
}

/// What happened to coins.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetsEvent {
    /// Coins moved.
    Transfer {
        /// Who gave.
        from: Address,
        /// Who received.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// Coins were minted for a block.
    Reward {
        /// Its producer.
        to: Address,
        /// How much.
        amount: Amount,
    },
}

/// The module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assets;

impl Module for Assets {
    fn genesis(&self, ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        let config: Config = payload(config)?;
        let (mut seen, mut supply) = (BTreeSet::new(), Amount::ZERO);
        for (to, amount) in config.allocations {
            if !seen.insert(to) {
                return Err(Fault::refused(refusal::TWICE, format!("{to} is endowed twice")));
            }
            positive(amount)?;
            supply = supply.checked_add(amount).ok_or_else(overflow)?;
            BALANCES.set(ctx, &to, &amount)?;
        }
        SUPPLY.set(ctx, &supply)?;
        REWARD.set(ctx, &config.reward)
    }

    fn call(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let Call::Transfer { to, amount } = payload(bytes)?;
        let from = ctx.caller().ok_or(Fault::NoCaller)?;
        positive(amount)?;
        take(ctx, from, amount)?;
        give(ctx, to, amount)?;
        let parties = [from.0.as_bytes().as_slice(), to.0.as_bytes()];
        ctx.emit_keyed(&parties, &AssetsEvent::Transfer { from, to, amount }.encode())?;
        Ok(Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let found = match payload(bytes)? {
            Query::Balance(of) => BALANCES.get(ctx, &of)?,
            Query::Supply => SUPPLY.get(ctx)?,
        };
        Ok(found.unwrap_or_default().encode())
    }

    /// Mints the reward. It ends, rather than the chain, where the supply would not fit.
    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        let amount = REWARD.get(ctx)?.unwrap_or_default();
        let supply = SUPPLY.get(ctx)?.unwrap_or_default().checked_add(amount);
        let Some(supply) = supply.filter(|_| amount > Amount::ZERO) else { return Ok(()) };
        let to = ctx.env().producer;
        SUPPLY.set(ctx, &supply)?;
        give(ctx, to, amount)?;
        ctx.emit_keyed(&[to.0.as_bytes()], &AssetsEvent::Reward { to, amount }.encode())
    }

    fn describe(&self, bytes: &[u8]) -> String {
        match payload(bytes) {
            Ok(Call::Transfer { to, amount }) => format!("send {amount} coins to {to}"),
            Err(_) => "a call to the coin that cannot be read".into(),
        }
    }

    fn purse(&self, ctx: &mut Context<'_>, of: Address, change: Purse) -> Result<(), Fault> {
        match change {
            Purse::Take(amount) => take(ctx, of, amount),
            Purse::Give(amount) => give(ctx, of, amount),
            Purse::Burn(amount) => burn(ctx, amount),
        }
    }

    fn means(&self, ctx: &mut Context<'_>, of: Address) -> Result<Amount, Fault> {
        Ok(BALANCES.get(ctx, &of)?.unwrap_or_default())
    }

    fn takes(&self, bytes: &[u8]) -> Amount {
        match payload(bytes) {
            Ok(Call::Transfer { amount, .. }) => amount,
            Err(_) => Amount::ZERO,
        }
    }
}

fn take(ctx: &mut Context<'_>, from: Address, amount: Amount) -> Result<(), Fault> {
    let held = BALANCES.get(ctx, &from)?.unwrap_or_default();
    let left = held.checked_sub(amount).ok_or_else(|| {
        Fault::refused(refusal::NOT_ENOUGH, format!("{from} holds {held}, needs {amount}"))
    })?;
    store(ctx, from, left)
}

fn give(ctx: &mut Context<'_>, to: Address, amount: Amount) -> Result<(), Fault> {
    let held = BALANCES.get(ctx, &to)?.unwrap_or_default();
    store(ctx, to, held.checked_add(amount).ok_or_else(overflow)?)
}

/// What was taken from balances before leaves the supply.
fn burn(ctx: &mut Context<'_>, amount: Amount) -> Result<(), Fault> {
    let supply = SUPPLY.get(ctx)?.unwrap_or_default();
    SUPPLY.set(ctx, &supply.checked_sub(amount).unwrap_or_default())
}

fn store(ctx: &mut Context<'_>, of: Address, amount: Amount) -> Result<(), Fault> {
    match amount {
        Amount::ZERO => BALANCES.remove(ctx, &of),
        amount => BALANCES.set(ctx, &of, &amount),
    }
}

fn positive(amount: Amount) -> Result<(), Fault> {
    match amount {
        Amount::ZERO => Err(Fault::refused(refusal::ZERO, "an amount of zero")),
        _ => Ok(()),
    }
}

fn overflow() -> Fault {
    Fault::refused(refusal::OVERFLOW, format!("more than {} coins", Amount::MAX))
}

fn payload<T: Decode>(bytes: &[u8]) -> Result<T, Fault> {
    T::decode_exact(bytes).map_err(Fault::Payload)
}
