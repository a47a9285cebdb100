//! A node and the world around it, moved by hand: inputs go in, outputs are carried out when the
//! test says so, in the order it likes, or never.
#![allow(dead_code, unreachable_pub, unused_imports)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
pub mod chaos;
pub mod coin;
pub mod forge;
pub mod medium;
pub mod net;
pub mod script;
pub mod setup;
pub mod talk;
pub mod words;
pub mod world;

pub use coin::*;
pub use forge::*;
pub use medium::Medium;
pub use script::Script;
pub use setup::Setup;
pub use talk::{ANSWER_ENTRIES, answer, hello, place};
pub use words::{Kind, kind};
pub use world::{START_MS, World};
