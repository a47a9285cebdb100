//! What a node tells without being asked again: subscriptions, over a WebSocket at `/ws`.
//!
//! A notice is a JSON-RPC notification whose method is `notice`, with a [`Told`] as its parameters.
use super::EventReply;
use isonomy_crypto::Hash;
use isonomy_types::{Blob, EVENT_KEY_BYTES_MAX, ModuleId, Wall};
use serde::{Deserialize, Serialize};

/// Subscriptions of one connection. Stops one client from making the node sort what happens by
/// filters without end (attack 79).
pub const SUBSCRIPTIONS_MAX: usize = 32;
/// Ids of one list in a notice: more than the node lets a reorganisation replace, and seconds' worth
/// of transactions. Stops one moment from filling a subscriber's memory.
pub const NOTICE_IDS_MAX: usize = 1_024;
/// The connection is closed with this code when its subscriber does not keep up.
pub const CLOSE_SLOW: u16 = 4_008;
/// The connection is closed with this code when the node itself missed something.
pub const CLOSE_MISSED: u16 = 4_009;

/// For `subscribe`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscribeQuestion {
    /// What about.
    pub topic: Topic,
    /// For events alone: of this module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleId>,
    /// For events alone: those that have this among their keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Blob<EVENT_KEY_BYTES_MAX>>,
}

impl From<Topic> for SubscribeQuestion {
    fn from(topic: Topic) -> Self {
        Self { topic, module: None, key: None }
    }
}

/// What a subscription is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The best block, each time that it moved: a [`HeadNotice`].
    Heads,
    /// Each time that best left blocks: a [`ReorganisationNotice`].
    Reorganisations,
    /// Every block that was executed, on the best branch or off it: a [`BlockNotice`].
    Blocks,
    /// What waits: a [`MempoolNotice`], five a second at the most.
    Mempool,
    /// What modules said in the blocks that joined the best branch: an [`EventNotice`].
    Events,
}

/// The subscription stands, to `subscribe`: what happens from now on is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubscribeReply {
    /// Its number on this connection, with which its notices come.
    pub subscription: u64,
}

/// For `unsubscribe`, which answers whether there was such a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnsubscribeQuestion {
    /// Which.
    pub subscription: u64,
}

/// What a subscription tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Which one.
    pub subscription: u64,
    /// What happened.
    #[serde(flatten)]
    pub notice: Notice,
}

/// What happened, by topic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "topic", content = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Best moved.
    Heads(HeadNotice),
    /// Best left blocks.
    Reorganisations(ReorganisationNotice),
    /// A block was executed.
    Blocks(BlockNotice),
    /// The mempool changed.
    Mempool(MempoolNotice),
    /// A module said something, or what it said no longer counts.
    Events(EventNotice),
}

/// The new best block. Those between it and the one told before may be skipped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeadNotice {
    /// Its id.
    pub id: Hash,
    /// Its height.
    pub height: u64,
    /// The block under it.
    pub parent: Hash,
    /// The time in its header.
    pub time: Wall,
    /// How many transactions it has.
    pub transactions: u64,
    /// How many blocks best left on the way: 0 but for a reorganisation.
    pub left: u64,
    /// The root of the whole state after it.
    pub state_root: Hash,
}

/// Best moved to another branch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReorganisationNotice {
    /// The best block before.
    pub from: Hash,
    /// The best block now.
    pub to: Hash,
    /// The last block that both branches have.
    pub ancestor: Hash,
    /// Its height.
    pub ancestor_height: u64,
    /// The blocks above it that are no longer on the best branch, the lowest first. At most
    /// [`NOTICE_IDS_MAX`].
    pub left: Vec<Hash>,
    /// Those that now are, the lowest first. At most [`NOTICE_IDS_MAX`].
    pub joined: Vec<Hash>,
}

/// A block that was executed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlockNotice {
    /// Its id.
    pub id: Hash,
    /// Its height.
    pub height: u64,
    /// The block under it.
    pub parent: Hash,
    /// The time in its header.
    pub time: Wall,
    /// How many transactions it has.
    pub transactions: u64,
    /// Whether it is on the best branch.
    pub best: bool,
}

/// What changed among the transactions that wait.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MempoolNotice {
    /// Those that came. At most [`NOTICE_IDS_MAX`]: further ones come with the next notice.
    pub joined: Vec<Hash>,
    /// Those that went, into a block or for good. At most [`NOTICE_IDS_MAX`], likewise.
    pub left: Vec<Hash>,
    /// How many wait.
    pub transactions: u64,
    /// The sum of their encodings' lengths, in bytes.
    pub bytes: u64,
    /// The least price of a meter unit that is accepted now.
    pub least_price: u64,
}

/// Something about the events of one block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventNotice {
    /// The block joined the best branch with this event.
    Joined {
        /// The block's id.
        block: Hash,
        /// The block's height.
        height: u64,
        /// The id of the transaction that caused it.
        transaction: Hash,
        /// Its place among the transaction's events, from 0.
        index: u32,
        /// The event.
        event: EventReply,
    },
    /// The block left the best branch, and what was told of it no longer counts.
    Left {
        /// The block's id.
        left: Hash,
        /// The block's height.
        height: u64,
    },
}
