//! One file a command.
mod check;
mod confirm;
mod devnet;
mod exchange;
mod gather;
mod genesis;
mod keys;
mod progress;
mod rewind;
mod run;
mod send;
mod status;
mod submit;

pub(crate) use check::check;
pub(crate) use devnet::devnet;
pub(crate) use exchange::exchange;
pub(crate) use genesis::genesis;
pub(crate) use keys::keys;
pub(crate) use rewind::rewind;
pub(crate) use run::run;
pub(crate) use send::send;
pub(crate) use status::status;
