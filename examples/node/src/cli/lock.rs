//! Conditional payments.
use super::asset::Show;
use super::{Act, Quantity};
use clap::{Args, Subcommand};
use isonomy::crypto::Hash;
use isonomy::types::Address;

#[derive(Subcommand)]
pub(crate) enum Lock {
    /// Show the SHA-256 of a secret, which a lock names. Draw the secret: 32 bytes that nobody knows.
    #[command(after_help = "Example:\n  isonomy lock hash $(openssl rand -hex 32)")]
    Hash {
        /// 64 hex digits.
        secret: Hash,
    },
    /// Lock a payment: whom it names gets it for the secret, or else it goes back.
    #[command(
        after_help = "Before you swap between two chains, read what each side must choose and \
        check: the documentation of isonomy_ledger::locks.\n\n\
        Example, with --wait so that the lock's id is printed:\n  isonomy lock make --rpc \
        127.0.0.1:7332 --key alice.json --to BOB --what 500 --hash SHA256 --until-height 9000 --wait"
    )]
    Make(Box<MakeLock>),
    /// Show a lock that has not ended.
    #[command(after_help = "Example:\n  isonomy lock show --rpc 127.0.0.1:7332 LOCK")]
    Show(Show),
    /// Open a lock with the secret, which all can read from then on. It pays whom the lock names.
    #[command(
        after_help = "Claim well before the deadline: a claim that no block takes in time shows \
        the secret and pays nothing.\n\nExample:\n  isonomy lock claim --rpc 127.0.0.1:7332 --key bob.json \
        --secret HEX LOCK"
    )]
    Claim(Box<ClaimLock>),
    /// Have what a lock holds paid back to its maker, once its time is over.
    #[command(
        after_help = "Example:\n  isonomy lock refund --rpc 127.0.0.1:7332 --key alice.json \
        LOCK"
    )]
    Refund(Box<RefundLock>),
}

#[derive(Args)]
pub(crate) struct MakeLock {
    #[command(flatten)]
    pub(crate) act: Act,
    /// Who is paid for the secret.
    #[arg(long)]
    pub(crate) to: Address,
    /// How much, in the smallest unit: coins, or units of an issued asset.
    #[arg(long, value_name = "AMOUNT[:ASSET]", value_parser = super::exchange::quantity)]
    pub(crate) what: Quantity,
    /// The secret's SHA-256.
    #[arg(long)]
    pub(crate) hash: Hash,
    /// From the block of this height on it is refunded and no more claimed.
    #[arg(long, required_unless_present = "until_time", conflicts_with = "until_time")]
    pub(crate) until_height: Option<u64>,
    /// The same from this time on, in milliseconds since 1970.
    #[arg(long)]
    pub(crate) until_time: Option<u64>,
}

#[derive(Args)]
pub(crate) struct ClaimLock {
    /// The lock's id.
    pub(crate) id: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
    /// The secret, 64 hex digits.
    #[arg(long)]
    pub(crate) secret: Hash,
}

#[derive(Args)]
pub(crate) struct RefundLock {
    /// The lock's id.
    pub(crate) id: Hash,
    #[command(flatten)]
    pub(crate) act: Act,
}
