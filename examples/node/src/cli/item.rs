//! Unique items and their collections.
use super::asset::{HandOver, Show};
use super::{Act, Asking};
use clap::{Args, Subcommand};
use isonomy::crypto::Hash;
use isonomy::types::Address;

#[derive(Subcommand)]
pub(crate) enum Collection {
    /// Create a collection of unique items. What may be done with it is said now.
    #[command(
        after_help = "Example, with --wait so that the collection's id is printed:\n  isonomy \
        collection create --rpc 127.0.0.1:7332 --key alice.json --name Deeds --cap 100 --mint \
        --wait"
    )]
    Create(Box<Create>),
    /// Show a collection's terms.
    #[command(after_help = "Example:\n  isonomy collection show --rpc 127.0.0.1:7332 COLLECTION")]
    Show(Show),
    /// Give up rights on a collection for good. Nobody can take this back.
    #[command(after_help = "Example, so that there will be no more items:\n  isonomy collection \
        renounce --rpc 127.0.0.1:7332 --key alice.json --mint COLLECTION")]
    Renounce(Box<RenounceCollection>),
    /// Make another account the issuer.
    #[command(after_help = "Example:\n  isonomy collection hand-over --rpc 127.0.0.1:7332 --key \
        alice.json --to ADDRESS COLLECTION")]
    HandOver(Box<HandOver>),
}

#[derive(Subcommand)]
pub(crate) enum Item {
    /// Make an item of a collection of one's own.
    #[command(after_help = "Example:\n  isonomy item make --rpc 127.0.0.1:7332 --key alice.json \
        --to ADDRESS --content HASH --metadata \"Boat 7\" COLLECTION 7")]
    Make(Box<MakeItem>),
    /// Show an item: whose it is, and what it stands for.
    #[command(after_help = "Example:\n  isonomy item show --rpc 127.0.0.1:7332 COLLECTION 7")]
    Show(ShowItem),
    /// Send an item that one owns.
    #[command(
        after_help = "Example:\n  isonomy item send --rpc 127.0.0.1:7332 --key alice.json --to \
        ADDRESS COLLECTION 7"
    )]
    Send(Box<SendItem>),
    /// Destroy an item that one owns.
    #[command(after_help = "Example:\n  isonomy item burn --rpc 127.0.0.1:7332 --key alice.json \
        COLLECTION 7")]
    Burn(Box<BurnItem>),
}

#[derive(Args)]
pub(crate) struct CollectionRights {
    /// The right to make items.
    #[arg(long)]
    pub(crate) mint: bool,
    /// The right of owners to destroy theirs.
    #[arg(long)]
    pub(crate) burn: bool,
}

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    pub(crate) act: Act,
    /// Its name. Others may take the same.
    #[arg(long)]
    pub(crate) name: String,
    /// The most items that may exist at one time. [default: no bound]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) cap: Option<u64>,
    /// The most bytes of one item's metadata, 1024 at most.
    #[arg(long, default_value_t = 256)]
    pub(crate) metadata_bytes: u16,
    #[command(flatten)]
    pub(crate) rights: CollectionRights,
}

#[derive(Args)]
pub(crate) struct RenounceCollection {
    /// The collection's id.
    pub(crate) collection: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    #[command(flatten)]
    pub(crate) rights: CollectionRights,
}

/// Which item.
#[derive(Args)]
pub(crate) struct Which {
    /// The collection's id.
    pub(crate) collection: Hash,
    /// The item's number in it.
    pub(crate) number: u64,
}

#[derive(Args)]
pub(crate) struct MakeItem {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) act: Act,
    /// Who receives it. [default: the issuer]
    #[arg(long)]
    pub(crate) to: Option<Address>,
    /// The hash of what it stands for.
    #[arg(long)]
    pub(crate) content: Hash,
    /// A title, and where to find the rest.
    #[arg(long, default_value = "")]
    pub(crate) metadata: String,
}

#[derive(Args)]
pub(crate) struct ShowItem {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args)]
pub(crate) struct SendItem {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) act: Act,
    /// Who receives it.
    #[arg(long)]
    pub(crate) to: Address,
    /// For the receiver; all can read it.
    #[arg(long, default_value = "")]
    pub(crate) memo: String,
}

#[derive(Args)]
pub(crate) struct BurnItem {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) act: Act,
}
