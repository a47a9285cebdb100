//! What is told without being asked again.
mod follow;
mod hub;
mod line;
mod listener;
mod look;

pub(crate) use follow::Follower;
pub(crate) use hub::Interest;
pub(crate) use line::Line;
pub(crate) use listener::Listener;
