//! What several people do in one transaction.
use super::{By, Cost};
use clap::{Args, Subcommand};
use isonomy::ledger::assets::Asset;
use isonomy::ledger::unique::ItemId;
use isonomy::types::{Address, Amount};
use std::path::PathBuf;

/// So much of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quantity {
    pub(crate) amount: Amount,
    pub(crate) asset: Asset,
}

/// What changes hands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Thing {
    Some(Quantity),
    Item(ItemId),
}

/// What one account gives another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Move {
    pub(crate) from: Address,
    pub(crate) what: Thing,
    pub(crate) to: Address,
}

#[derive(Subcommand)]
pub(crate) enum Exchange {
    /// Make an offer, and sign it. Nothing moves until everyone it names has signed.
    #[command(
        after_help = "The taker pays the fee. The offer spends one turn of a spare lane of each \
        account, so other payments go on meanwhile; the same offer made twice can be taken once.\n\n\
        Example, 50 coins of mine against 30 of BOB's:\n  isonomy exchange offer --rpc \
        127.0.0.1:7332 --key alice.json --taker BOB --give 50 --get 30 --out offer.txt\n\n\
        Example, a unique item of BOB's for 900 coins:\n  isonomy exchange offer --rpc \
        127.0.0.1:7332 --key alice.json --taker BOB --give 900 --get item:COLLECTION:7 --out \
        offer.txt\n\n\
        Example, three in a ring:\n  isonomy exchange offer --rpc 127.0.0.1:7332 --key alice.json \
        --taker BOB --give 50 --also BOB:30:CAROL --also CAROL:20:ALICE --out offer.txt"
    )]
    Offer(Box<Offer>),
    /// Say in plain words what an offer does, who has signed it, and whether it can still be taken.
    #[command(after_help = "Example:\n  isonomy exchange show --rpc 127.0.0.1:7332 offer.txt")]
    Show(Show),
    /// Sign an offer, and send it once everyone has signed.
    #[command(
        after_help = "While signatures are missing, the offer is written anew for the next one \
        to sign. This is also how the keys of a shared account sign.\n\n\
        Example:\n  isonomy exchange accept --rpc 127.0.0.1:7332 --key bob.json offer.txt --wait"
    )]
    Accept(Accept),
    /// Make an offer worthless, by spending the turn that it needs. Costs a fee.
    #[command(after_help = "Example:\n  isonomy exchange cancel --rpc 127.0.0.1:7332 --key \
        alice.json offer.txt --wait")]
    Cancel(Cancel),
}

/// Who signs, and where it goes.
#[derive(Args)]
pub(crate) struct Signing {
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
    #[command(flatten)]
    pub(crate) by: By,
    /// The policy file of an account of several keys, or whose key was changed.
    #[arg(long)]
    pub(crate) policy: Option<PathBuf>,
    /// Where an offer is written that others must sign too. Never overwritten. [default: printed]
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Sign without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Wait until a block holds it.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// One thing that an account does by itself.
#[derive(Args)]
pub(crate) struct Act {
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) cost: Cost,
}

#[derive(Args)]
pub(crate) struct Offer {
    #[command(flatten)]
    pub(crate) signing: Signing,
    /// Who takes the offer, and pays the fee.
    #[arg(long)]
    pub(crate) taker: Address,
    /// What the taker gets: AMOUNT coins and AMOUNT:ASSET units, both in the smallest unit, or
    /// item:COLLECTION:NUMBER. Can be repeated.
    #[arg(long, value_name = "WHAT", value_parser = thing)]
    pub(crate) give: Vec<Thing>,
    /// What the taker gives, likewise.
    #[arg(long, value_name = "WHAT", value_parser = thing)]
    pub(crate) get: Vec<Thing>,
    /// What moves besides, in this order. Whoever gives must sign.
    #[arg(long, value_name = "FROM:WHAT:TO", value_parser = moved)]
    pub(crate) also: Vec<Move>,
    /// The spare lane. [default: follows from who and what]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) lane: Option<u16>,
    #[command(flatten)]
    pub(crate) cost: Cost,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The offer: a file, or its text.
    pub(crate) offer: String,
    /// A node that knows whether it can still be taken.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: Option<String>,
    /// Whose part is marked as yours.
    #[arg(long)]
    pub(crate) account: Option<Address>,
}

#[derive(Args)]
pub(crate) struct Accept {
    /// The offer: a file, or its text.
    pub(crate) offer: String,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct Cancel {
    /// The offer: a file, or its text.
    pub(crate) offer: String,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) cost: Cost,
}

pub(super) fn quantity(text: &str) -> Result<Quantity, String> {
    let (amount, asset) = match text.split_once(':') {
        None => (text, Asset::Coin),
        Some((amount, id)) => {
            (amount, Asset::Issued(id.parse().map_err(|error| format!("{error}"))?))
        }
    };
    Ok(Quantity { amount: amount.parse().map_err(|error| format!("{error}"))?, asset })
}

fn thing(text: &str) -> Result<Thing, String> {
    let Some(item) = text.strip_prefix("item:") else {
        return Ok(Thing::Some(quantity(text)?));
    };
    let (collection, number) = item.split_once(':').ok_or("expected item:COLLECTION:NUMBER")?;
    let number =
        number.parse().map_err(|error| format!("the item's number {number:?}: {error}"))?;
    Ok(Thing::Item((collection.parse().map_err(|error| format!("{error}"))?, number)))
}

fn moved(text: &str) -> Result<Move, String> {
    let parts = text.split_once(':').and_then(|(from, rest)| Some((from, rest.rsplit_once(':')?)));
    let (from, (what, to)) = parts.ok_or(
        "expected FROM:WHAT:TO, where WHAT is AMOUNT or AMOUNT:ASSET or item:COLLECTION:NUMBER",
    )?;
    let account = |text: &str| text.parse::<Address>().map_err(|error| error.to_string());
    Ok(Move { from: account(from)?, what: thing(what)?, to: account(to)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy::crypto::Hash;

    #[test]
    fn a_move_names_what_is_wrong() {
        let nobody = Address::default();
        let good = moved(&format!("{nobody}:5:{nobody}"));
        let (amount, asset) = (Amount(5), Asset::Coin);
        let coins = Thing::Some(Quantity { amount, asset });
        assert_eq!(good, Ok(Move { from: nobody, what: coins, to: nobody }));
        let id = "07".repeat(32);
        let hash = Hash::from_bytes([7; 32]);
        let issued = Thing::Some(Quantity { amount, asset: Asset::Issued(hash) });
        let good = moved(&format!("{nobody}:5:{id}:{nobody}"));
        assert_eq!(good, Ok(Move { from: nobody, what: issued, to: nobody }));
        let good = moved(&format!("{nobody}:item:{id}:9:{nobody}"));
        assert_eq!(good, Ok(Move { from: nobody, what: Thing::Item((hash, 9)), to: nobody }));
        for (text, why) in [
            ("nothing".to_owned(), "expected FROM:WHAT:TO"),
            (format!("{nobody}:5"), "expected FROM:WHAT:TO"),
            (format!("{nobody}:item:9:{nobody}"), "expected item:COLLECTION:NUMBER"),
            (format!("{nobody}:item:{id}:-9:{nobody}"), "number \"-9\""),
            (format!("{nobody}:item:07:9:{nobody}"), "hex"),
            (format!("{nobody}:5:{nobody}:{nobody}"), "hex"),
            (format!("{nobody}:-5:{nobody}"), "-5"),
            (format!("{nobody}:5:iso1x"), "typing error"),
        ] {
            assert!(moved(&text).is_err_and(|error| error.contains(why)), "{text}");
        }
    }
}
