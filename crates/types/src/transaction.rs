use crate::bytes::invalid;
use crate::{Address, Amount, Blob, Checked, List, POLICY_KEYS_MAX, Policy, TooLong, Version};
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Signature;
use serde::{Deserialize, Serialize};

/// Which module of the chain. Fixed in genesis.
pub type ModuleId = u16;

/// Signers of one transaction: with [`POLICY_KEYS_MAX`], a bound on its signatures.
pub const SIGNERS_MAX: usize = 16;
/// Actions of one transaction: a bound on what one failure undoes.
pub const ACTIONS_MAX: usize = 64;
/// Bytes of one action's payload: two of them still fit the largest transaction.
pub const PAYLOAD_BYTES_MAX: usize = 65_536;
/// Bytes of one encoded transaction: relay buffers are sized by it.
pub const TRANSACTION_BYTES_MAX: usize = 131_072;

/// Which of an account's transactions this is. Lanes are independent: spending one leaves the
/// others as they are, so an open offer on a spare lane does not freeze its maker.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub struct Nonce {
    /// The lane; 0 is everyone's first.
    pub lane: u16,
    /// Counts the lane's transactions from 0 without a gap.
    pub seq: u64,
}

/// An account that takes part in a transaction, and the nonce it spends.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Signer {
    /// Who.
    pub account: Address,
    /// The nonce that this transaction consumes, whether its actions succeed or not.
    pub nonce: Nonce,
}

/// One call to one module, in the name of one signer and of nobody else.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Action {
    /// The module that is called.
    pub module: ModuleId,
    /// Index of the signer in whose name.
    pub by: u8,
    /// What the module reads.
    pub payload: Blob<PAYLOAD_BYTES_MAX>,
}

/// What is signed: everything but the signatures. The first signer pays the fee.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Intent {
    /// The format of what follows.
    pub version: Version<1>,
    /// Who takes part. At least one, each account once.
    pub signers: List<Signer, SIGNERS_MAX>,
    /// What happens, in order, all or nothing. With none, the nonces are spent and the fee is paid:
    /// that is how an offer is cancelled.
    pub actions: List<Action, ACTIONS_MAX>,
    /// The most work, in meter units, that may be spent on this transaction.
    pub meter_limit: u64,
    /// What a meter unit used costs the payer, in the chain's coin. At least the chain's base fee;
    /// what is above it is the producer's, and is not given back: what is signed is what is paid,
    /// whichever block holds it, and several signers need not trust a base fee to come.
    pub price: u64,
    /// The last height at which a block may hold this transaction.
    pub expires: u64,
}

impl Intent {
    /// The most that the payer can be charged: reserved before anything runs.
    #[must_use]
    pub fn max_fee(&self) -> Amount {
        Amount::cost(self.meter_limit, self.price)
    }
}

/// Reveals a signer's policy and signs. Stands at the same place as its signer.
///
/// One with more places than keys cannot be decoded: an empty place is one byte that takes up 65 in
/// memory, and a body full of them forty times its length (CVE-2026-40881).
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, Serialize, Deserialize)]
pub struct Witness {
    /// The policy whose hash the account's state holds.
    pub policy: Policy,
    /// One place for each of the policy's keys, exactly as many filled as it needs.
    pub signatures: List<Option<Signature>, POLICY_KEYS_MAX>,
}

impl BorshDeserialize for Witness {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let policy = Policy::deserialize_reader(reader)?;
        let signatures = List::deserialize_reader(reader)?;
        let (got, limit) = (signatures.len(), policy.signing().map_or(0, |(_, keys)| keys.len()));
        if got > limit {
            return Err(invalid(TooLong { got, limit }));
        }
        Ok(Self { policy, signatures })
    }
}

/// As received: nothing is known of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unchecked;

/// Several signers, several actions, atomic. Encodes the same whether checked or not; decodes only
/// as [`Unchecked`].
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, Serialize)]
#[serde(bound = "")]
pub struct Transaction<S = Unchecked> {
    /// What is signed.
    pub(crate) intent: Intent,
    /// By whom.
    pub(crate) witnesses: List<Witness, SIGNERS_MAX>,
    #[borsh(skip)]
    #[serde(skip)]
    pub(crate) state: S,
}

/// What is written down of a transaction.
#[derive(BorshDeserialize, Deserialize)]
struct Received {
    intent: Intent,
    witnesses: List<Witness, SIGNERS_MAX>,
}

impl BorshDeserialize for Transaction<Unchecked> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let Received { intent, witnesses } = Received::deserialize_reader(reader)?;
        Ok(Self::new(intent, witnesses))
    }
}

impl<'de> Deserialize<'de> for Transaction<Unchecked> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Received { intent, witnesses } = Deserialize::deserialize(from)?;
        Ok(Self::new(intent, witnesses))
    }
}

impl<S> Transaction<S> {
    /// What is signed.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The signers' policies and signatures, in the signers' order.
    #[must_use]
    pub const fn witnesses(&self) -> &List<Witness, SIGNERS_MAX> {
        &self.witnesses
    }
}

impl Transaction<Unchecked> {
    /// Puts signatures beside what they sign. Whether they fit is [`check`](Self::check)'s question.
    #[must_use]
    pub const fn new(intent: Intent, witnesses: List<Witness, SIGNERS_MAX>) -> Self {
        Self { intent, witnesses, state: Unchecked }
    }
}

impl Transaction<Checked> {
    /// The same, as it travels.
    #[must_use]
    pub fn to_unchecked(&self) -> Transaction {
        Transaction::new(self.intent.clone(), self.witnesses.clone())
    }
}
