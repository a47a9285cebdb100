//! One file a command.
mod confirm;
mod devnet;
mod genesis;
mod keys;
mod progress;
mod rewind;
mod run;
mod send;
mod status;

pub(crate) use devnet::devnet;
pub(crate) use genesis::genesis;
pub(crate) use keys::keys;
pub(crate) use rewind::rewind;
pub(crate) use run::run;
pub(crate) use send::send;
pub(crate) use status::status;
