//! What names a transaction and what commits to it: each hash is made once, and those of many
//! transactions side by side.
use crate::{Encode, Intent, Transaction, Unchecked};
use alloc::vec::Vec;
use isonomy_crypto::{Domain, Hash};

const ID: Domain = Domain::new("isonomy transaction id 2");
const DIGEST: Domain = Domain::new("isonomy transaction digest 1");
const WITNESSES: Domain = Domain::new("isonomy witnesses 2");
const LEAF: Domain = Domain::new("isonomy body leaf 1");

/// Its hashes are made. Whether it is valid is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hashed {
    pub(crate) id: Hash,
    pub(crate) leaf: Hash,
    pub(crate) bytes: usize,
    pub(crate) policies: Vec<Hash>,
}

/// The stateless checks passed. Made by checking alone, so its hashes can be believed; no bytes claim
/// it:
///
/// ```compile_fail
/// use isonomy_types::{Checked, Decode, Transaction};
///
/// let claimed = Transaction::<Checked>::decode_exact(&[]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked(pub(crate) Hashed);

impl Intent {
    /// Names the transaction: the hash of its encoding, which is padded with zeros to whole blocks of
    /// 64 bytes, so that many are hashed side by side. Signatures are not part of it, so none can
    /// change it.
    #[must_use]
    pub fn id(&self) -> Hash {
        ID.hash_padded(self.encode())
    }

    /// What every witness signs: the id, for one chain only.
    #[must_use]
    pub fn signing_digest(&self, genesis: &Hash) -> Hash {
        DIGEST.join(&[*genesis, self.id()])
    }
}

impl Transaction<Unchecked> {
    /// Its place in a body: binds the witnesses too, which the id does not.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        LEAF.join(&[self.intent.id(), WITNESSES.hash_padded(self.witnesses.encode())])
    }

    /// Makes its hashes.
    #[must_use]
    pub fn hash(self) -> Transaction<Hashed> {
        let (intent, witnesses) = (self.intent.encode(), self.witnesses.encode());
        let bytes = intent.len().saturating_add(witnesses.len());
        let id = ID.hash_padded(intent);
        let leaf = LEAF.join(&[id, WITNESSES.hash_padded(witnesses)]);
        self.with(Names { id, leaf, bytes })
    }

    /// Makes the hashes of each, at a fraction of what they cost one by one.
    ///
    /// ```
    /// # fn receive(bytes: &[u8]) -> Result<(), isonomy_types::DecodeError> {
    /// use isonomy_types::{Decode, Transaction};
    ///
    /// let received = vec![Transaction::decode_exact(bytes)?, Transaction::decode_exact(bytes)?];
    /// for transaction in Transaction::hash_all(received) {
    ///     assert_eq!(transaction.id(), transaction.intent().id());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn hash_all(transactions: Vec<Self>) -> Vec<Transaction<Hashed>> {
        let names = Self::names(&transactions);
        transactions.into_iter().zip(names).map(|(one, names)| one.with(names)).collect()
    }

    /// The leaf of each.
    pub(crate) fn leaves(transactions: &[Self]) -> Vec<Hash> {
        Self::names(transactions).map(|names| names.leaf).collect()
    }

    fn names(transactions: &[Self]) -> impl Iterator<Item = Names> + use<> {
        let ids = all_padded(&ID, transactions.iter().map(|one| &one.intent));
        let witnesses = all_padded(&WITNESSES, transactions.iter().map(|one| &one.witnesses));
        let nodes = ids.iter().zip(&witnesses).map(|((id, _), (hash, _))| [*id, *hash]);
        let mut leaves = Vec::with_capacity(ids.len());
        LEAF.join_all(nodes, |leaf| leaves.push(leaf));
        ids.into_iter().zip(witnesses).zip(leaves).map(|(((id, intent), (_, witnesses)), leaf)| {
            Names { id, leaf, bytes: intent.saturating_add(witnesses) }
        })
    }

    /// Believes it. For blocks out of one's own log, which were checked before they were written.
    #[must_use]
    pub fn trust_own_log(self) -> Transaction<Checked> {
        self.hash().believed()
    }

    fn with(self, Names { id, leaf, bytes }: Names) -> Transaction<Hashed> {
        let policies = self.witnesses.iter().map(|witness| witness.policy.hash()).collect();
        let state = Hashed { id, leaf, bytes, policies };
        Transaction { intent: self.intent, witnesses: self.witnesses, state }
    }
}

/// What is made of many transactions side by side. A policy's hash is not: it is short, and an account's
/// address.
struct Names {
    id: Hash,
    leaf: Hash,
    bytes: usize,
}

impl Transaction<Hashed> {
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

    /// See [`Intent::signing_digest`].
    pub(crate) fn signing_digest(&self, genesis: &Hash) -> Hash {
        DIGEST.join(&[*genesis, self.state.id])
    }

    /// The same of each.
    pub(crate) fn signing_digests(transactions: &[Self], genesis: &Hash) -> Vec<Hash> {
        let mut digests = Vec::with_capacity(transactions.len());
        let nodes = transactions.iter().map(|transaction| [*genesis, transaction.state.id]);
        DIGEST.join_all(nodes, |digest| digests.push(digest));
        digests
    }

    pub(crate) fn believed(self) -> Transaction<Checked> {
        Transaction { intent: self.intent, witnesses: self.witnesses, state: Checked(self.state) }
    }
}

impl Transaction<Checked> {
    /// See [`Intent::id`].
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.state.0.id
    }

    /// See [`Transaction::leaf`].
    #[must_use]
    pub const fn leaf(&self) -> Hash {
        self.state.0.leaf
    }

    /// Length of its encoding, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.state.0.bytes
    }

    /// The hash of each signer's policy, in the signers' order.
    #[must_use]
    pub fn policies(&self) -> &[Hash] {
        &self.state.0.policies
    }
}

/// Of each, the hash of its encoding, padded, and the encoding's length in bytes.
fn all_padded<'a, T: Encode + 'a>(
    domain: &Domain,
    values: impl ExactSizeIterator<Item = &'a T>,
) -> Vec<(Hash, usize)> {
    let count = values.len();
    let (mut hashes, mut lens) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let encode = |value: &&T, to: &mut Vec<u8>| {
        let start = to.len();
        // Writing to memory cannot fail.
        drop(value.encode_to(to));
        lens.push(to.len().saturating_sub(start));
    };
    domain.hash_all_padded(values, encode, |hash| hashes.push(hash));
    hashes.into_iter().zip(lens).collect()
}
