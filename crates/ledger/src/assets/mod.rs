//! The native coin, and fungible assets issued by anyone. It can be the chain's purse, which pays fees
//! in the coin.
//!
//! The coin's supply is what genesis allocated and what rewards minted since, without what was burned
//! of fees. It equals the balances' sum and the fees that wait for the end of a block under way. An
//! issued asset's supply is what was minted less what was burned, and equals its balances' sum at all
//! times.
//!
//! Whoever issues an asset declares the rights on it: to mint up to a cap, to let holders burn their
//! own units, to freeze accounts. A right that was not declared never comes, and one that was
//! renounced never comes back. Nobody but its holder ever moves or destroys what an account holds.
//!
//! # No allowances
//! Elsewhere a holder lets a third party take up to some amount later, because there a transaction has
//! one signer, and a trade needs two. Here a transaction has several signers, and each action names the
//! one it acts for: "ten of this from A to B, five of that from B to A" is one transaction that both
//! sign and that happens whole or not at all. So nobody leaves a standing permission behind, and none
//! can be abused or forgotten. Where funds must wait for something, [`locks`](crate::locks) holds them.
//!
//! ```
//! use isonomy_ledger::Module;
//! use isonomy_ledger::assets::{Asset, Assets, Call};
//! use isonomy_types::{Address, Amount, Encode};
//!
//! let bob = Address::default();
//! let plain = Call::pay(bob, Amount(5));
//! assert_eq!(Assets.describe(&plain.encode()), format!("send 5 coins to {bob}"));
//!
//! let memo = "invoice 12".to_string().try_into()?;
//! let noted = Call::Transfer { asset: Asset::Coin, to: bob, amount: Amount(5), memo };
//! let words = format!("send 5 coins to {bob}, with the memo \"invoice 12\"");
//! assert_eq!(Assets.describe(&noted.encode()), words);
//! # Ok::<(), isonomy_types::TooLong>(())
//! ```
mod balance;
mod describe;
mod issued;
pub mod refusal;
mod wire;

pub use balance::balance_key;
pub use wire::{
    ALLOCATIONS_MAX, Asset, AssetsEvent, Call, Config, DECIMALS_MAX, Description, Issue, Query,
    Rights, SYMBOL_BYTES_MAX,
};

use crate::shared::{Memo, payload};
use crate::short::Short;
use crate::{Context, Fault, Item, Module, Purse};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use balance::{give, positive, sum, take};
use borsh::BorshDeserialize;
use isonomy_types::{Address, Amount, Encode, ModuleId};

/// The id under which chains of this toolkit register it.
pub const ID: ModuleId = 1;

/// Of the coin.
const SUPPLY: Item<Amount> = Item::new(1);
const REWARD: Item<Amount> = Item::new(2);

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
            supply = sum(supply, amount)?;
            give(ctx, to, Asset::Coin, amount)?;
        }
        SUPPLY.set(ctx, &supply)?;
        REWARD.set(ctx, &config.reward)
    }

    fn call(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        match payload(bytes)? {
            Call::Transfer { asset, to, amount, memo } => transfer(ctx, asset, to, amount, memo),
            Call::Issue(new) => return issued::issue(ctx, new),
            Call::Mint { asset, to, amount } => issued::mint(ctx, asset, to, amount),
            Call::Burn { asset, amount } => issued::burn(ctx, asset, amount),
            Call::Freeze { asset, account } => issued::freeze(ctx, asset, account),
            Call::Thaw { asset, account } => issued::thaw(ctx, asset, account),
            Call::Renounce { asset, rights } => issued::renounce(ctx, asset, rights),
            Call::HandOver { asset, to } => issued::hand_over(ctx, asset, to),
        }?;
        Ok(Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(match payload(bytes)? {
            Query::Balance(of, asset) => balance::get(ctx, of, asset)?.encode(),
            Query::Supply(Asset::Coin) => SUPPLY.get(ctx)?.unwrap_or_default().encode(),
            Query::Supply(Asset::Issued(id)) => {
                issued::find(ctx, id)?.map(|asset| asset.supply).unwrap_or_default().encode()
            }
            Query::Issued(id) => issued::find(ctx, id)?.encode(),
            Query::Holdings { of, after } => balance::holdings(ctx, of, after)?.encode(),
            Query::Frozen { asset, account } => issued::is_frozen(ctx, asset, account)?.encode(),
        })
    }

    /// Mints the reward. It ends, rather than the chain, where the supply would not fit.
    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        let amount = REWARD.get(ctx)?.unwrap_or_default();
        let supply = SUPPLY.get(ctx)?.unwrap_or_default().checked_add(amount);
        let Some(supply) = supply.filter(|_| amount > Amount::ZERO) else { return Ok(()) };
        let to = ctx.env().producer;
        SUPPLY.set(ctx, &supply)?;
        give(ctx, to, Asset::Coin, amount)?;
        emit(ctx, &[to.0.as_bytes()], &AssetsEvent::Reward { to, amount })
    }

    fn describe(&self, bytes: &[u8]) -> String {
        match payload(bytes) {
            Ok(call) => describe::describe(&call),
            Err(_) => "a call to the assets that cannot be read".into(),
        }
    }

    fn purse(&self, ctx: &mut Context<'_>, of: Address, change: Purse) -> Result<(), Fault> {
        match change {
            Purse::Take(amount) => take(ctx, of, Asset::Coin, amount),
            Purse::Give(amount) => give(ctx, of, Asset::Coin, amount),
            Purse::Burn(amount) => burn(ctx, amount),
        }
    }

    fn expects(&self, by: Address, bytes: &[u8], key: &mut dyn FnMut(&[u8])) {
        // How a transfer begins is enough: it is read to the end when it runs.
        let begins = <(u8, Asset, Address)>::deserialize(&mut &*bytes);
        if let Ok((Call::TRANSFER, Asset::Coin, to)) = begins {
            key(&balance::coins_key(&by));
            key(&balance::coins_key(&to));
        }
    }

    fn means(&self, ctx: &mut Context<'_>, of: Address) -> Result<Amount, Fault> {
        balance::get(ctx, of, Asset::Coin)
    }

    fn takes(&self, bytes: &[u8]) -> Amount {
        match payload(bytes) {
            Ok(Call::Transfer { asset: Asset::Coin, amount, .. }) => amount,
            _ => Amount::ZERO,
        }
    }
}

/// What was taken from balances before leaves the supply.
fn burn(ctx: &mut Context<'_>, amount: Amount) -> Result<(), Fault> {
    let supply = SUPPLY.get(ctx)?.unwrap_or_default();
    SUPPLY.set(ctx, &supply.checked_sub(amount).unwrap_or_default())
}

fn transfer(
    ctx: &mut Context<'_>,
    asset: Asset,
    to: Address,
    amount: Amount,
    memo: Memo,
) -> Result<(), Fault> {
    let from = ctx.caller().ok_or(Fault::NoCaller)?;
    positive(amount)?;
    if let Asset::Issued(id) = asset {
        issued::movable(ctx, id, from, to)?;
    }
    take(ctx, from, asset, amount)?;
    give(ctx, to, asset, amount)?;
    let said = AssetsEvent::Transfer { asset, from, to, amount, memo };
    let (from, to) = (from.0.as_bytes(), to.0.as_bytes());
    match asset {
        Asset::Coin => emit(ctx, &[from, to], &said),
        Asset::Issued(id) => emit(ctx, &[from, to, id.as_bytes()], &said),
    }
}

fn emit(ctx: &mut Context<'_>, keys: &[&[u8]], event: &AssetsEvent) -> Result<(), Fault> {
    ctx.emit_keyed(keys, &Short::of(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_crypto::Hash;

    #[test]
    fn transfers_of_coins_are_expected_to_touch_two_balances() {
        let [by, to] = [1, 2].map(|byte| Address(Hash::from_bytes([byte; 32])));
        let expected = |call: &Call| {
            let mut keys = Vec::new();
            Assets.expects(by, &call.encode(), &mut |key| keys.push(key.to_vec()));
            keys
        };
        let balances = [by, to].map(|of| balance::coins_key(&of).to_vec());
        assert_eq!(expected(&Call::pay(to, Amount(5))), balances);
        let (asset, none) = (Hash::from_bytes([3; 32]), Vec::<Vec<u8>>::new());
        let (amount, memo) = (Amount(5), Memo::default());
        let units = Call::Transfer { asset: Asset::Issued(asset), to, amount, memo };
        assert_eq!(expected(&units), none);
        assert_eq!(expected(&Call::Burn { asset: Hash::ZERO, amount }), none);
    }
}
