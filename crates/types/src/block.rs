use crate::{Address, Authority, Blob, Encode, List, Transaction, Version, Wall};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash, list_root};
use serde::{Deserialize, Serialize};

const SEAL_HASH: Domain = Domain::new("isonomy seal hash 1");
const SEAL: Domain = Domain::new("isonomy seal 1");
const BLOCK_ID: Domain = Domain::new("isonomy block id 1");

/// Bytes of a seal: a nonce or a signature, with room for what other engines need.
pub const SEAL_BYTES_MAX: usize = 256;
/// Transactions of one body: a bound on its tree, and on what one request can cost.
pub const TRANSACTIONS_MAX: usize = 65_536;
/// Bytes of a certificate: a signature of every member of the largest committee, twice.
pub const CERTIFICATE_BYTES_MAX: usize = 32_768;

/// What an engine puts under a header: work, or a signature.
pub type Seal = Blob<SEAL_BYTES_MAX>;
/// Proof that a block is final. Only the chain's rules can read it.
pub type Certificate = Blob<CERTIFICATE_BYTES_MAX>;

/// Commits a block and all before it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Header {
    /// The format of what follows.
    pub version: Version<1>,
    /// Id of the block before. Zeros in genesis.
    pub parent: Hash,
    /// Blocks before this one.
    pub height: u64,
    /// Strictly greater than the parent's. One in the future is waited for, not refused.
    pub time: Wall,
    /// Who is paid. Execution needs it before the seal exists.
    pub producer: Address,
    /// Over the body's leaves, see [`Body::root`].
    pub body_root: Hash,
    /// Over the whole state after this block. Whoever has the header checks a
    /// [`StateProof`](isonomy_crypto::StateProof) against it and needs no state.
    pub state_root: Hash,
    /// Over the receipts of this block.
    pub receipts_root: Hash,
    /// Hash of the [`Authority`] that binds the child.
    pub next_authority: Hash,
    /// Hash of the [`Params`](crate::Params) that bind the child.
    pub next_params: Hash,
    /// The engine's own. Nonce and extra nonce of work live here.
    pub seal: Seal,
}

impl Header {
    /// What is worked on or signed: everything but the seal.
    #[must_use]
    pub fn seal_hash(&self) -> Hash {
        let roots = (&self.body_root, &self.state_root, &self.receipts_root);
        let next = (&self.next_authority, &self.next_params);
        (&self.version, &self.parent, self.height, self.time, self.producer, roots, next)
            .digest(&SEAL_HASH)
    }

    /// Names the block.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.id_of(self.seal_hash())
    }

    /// The same, for who has the seal hash already.
    #[must_use]
    pub fn id_of(&self, seal_hash: Hash) -> Hash {
        BLOCK_ID.join(&[seal_hash, SEAL.hash(&self.seal)])
    }
}

/// What happened, in order.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Body {
    /// The transactions, witnesses included.
    pub transactions: List<Transaction, TRANSACTIONS_MAX>,
}

impl Body {
    /// The root of the tree over [`Transaction::leaf`], the count bound in.
    #[must_use]
    pub fn root(&self) -> Hash {
        list_root(&Transaction::leaves(&self.transactions))
    }
}

/// A header and what it commits.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Block {
    /// Commits the body.
    pub header: Header,
    /// The transactions.
    pub body: Body,
}

/// A header as it travels and is logged, with what stands beside it and not in its id.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Entry {
    /// The header.
    pub header: Header,
    /// Preimage of `next_authority`, present where it differs from the parent's.
    pub authority: Option<Authority>,
    /// Proof that this block is final, if there is one.
    pub certificate: Option<Certificate>,
}
