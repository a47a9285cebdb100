//! A toy BFT on the same traits as proof of work: what finality, locks, records, evidence and a
//! changing committee ask of the seams, shown with four validators. Not shipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
#[path = "../common/mod.rs"]
mod common;

mod blackout;
mod blocks;
mod crashes;
mod engine;
mod handover;
mod harness;
mod hearing;
mod height;
mod invalid;
mod judge;
mod promises;
mod rotation;
mod rules;
mod speaking;
mod turnover;
mod twins;
mod variants;
mod votes;
mod voting;
mod witness;
mod world;
