//! From a TCP connection to two halves that share keys with a known peer.

use core::time::Duration;

use snow::error::StateProblem;
use snow::{Builder, HandshakeState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::identity::is_weak;
use super::{Identity, LENGTH_BYTES, Reader, TransportError, Writer, record};

/// The protocol's name, which Noise hashes into every handshake.
pub(super) const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";

/// What both sides must agree on before a byte is sent. A change of format is a change of this.
pub(super) const PROLOGUE: &[u8] = b"isonomy transport 1";

/// Milliseconds in which the whole handshake must end: time for three messages and several
/// retransmissions on a bad line. It stops peers that connect and say nothing, or one byte at a
/// time, from holding a place.
pub const HANDSHAKE_MS: u64 = 10_000;

/// Bytes of the handshake's messages, in order. Payloads are empty, so each has one length.
const MESSAGE_BYTES: [usize; 3] = [32, 96, 64];

/// Most bytes of one handshake message, and all that is held of a peer's bytes before its key is
/// known. It stops memory from being filled by strangers (attack 59, CVE-2015-3641).
pub const HANDSHAKE_BYTES_MAX: usize = 96;

/// Which end of a connection this node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This node dialled, and speaks first.
    Dialed,
    /// This node accepted, and speaks second.
    Accepted,
}

/// Runs the handshake on a connected stream, within [`HANDSHAKE_MS`], and gives the connection's two
/// halves and the peer's public key. The halves may go to two tasks.
///
/// With an `expected` key any other is refused, and a dialler refuses it before it shows its own.
/// Without one, the caller decides what to make of the key. It may be this node's own.
///
/// Dropping the future closes the stream.
///
/// # Errors
/// Any of [`TransportError`] up to [`WeakKey`](TransportError::WeakKey), or
/// [`Noise`](TransportError::Noise). The stream is closed then.
///
/// # Panics
/// Outside a tokio runtime with its I/O and time drivers enabled.
pub async fn secure(
    stream: TcpStream,
    identity: &Identity,
    side: Side,
    expected: Option<[u8; 32]>,
) -> Result<(Reader, Writer, [u8; 32]), TransportError> {
    secure_within(stream, begin(identity, side)?, expected, HANDSHAKE_MS).await
}

/// One side of a handshake, before its first message.
pub(crate) fn begin(identity: &Identity, side: Side) -> Result<HandshakeState, TransportError> {
    let secret = identity.secret();
    let noise =
        Builder::new(PROTOCOL.parse()?).prologue(PROLOGUE)?.local_private_key(secret.as_slice())?;
    match side {
        Side::Dialed => Ok(noise.build_initiator()?),
        Side::Accepted => Ok(noise.build_responder()?),
    }
}

/// [`secure`] with a handshake that is set up and a time limit of its own.
pub(crate) async fn secure_within(
    mut stream: TcpStream,
    mut noise: HandshakeState,
    expected: Option<[u8; 32]>,
    limit_ms: u64,
) -> Result<(Reader, Writer, [u8; 32]), TransportError> {
    stream.set_nodelay(true)?;
    let remote = timeout(Duration::from_millis(limit_ms), shake(&mut stream, &mut noise, expected))
        .await
        .map_err(|_| TransportError::HandshakeTimeout { limit_ms })??;
    let (reader, writer) = record::split(stream, noise.into_stateless_transport_mode()?);
    Ok((reader, writer, remote))
}

async fn shake(
    stream: &mut TcpStream,
    noise: &mut HandshakeState,
    expected: Option<[u8; 32]>,
) -> Result<[u8; 32], TransportError> {
    let mut remote = None;
    for (message, wanted) in MESSAGE_BYTES.into_iter().enumerate() {
        if noise.is_my_turn() {
            send(stream, noise).await?;
            continue;
        }
        receive(stream, noise, message, wanted).await?;
        if let Some(key) = noise.get_remote_static() {
            remote = Some(check_key(key, expected)?);
        }
    }
    remote.ok_or_else(no_key)
}

async fn send(stream: &mut TcpStream, noise: &mut HandshakeState) -> Result<(), TransportError> {
    let mut frame = [0; LENGTH_BYTES + HANDSHAKE_BYTES_MAX];
    let (length, message) = frame.split_at_mut(LENGTH_BYTES);
    let bytes = noise.write_message(&[], message)?;
    length.copy_from_slice(&record::length_prefix(bytes));
    stream.write_all(&frame[..LENGTH_BYTES + bytes]).await?;
    Ok(())
}

async fn receive(
    stream: &mut TcpStream,
    noise: &mut HandshakeState,
    message: usize,
    wanted: usize,
) -> Result<(), TransportError> {
    let mut length = [0; LENGTH_BYTES];
    fill(stream, &mut length).await?;
    let got = usize::from(u16::from_be_bytes(length));
    if got != wanted {
        return Err(TransportError::HandshakeLength { message, got, wanted });
    }
    let mut buffer = [0; HANDSHAKE_BYTES_MAX];
    let bytes = &mut buffer[..wanted];
    fill(stream, bytes).await?;
    noise.read_message(bytes, &mut []).map_err(|_| TransportError::HandshakeForged { message })?;
    Ok(())
}

async fn fill(stream: &mut TcpStream, bytes: &mut [u8]) -> Result<(), TransportError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let got = stream.read(rest).await?;
        if got == 0 {
            return Err(TransportError::CutOff);
        }
        rest = &mut rest[got..];
    }
    Ok(())
}

fn check_key(key: &[u8], expected: Option<[u8; 32]>) -> Result<[u8; 32], TransportError> {
    let got = <[u8; 32]>::try_from(key).map_err(|_| no_key())?;
    match expected {
        Some(wanted) if wanted != got => Err(TransportError::WrongKey { got, wanted }),
        _ if is_weak(&got)? => Err(TransportError::WeakKey { got }),
        _ => Ok(got),
    }
}

fn no_key() -> TransportError {
    TransportError::Noise(StateProblem::MissingKeyMaterial.into())
}
