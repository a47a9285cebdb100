//! What is asked and answered, shared by both ends.
//!
//! Hashes are hex, addresses bech32m, amounts strings, times milliseconds since 1970. An asset is its
//! id, and the chain's coin is null. A reply may gain fields: readers ignore those that they do not
//! know. A question with one is refused.
//!
//! Questions about the state take an optional `height`: that of a block of the best branch, not below
//! what the node keeps in memory; without it the best block is meant. Each reply says which [`At`].
mod assets;
pub mod code;
mod index;
mod notices;
mod questions;
mod replies;
mod role;
mod shape;
mod state;

pub use assets::{
    AssetReply, CollectionReply, Deadline, Holding, HoldingsQuestion, HoldingsReply, IdQuestion,
    ItemId, ItemQuestion, ItemReply, ItemsQuestion, ItemsReply, Lock, LockReply, LocksQuestion,
    LocksReply, Rights,
};
pub use index::{
    EventEntry, EventsQuestion, EventsReply, HistoryEntry, HistoryQuestion, HistoryReply, Holder,
    HoldersQuestion, HoldersReply, IndexStatus,
};
pub use notices::{
    BlockNotice, CLOSE_MISSED, CLOSE_SLOW, EventNotice, HeadNotice, MempoolNotice, NOTICE_IDS_MAX,
    Notice, ReorganisationNotice, SUBSCRIPTIONS_MAX, SubscribeQuestion, SubscribeReply, Told,
    Topic, UnsubscribeQuestion,
};
pub use questions::{
    BlockAt, DialQuestion, EstimateQuestion, KeyQuestion, SubmitQuestion, TransactionQuestion,
};
pub use replies::{
    BlockReply, Direction, EstimateReply, EventReply, HeaderReply, LinksReply, MempoolReply,
    PeerReply, ReceiptReply, Status, SubmitReply, TransactionReply, TransactionStatus,
    TransactionSummary,
};
pub use role::Role;
pub use shape::{
    BranchBlock, BranchesQuestion, DecodeQuestion, DecodeReply, FindQuestion, Found, FoundKind,
    SeriesEntry, SeriesQuestion, TipReply,
};
pub use state::{
    AccountQuestion, AccountReply, At, BalanceQuestion, BalanceReply, LaneReply, PROOF_BYTES_MAX,
    PROVE_KEYS_MAX, ProveQuestion, ProveReply, SupplyQuestion, SupplyReply,
};
