use isonomy_client::api::code;
use isonomy_node::SubmitError;
use std::fmt::Display;
use std::net::SocketAddr;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot answer questions on {address}: {source}; stop what listens there, or choose another \
     address with --rpc, port 0 for a free one"
)]
pub struct BindError {
    /// Where it should be.
    pub address: SocketAddr,
    /// What the system says.
    pub source: std::io::Error,
}

/// The node behind a server has stopped, and answers nothing more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the node has stopped; start it again")]
pub struct Stopped;

/// Why one request is not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    /// One of [`code`].
    pub(crate) code: i64,
    /// What was wrong and what to do, for people.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    pub(crate) fn internal(why: impl Display) -> Self {
        Self::new(code::INTERNAL, format_args!("the node failed: {why}; see its log"))
    }

    /// What the node knows is gone or not there yet: a moment of its start.
    pub(crate) fn unready() -> Self {
        Self::new(code::UNREADY, "the node is not ready; ask again in a moment")
    }
}

impl From<Stopped> for Refusal {
    fn from(stopped: Stopped) -> Self {
        Self::new(code::UNREADY, stopped)
    }
}

impl From<SubmitError> for Refusal {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Unready => Self::new(code::UNREADY, error),
            SubmitError::Refused(_) | SubmitError::Pool(_) => Self::new(code::REFUSED, error),
        }
    }
}
