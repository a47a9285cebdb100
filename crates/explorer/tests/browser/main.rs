#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::print_stdout,
    clippy::print_stderr
)]
//! The pages in a real browser, in front of real nodes. `.ci/browser` runs all of it; pictures are kept in
//! `target/explorer`.
mod chromium;
mod hostile;
mod live;
mod network;
mod pages;
mod proofs;
mod site;
