//! What is asked and answered, shared by both ends.
//!
//! Hashes are hex, addresses bech32m, amounts strings, times milliseconds since 1970. A reply may
//! gain fields: readers ignore those that they do not know. A question with one is refused.
pub mod code;
mod questions;
mod replies;

pub use questions::{
    AccountQuestion, BlockAt, DialQuestion, EstimateQuestion, KeyQuestion, SubmitQuestion,
    TransactionQuestion,
};
pub use replies::{
    AccountReply, BlockReply, Direction, EstimateReply, EventReply, HeaderReply, LaneReply,
    LinksReply, MempoolReply, PeerReply, ReceiptReply, Status, SubmitReply, SupplyReply,
    TransactionReply, TransactionStatus, TransactionSummary,
};
