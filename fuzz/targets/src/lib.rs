//! Try to break the project with any bytes.
//!
//! Out of scope: finding the bytes. `cargo fuzz` does that with the programs beside this crate; the
//! tests here run every target on a fixed set of cases, on a stable compiler.
//!
//! ```text
//!   samples (good values) ──┬── cases: cut, flip, splice, repeat ── tests ──┐
//!                           └── corpus ── libFuzzer, fuzz_targets/NAME.rs ──┴── target(&[u8])
//! ```
//!
//! | target | the bytes are | what must hold |
//! |---|---|---|
//! | [`transaction`], [`block`], [`header`] | an encoded value | one encoding, JSON says the same, judging it twice agrees |
//! | [`proof`](fn@proof) | a proof of a state | one encoding; none but the honest proof answers a question |
//! | [`page`](fn@page) | a page of a state's tree | one page for a fork; a damaged one is refused or harmless |
//! | [`frame`], [`hello`] | a peer's stream, and where it is cut | cuts change nothing; memory and outputs are bounded by what came |
//! | [`handshake`] | what someone on the line does to one frame | no word but an honest peer's is heard, nobody hangs |
//! | [`text`] | what a person types | one value, one spelling |
//! | [`genesis`](fn@genesis) | a genesis file | written and read again it is the same, and makes one chain |
//! | [`machine`](fn@machine) | a list of events | outputs, jobs and bytes held are bounded, credit is kept, deadlines move |
//! | [`rpc`](fn@rpc) | the body of a request | what comes back is JSON-RPC 2.0 |
//! | [`schnorr`](fn@schnorr) | how to make a batch of signatures | every back end blames just what single verification blames |
//!
//! A target is a function that panics if a promise is broken:
//!
//! ```
//! for case in isonomy_fuzz::cases(&[b"192.0.2.1:4000".to_vec()], 100, 1) {
//!     isonomy_fuzz::text(&case);
//! }
//! ```
//!
//! # Guarantees
//! - A target's verdict on the same bytes is the same every time, but for [`handshake`], which uses
//!   real sockets.
//! - No target writes to disk, and none needs a network but loopback.
//!
//! Not guaranteed: that what the stable run does not find is not there. It looks at thousands of
//! cases, a fuzzer at millions.
//!
//! # Limits
//! [`CASE_BYTES_MAX`] bounds a mutant, as libFuzzer's default does, so that both see the same.
//!
//! # Features
//! None. Needs the standard library.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a target says by a panic that a promise is broken"
)]
mod bytes;
mod cases;
mod chain;
mod genesis;
mod handshake;
mod machine;
mod page;
mod peers;
mod proof;
mod rpc;
mod table;
mod text;

pub use bytes::{block, header, transaction};
pub use cases::{CASE_BYTES_MAX, cases};
pub use genesis::{endowed, genesis};
pub use handshake::handshake;
pub use machine::machine;
pub use page::page;
pub use peers::{frame, hello};
pub use proof::proof;
pub use rpc::rpc;
pub use schnorr_batch_fuzz::batch as schnorr;
pub use table::{TARGETS, Target};
pub use text::text;
