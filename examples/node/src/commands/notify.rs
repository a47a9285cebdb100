//! Tells the service manager how the node is (sd_notify(3)): a datagram to the socket that it names.
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The node answers.
pub(crate) const READY: &str = "READY=1";
/// The node ends.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Nobody has to listen, and nothing depends on it.
pub(crate) fn notify(state: &str) {
    let Ok(name) = std::env::var("NOTIFY_SOCKET") else { return };
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(name),
    };
    let sent =
        UnixDatagram::unbound().and_then(|socket| socket.send_to_addr(state.as_bytes(), &address?));
    if let Err(error) = sent {
        tracing::debug!(%error, "the service manager hears nothing");
    }
}
