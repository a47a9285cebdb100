use crate::bytes::invalid;
use crate::{Address, Amount, Blob, Encode, List, POLICY_KEYS_MAX, Policy, TooLong, Version};
use alloc::vec::Vec;
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash, Signature};
use serde::{Deserialize, Serialize};

const ID: Domain = Domain::new("isonomy transaction id 1");
const DIGEST: Domain = Domain::new("isonomy transaction digest 1");
const WITNESSES: Domain = Domain::new("isonomy witnesses 1");
const LEAF: Domain = Domain::new("isonomy body leaf 1");

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
    /// Names the transaction. Signatures are not part of it, so none can change it.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.digest(&ID)
    }

    /// What every witness signs: the id, for one chain only.
    #[must_use]
    pub fn signing_digest(&self, genesis: &Hash) -> Hash {
        DIGEST.join(&[*genesis, self.id()])
    }

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

/// The stateless checks passed. Made by checking alone, so its facts can be believed; no bytes claim
/// it:
///
/// ```compile_fail
/// use isonomy_types::{Checked, Decode, Transaction};
///
/// let claimed = Transaction::<Checked>::decode_exact(&[]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    pub(crate) id: Hash,
    pub(crate) leaf: Hash,
    pub(crate) bytes: usize,
    pub(crate) policies: Vec<Hash>,
}

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

    pub(crate) fn facts(&self) -> Checked {
        let (intent, witnesses) = (&self.intent, &self.witnesses);
        let id = intent.id();
        let bytes = intent.encoded_len().saturating_add(witnesses.encoded_len());
        let policies = witnesses.iter().map(|witness| witness.policy.hash()).collect();
        Checked { id, leaf: self.leaf_of(id), bytes, policies }
    }

    fn leaf_of(&self, id: Hash) -> Hash {
        LEAF.join(&[id, self.witnesses.digest(&WITNESSES)])
    }
}

impl Transaction<Unchecked> {
    /// Puts signatures beside what they sign. Whether they fit is [`check`](Self::check)'s question.
    #[must_use]
    pub const fn new(intent: Intent, witnesses: List<Witness, SIGNERS_MAX>) -> Self {
        Self { intent, witnesses, state: Unchecked }
    }

    /// Its place in a body: binds the witnesses too, which the id does not.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        self.leaf_of(self.intent.id())
    }

    /// Believes it. For blocks out of one's own log, which were checked before they were written.
    #[must_use]
    pub fn trust_own_log(self) -> Transaction<Checked> {
        let state = self.facts();
        Transaction { intent: self.intent, witnesses: self.witnesses, state }
    }
}

impl Transaction<Checked> {
    /// See [`Intent::id`].
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.state.id
    }

    /// See [`Transaction::leaf`].
    #[must_use]
    pub const fn leaf(&self) -> Hash {
        self.state.leaf
    }

    /// Length of its encoding, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.state.bytes
    }

    /// The hash of each signer's policy, in the signers' order.
    #[must_use]
    pub fn policies(&self) -> &[Hash] {
        &self.state.policies
    }

    /// The same, as it travels.
    #[must_use]
    pub fn to_unchecked(&self) -> Transaction {
        Transaction::new(self.intent.clone(), self.witnesses.clone())
    }
}
