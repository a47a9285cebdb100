//! What is issued.
use super::{Act, Asking};
use clap::{Args, Subcommand};
use isonomy::crypto::Hash;
use isonomy::types::{Address, Amount};

#[derive(Subcommand)]
pub(crate) enum Asset {
    /// Issue an asset. What may be done with it is said now, and never more than that.
    #[command(
        after_help = "Example, with --wait so that the asset's id is printed:\n  isonomy asset \
        issue --rpc 127.0.0.1:7332 --key alice.json --symbol DEED --name \"Shares of a boat\" \
        --amount 1000 --wait"
    )]
    Issue(Box<Issue>),
    /// Show an asset's terms and how much of it there is.
    #[command(after_help = "Example:\n  isonomy asset show --rpc 127.0.0.1:7332 ASSET")]
    Show(Show),
    /// Make more of an asset of one's own.
    #[command(after_help = "Example:\n  isonomy asset mint --rpc 127.0.0.1:7332 --key alice.json \
        --to ADDRESS --amount 50 ASSET")]
    Mint(Box<Mint>),
    /// Destroy units that one holds.
    #[command(after_help = "Example:\n  isonomy asset burn --rpc 127.0.0.1:7332 --key bob.json \
        --amount 50 ASSET")]
    Burn(Box<Burn>),
    /// Keep an account from giving and receiving an asset of one's own.
    #[command(
        after_help = "Example:\n  isonomy asset freeze --rpc 127.0.0.1:7332 --key alice.json \
        --account ADDRESS ASSET"
    )]
    Freeze(Box<Freeze>),
    /// End that.
    #[command(after_help = "Example:\n  isonomy asset thaw --rpc 127.0.0.1:7332 --key alice.json \
        --account ADDRESS ASSET")]
    Thaw(Box<Freeze>),
    /// Give up rights on an asset for good. Nobody can take this back.
    #[command(after_help = "Example:\n  isonomy asset renounce --rpc 127.0.0.1:7332 --key \
        alice.json --mint --freeze ASSET")]
    Renounce(Box<Renounce>),
    /// Make another account the issuer.
    #[command(after_help = "Example:\n  isonomy asset hand-over --rpc 127.0.0.1:7332 --key \
        alice.json --to ADDRESS ASSET")]
    HandOver(Box<HandOver>),
}

/// What may be done beside sending.
#[derive(Args)]
pub(crate) struct AssetRights {
    /// The right to make more.
    #[arg(long)]
    pub(crate) mint: bool,
    /// The right of holders to destroy what is theirs.
    #[arg(long)]
    pub(crate) burn: bool,
    /// The right to freeze accounts.
    #[arg(long)]
    pub(crate) freeze: bool,
}

#[derive(Args)]
pub(crate) struct Issue {
    #[command(flatten)]
    pub(crate) act: Act,
    /// 1 to 12 of A to Z and 0 to 9. Others may take the same.
    #[arg(long)]
    pub(crate) symbol: String,
    /// In full.
    #[arg(long)]
    pub(crate) name: String,
    /// How many digits of an amount stand behind the point.
    #[arg(long, default_value_t = 0)]
    pub(crate) decimals: u8,
    /// The most that may exist at one time. [default: no bound]
    #[arg(long)]
    pub(crate) cap: Option<Amount>,
    /// What exists at once, in the smallest unit.
    #[arg(long, default_value = "0")]
    pub(crate) amount: Amount,
    /// Who receives that. [default: the issuer]
    #[arg(long)]
    pub(crate) to: Option<Address>,
    #[command(flatten)]
    pub(crate) rights: AssetRights,
}

#[derive(Args)]
pub(crate) struct Show {
    /// Its id.
    pub(crate) id: Hash,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args)]
pub(crate) struct Mint {
    /// The asset's id.
    pub(crate) asset: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    /// Who receives.
    #[arg(long)]
    pub(crate) to: Address,
    /// How much, in the smallest unit.
    #[arg(long)]
    pub(crate) amount: Amount,
}

#[derive(Args)]
pub(crate) struct Burn {
    /// The asset's id.
    pub(crate) asset: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    /// How much, in the smallest unit.
    #[arg(long)]
    pub(crate) amount: Amount,
}

#[derive(Args)]
pub(crate) struct Freeze {
    /// The asset's id.
    pub(crate) asset: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    /// Whose.
    #[arg(long)]
    pub(crate) account: Address,
}

#[derive(Args)]
pub(crate) struct Renounce {
    /// The asset's id.
    pub(crate) asset: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    #[command(flatten)]
    pub(crate) rights: AssetRights,
}

#[derive(Args)]
pub(crate) struct HandOver {
    /// The asset's or the collection's id.
    pub(crate) id: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    /// The next issuer.
    #[arg(long)]
    pub(crate) to: Address,
}
