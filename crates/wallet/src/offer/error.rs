use crate::ArmourError;
use isonomy_crypto::{Hash, PublicKey};
use isonomy_types::{Address, CheckError, DecodeError, TooLong};
use std::fmt;

/// Why an offer cannot be read, signed or taken, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OfferError {
    /// The text is no offer's.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// Newer software wrote it.
    #[error("the offer has version {got}, this software reads version {limit}; update it")]
    Version {
        /// The offer's version.
        got: u8,
        /// The version read here.
        limit: u8,
    },
    /// These bytes are no offer.
    #[error("the offer {0}; ask for it again")]
    Decode(#[from] DecodeError),
    /// No chain would take such a transaction.
    #[error("the offer breaks a rule of every chain: {0}; ask for a new one")]
    Terms(#[from] CheckError),
    /// More signers or actions than a transaction holds.
    #[error("too many signers or actions for one offer: {0}; make several")]
    Many(#[from] TooLong),
    /// The terms or the chain are not those that were signed.
    #[error(
        "the offer was altered: the signature of {account} under the key {key} does not fit it any \
         more; do not sign it, and ask {account} for the offer that was signed"
    )]
    Altered {
        /// Whose signature does not fit.
        account: Address,
        /// Under which key.
        key: PublicKey,
    },
    /// The node asked is of another chain.
    #[error(
        "the offer is for the chain {got}, the node is of {want}; ask a node of the offer's chain"
    )]
    Chain {
        /// The offer's chain.
        got: Hash,
        /// The node's.
        want: Hash,
    },
    /// Its time has passed.
    #[error(
        "the offer was good up to height {got}, the chain is at height {limit}; nothing moved, ask \
         for a new offer"
    )]
    Expired {
        /// The last height that may hold it.
        got: u64,
        /// The chain's height.
        limit: u64,
    },
    /// It was taken or cancelled.
    #[error(
        "the offer was taken or cancelled: {account} has spent transaction {got} on lane {lane} (next \
         is {limit}); ask for a new offer"
    )]
    Spent {
        /// Who spent its turn.
        account: Address,
        /// On which lane.
        lane: u16,
        /// The turn that the offer needs.
        got: u64,
        /// The lane's next.
        limit: u64,
    },
    /// Something else must come first.
    #[error(
        "the offer needs transaction {got} on lane {lane} of {account}, whose next is {limit}; wait \
         for those between, or ask for a new offer"
    )]
    Early {
        /// Whose turn it is not.
        account: Address,
        /// On which lane.
        lane: u16,
        /// The turn that the offer needs.
        got: u64,
        /// The lane's next.
        limit: u64,
    },
    /// The keys were changed since, or never were the account's.
    #[error(
        "the offer shows a policy that is not that of {account} (any more); have it signed under the \
         account's current policy file"
    )]
    Policy {
        /// Whose.
        account: Address,
    },
    /// As many facts as signers.
    #[error("facts of {got} signers, the offer has {limit}")]
    Facts {
        /// How many were given.
        got: usize,
        /// How many signers there are.
        limit: usize,
    },
    /// Nothing is asked of this account or of its key.
    #[error(
        "the offer is not for {got}: check that it is the right key, and for an account of several \
         keys, or whose key was changed, give its policy file"
    )]
    Stranger {
        /// Who would sign.
        got: Address,
    },
    /// Some signed under another policy already.
    #[error("{account} has signatures under another policy; ask for the offer without them")]
    Revealed {
        /// Whose.
        account: Address,
    },
    /// Copies of one can be combined, and nothing else.
    #[error(
        "these are not copies of one transaction: what they do, their fee or their chain differs; \
         look at each with `isonomy exchange show`, and combine those that are the same"
    )]
    Different,
    /// One's own offer, or one's own part of it, is done.
    #[error(
        "this key has nothing left to sign here; {next}, or cancel the offer",
        next = next(.unsigned)
    )]
    Signed {
        /// Who must still sign.
        unsigned: Vec<Unsigned>,
    },
    /// Others must sign first.
    #[error("the offer is incomplete; {next}", next = next(.unsigned))]
    Incomplete {
        /// Who must still sign.
        unsigned: Vec<Unsigned>,
    },
}

/// An account whose signatures are missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsigned {
    /// Whose.
    pub account: Address,
    /// How many there are.
    pub got: usize,
    /// How many it takes, as far as is known: one, until the account's policy is revealed.
    pub needed: usize,
}

impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, got, needed } = self;
        match needed {
            1 => write!(f, "{account}"),
            _ => write!(f, "{account} ({got} of {needed} signatures)"),
        }
    }
}

fn next(unsigned: &[Unsigned]) -> String {
    let accounts: Vec<_> = unsigned.iter().map(ToString::to_string).collect();
    match accounts.len() {
        0 => "everybody has signed: submit it".to_owned(),
        _ => format!("send it to {} to sign", accounts.join(" and ")),
    }
}
