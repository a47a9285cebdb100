mod check;
mod error;
mod sign;

pub use error::{OfferError, Unsigned};

use crate::armour::{OFFER, OFFER_BYTES_MAX};
use crate::{Facts, OFFER_CHARS_MAX, WalletError, file, words};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_ledger::{Modules, assets};
use isonomy_types::{
    Address, Amount, CheckError, Decode, Encode, Intent, List, Policy, SIGNERS_MAX, Version,
    Witness,
};
use sign::empty;
use std::fmt;
use std::path::Path;

/// Bytes of an offer's file: its text, wrapped or not. Stops a path to something endless.
pub const OFFER_FILE_BYTES_MAX: u64 = 2 * OFFER_CHARS_MAX as u64;
const MAKE: &str = "ask its maker for the offer, as a file or as text";
/// The first byte of an encoded offer.
const VERSION: u8 = 1;

/// A transaction whose signatures are being gathered: of several accounts, of several keys of one,
/// or both.
///
/// Its signatures are valid, always: bytes with one that does not fit are no offer. Whether the
/// chain would still have it, [`judge`](Self::judge) says.
///
/// Its text is bech32m with the prefix `isooffer` and without the usual limit of characters, its
/// only spelling but for white space.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize)]
pub struct Offer {
    version: Version<VERSION>,
    genesis: Hash,
    intent: Intent,
    /// In the signers' order. `None`: the account's policy is not revealed yet.
    witnesses: List<Option<Witness>, SIGNERS_MAX>,
}

#[derive(BorshDeserialize)]
struct Received {
    version: Version<VERSION>,
    genesis: Hash,
    intent: Intent,
    witnesses: List<Option<Witness>, SIGNERS_MAX>,
}

impl Offer {
    pub(crate) fn new(
        genesis: Hash,
        intent: Intent,
        policies: Vec<Option<Policy>>,
    ) -> Result<Self, OfferError> {
        let witnesses: Vec<_> = policies.into_iter().map(|policy| policy.map(empty)).collect();
        let offer =
            Self { version: Version, genesis, intent, witnesses: List::truncated(witnesses) };
        offer.check()?;
        Ok(offer)
    }

    /// Reads an offer out of its bytes.
    ///
    /// # Errors
    /// [`OfferError::Version`], [`OfferError::Decode`], [`OfferError::Terms`] if no chain could take
    /// it, [`OfferError::Altered`] if a signature does not fit.
    pub fn decode(bytes: &[u8]) -> Result<Self, OfferError> {
        match bytes.first() {
            Some(&got) if got != VERSION => {
                return Err(OfferError::Version { got, limit: VERSION });
            }
            _ if bytes.len() > OFFER_BYTES_MAX => {
                let (got, limit) = (bytes.len(), OFFER_BYTES_MAX);
                return Err(CheckError::Large { got, limit }.into());
            }
            _ => {}
        }
        let Received { version, genesis, intent, witnesses } = Received::decode_exact(bytes)?;
        let offer = Self { version, genesis, intent, witnesses };
        offer.check()?;
        Ok(offer)
    }

    /// Writes the offer's text into a new file.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`].
    pub fn create(&self, path: &Path) -> Result<(), WalletError> {
        file::keep(path, format!("{self}\n").as_bytes())
    }

    /// Reads a file that [`create`](Self::create) wrote, or into which somebody pasted the text.
    ///
    /// # Errors
    /// [`WalletError::Io`], [`WalletError::Large`], and those of [`decode`](Self::decode) as
    /// [`WalletError::Offer`].
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        let text = file::load(path, OFFER_FILE_BYTES_MAX, MAKE)?;
        Ok(String::from_utf8_lossy(&text).parse()?)
    }

    /// The offer in a text, or in the file that it names.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn find(text_or_path: &str) -> Result<Self, WalletError> {
        match OFFER.begins(text_or_path) {
            true => Ok(text_or_path.parse::<Self>()?),
            false => Self::open(Path::new(text_or_path)),
        }
    }

    /// The chain that it is for. It is worth nothing on any other.
    #[must_use]
    pub const fn genesis(&self) -> Hash {
        self.genesis
    }

    /// What is signed.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    /// What is signed, who has and who has not, in plain words and several lines. `you` are named
    /// so; modules other than this toolkit's are described by `modules`. Whether an account is still
    /// under the policy that its signatures are for, [`judge`](Self::judge) says.
    #[must_use]
    pub fn describe(&self, you: Option<Address>, modules: Option<&Modules>) -> String {
        let (own, intent) = (words::modules(), &self.intent);
        let mut text = words::describe(&self.genesis, intent, modules.unwrap_or(&own), None);
        for (signer, witness) in intent.signers.iter().zip(self.witnesses.iter()) {
            text.push_str(&self.signed(signer.account, witness.as_ref()));
        }
        words::address_you(text, you)
    }

    fn signed(&self, account: Address, witness: Option<&Witness>) -> String {
        let unsigned = self.unsigned();
        let unsigned = unsigned.iter().find(|unsigned| unsigned.account == account);
        let first = witness.is_none_or(|witness| witness.policy.address() == account);
        match (unsigned, first) {
            (Some(unsigned), _) => format!("\nNot yet signed by {unsigned}."),
            (None, true) => format!("\nSigned by {account}."),
            (None, false) => format!(
                "\nSigned for {account} under a policy other than its first: whether that is its \
                 own, a node knows."
            ),
        }
    }

    /// The most coins that the account gives by its own actions, and as the fee if it pays that.
    #[must_use]
    pub fn takes(&self, account: &Address) -> Amount {
        let (modules, signers) = (words::modules(), &self.intent.signers);
        let add = |sum: Amount, more| sum.checked_add(more).unwrap_or(Amount::MAX);
        let payer = signers.first().is_some_and(|signer| signer.account == *account);
        let fee = if payer { self.intent.max_fee() } else { Amount::ZERO };
        let own = self.intent.actions.iter().filter(|action| {
            let signer = signers.get(usize::from(action.by));
            action.module == assets::ID && signer.is_some_and(|signer| signer.account == *account)
        });
        let takes =
            own.filter_map(|action| Some(modules.get(action.module).ok()?.takes(&action.payload)));
        takes.fold(fee, add)
    }

    /// Whether the chain would take it now, were all signatures there. What a node says, it is.
    ///
    /// # Errors
    /// [`OfferError::Chain`], [`OfferError::Expired`], [`OfferError::Spent`], [`OfferError::Early`],
    /// [`OfferError::Policy`].
    pub fn judge(&self, facts: &Facts) -> Result<(), OfferError> {
        facts.judge(self.genesis, &self.intent, &self.witnesses)
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OFFER.write(&self.encode(), f)
    }
}

impl std::str::FromStr for Offer {
    type Err = OfferError;

    fn from_str(text: &str) -> Result<Self, OfferError> {
        Self::decode(&OFFER.read(text)?)
    }
}
