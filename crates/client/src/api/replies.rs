use super::IndexStatus;
use isonomy_crypto::Hash;
use isonomy_types::{
    Address, Amount, Blob, EVENT_KEY_BYTES_MAX, Header, ModuleId, NodeKey, PAYLOAD_BYTES_MAX,
    Transaction, Wall,
};
use serde::{Deserialize, Serialize};

/// How a node is, to `status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The software's version.
    pub version: String,
    /// The version of the peer protocol.
    pub protocol: u16,
    /// The chain's name, for people.
    pub name: String,
    /// The chain's id: its first block's.
    pub genesis: Hash,
    /// Height of the best block.
    pub height: u64,
    /// Id of the best block.
    pub tip: Hash,
    /// The root of the whole state after the best block.
    pub state_root: Hash,
    /// Time in the best block's header.
    pub time: Wall,
    /// Height of the newest block whose state is on disk; what stands above is replayed by a restart.
    pub base: u64,
    /// The greatest height of the headers that were checked: their blocks may still be missing.
    pub headers: u64,
    /// The height that the node works towards: of its headers, or what half of its peers claim if that
    /// is more. A claim, not a fact.
    pub target: u64,
    /// Blocks whose bodies are here and wait to be executed.
    pub waiting: u64,
    /// Whether the node is further behind than the usual delay of news.
    pub catching_up: bool,
    /// Peers whose hands are shaken.
    pub peers: u64,
    /// Transactions that wait.
    pub mempool: u64,
    /// Whether this node makes blocks.
    pub mining: bool,
    /// How often its best block moved to another branch since it was started.
    pub reorgs: u64,
    /// Where its index stands. `None`: it keeps none.
    #[serde(default)]
    pub index: Option<IndexStatus>,
    /// Where coins of a chain for tests are given away, as a URL.
    #[serde(default)]
    pub faucet: Option<String>,
}

/// One header, to `header`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeaderReply {
    /// The block's id.
    pub id: Hash,
    /// The header.
    pub header: Header,
    /// Blocks of the best branch from this one up, itself included. `None` off that branch.
    pub confirmations: Option<u64>,
    /// Whether it is on the best branch. Then, and only then, are there confirmations.
    pub best: bool,
}

/// One block, to `block`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlockReply {
    /// The block's id.
    pub id: Hash,
    /// The header.
    pub header: Header,
    /// Blocks of the best branch from this one up, itself included. `None` off that branch.
    pub confirmations: Option<u64>,
    /// Its transactions, in order.
    pub transactions: Vec<TransactionSummary>,
    /// Length of the encoded body, in bytes.
    pub size: u64,
}

/// A transaction of a block in a few words; ask for the whole by its id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TransactionSummary {
    /// Its id.
    pub id: Hash,
    /// The first signer, who pays the fee.
    pub payer: Address,
    /// How many actions it has.
    pub actions: u64,
    /// Length of its encoding, in bytes.
    pub size: u64,
}

/// One transaction, to `transaction`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TransactionReply {
    /// Its id.
    pub id: Hash,
    /// How far it is.
    pub status: TransactionStatus,
    /// The transaction.
    pub transaction: Transaction,
    /// What it came to, once it is in a block.
    pub receipt: Option<ReceiptReply>,
    /// Its actions in plain words, made by the node. What is signed is judged by its bytes instead.
    #[serde(default)]
    pub words: Vec<String>,
}

/// How far a transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionStatus {
    /// In the mempool.
    Waiting,
    /// In a block of the best branch.
    Confirmed {
        /// The block's id.
        block: Hash,
        /// The block's height.
        height: u64,
        /// The transaction's place in the block, from 0.
        index: u32,
        /// Blocks of the best branch from that one up, itself included.
        confirmations: u64,
    },
}

/// What a transaction came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiptReply {
    /// Zero if the actions took effect. Else a fault's code: nothing but nonces and fee was spent.
    pub code: u16,
    /// Meter units used.
    pub meter: u64,
    /// What the payer was charged.
    pub fee: Amount,
    /// What modules said, in order.
    pub events: Vec<EventReply>,
}

/// What a module says happened, in bytes that only it can read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventReply {
    /// Who says it.
    pub module: ModuleId,
    /// Whom and what it concerns: what indexes file it under.
    pub keys: Vec<Blob<EVENT_KEY_BYTES_MAX>>,
    /// What.
    pub payload: Blob<PAYLOAD_BYTES_MAX>,
}

/// One connection. The answer to `peers` is a list of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerReply {
    /// The key that the peer proved to hold, in hex.
    pub key: String,
    /// Who dialled.
    pub direction: Direction,
    /// Where it can be dialled, if it says so.
    pub address: Option<String>,
    /// What it calls itself, unprintable characters replaced.
    pub agent: String,
    /// The greatest height it has claimed or shown.
    pub height: u64,
    /// Whether hands are shaken.
    pub ready: bool,
    /// Bytes received from it.
    pub bytes_in: u64,
    /// Bytes sent to it.
    pub bytes_out: u64,
    /// How often it gave something new and sound.
    pub useful: u64,
}

/// Who opened a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The peer.
    Inbound,
    /// This node.
    Outbound,
}

/// What waits, to `mempool`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MempoolReply {
    /// How many transactions.
    pub transactions: u64,
    /// The sum of their encodings' lengths, in bytes.
    pub bytes: u64,
    /// The least price of a meter unit that is accepted now. It rises when room runs out, and falls
    /// with time.
    pub least_price: u64,
    /// The ids of some of them: all, unless there are too many for one answer.
    pub ids: Vec<Hash>,
}

/// What to pay for a place in a block soon, to `estimate`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EstimateReply {
    /// The price of a meter unit, in coins, that should do: what waits now is outbid as far as it must be, what
    /// others will still send is not known.
    pub price: u64,
    /// The next block's base price, in coins a meter unit: no transaction in it pays less.
    pub base_price: u64,
}

/// The transaction waits in the mempool, to `submit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubmitReply {
    /// Its id.
    pub id: Hash,
}

/// Who the node is and whom it refuses, to `links`, `cut`, `heal` and `dial`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinksReply {
    /// The node's own key.
    pub key: NodeKey,
    /// The peers that are cut off, ascending.
    pub cut: Vec<NodeKey>,
}
