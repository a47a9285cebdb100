//! Carry a stream of bytes between two nodes, encrypted, and say whose node is at the other end.
//!
//! Out of scope: finding, dialling and limiting peers, and what the bytes mean. Whether two
//! networks share a genesis is asked above, in the first message of the peer protocol.
//!
//! A connection is the handshake `Noise_XX_25519_ChaChaPoly_BLAKE2s` of the Noise protocol
//! (revision 34) with the prologue `isonomy transport 1`, then records in both directions.
//! Every message, of the handshake or after it, is a big-endian `u16` length and that many bytes.
//!
//! ```text
//!   dialled                                  accepted
//!      │ ──── 32 bytes   e ──────────────────▶ │
//!      │ ◀─── 96 bytes   e, ee, s, es ──────── │   the dialler now knows the other's key
//!      │ ──── 64 bytes   s, se ──────────────▶ │   and the acceptor the dialler's
//!      │ ◀─▶  records: 17 to 65 535 bytes ◀──▶ │   1 to 65 519 bytes of the stream, and a tag
//!      │ ──── an empty record: a tag alone ──▶ │   the clean end of one direction
//! ```
//!
//! ```
//! use isonomy_host::{Identity, Side, TransportError, secure};
//! use tokio::net::{TcpListener, TcpStream};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), TransportError> {
//! let (alice, bob) = (Identity::generate()?, Identity::generate()?);
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let dialled = TcpStream::connect(listener.local_addr()?).await?;
//! let (accepted, _) = listener.accept().await?;
//!
//! let (at_alice, at_bob) = tokio::join!(
//!     secure(dialled, &alice, Side::Dialed, Some(bob.public())),
//!     secure(accepted, &bob, Side::Accepted, None),
//! );
//! let (_, mut writer, _) = at_alice?;
//! let (mut reader, _, remote) = at_bob?;
//! assert_eq!(remote, alice.public());
//!
//! writer.write(b"hello").await?;
//! writer.close().await;
//! assert_eq!(reader.read().await?.as_deref(), Some(&b"hello"[..]));
//! assert_eq!(reader.read().await?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//! - What [`Reader::read`] returns is a prefix of what the holder of the reported key wrote on this
//!   connection. The end is reported as clean only if that holder closed; a connection that is cut
//!   is [`TransportError::CutOff`].
//! - Who records the traffic cannot read it later with the static secrets alone.
//! - No bytes from a peer cause a panic, and none are decoded before they are authenticated.
//! - The first record that fails ends the connection: nothing more is read, nothing more is sent.
//!
//! # No guarantees
//! - A reported key is not a friend's key unless the caller expected it. Keys cost nothing.
//! - When [`secure`] returns on the dialling side, the acceptor has not yet judged the last message.
//!   Its first record shows that it accepted.
//! - Sizes and times of records are visible. An acceptor shows its key to whoever dials it.
//! - The secrets that `snow` copies while a handshake runs, and the keys of a connection, are not
//!   wiped from memory. [`Identity`]'s own copy is.
//! - Waiting for a slow peer after the handshake is the caller's to bound.
//!
//! # Limits
//!
//! | limit | it stops |
//! |---|---|
//! | [`HANDSHAKE_MS`] | peers that hold a place and say nothing |
//! | [`HANDSHAKE_BYTES_MAX`] | memory held for peers that are not yet known (attack 59) |
//! | [`RECORD_MAX`] | memory held by a claimed length: one record a connection (attack 6) |
//! | [`CLOSE_MS`] | peers that do not read, keeping a connection from closing |
//! | 2^64 - 1 records a direction | reuse of a cipher nonce |

mod error;
mod handshake;
mod identity;
mod record;
#[cfg(test)]
mod tests;

pub use error::TransportError;
pub use handshake::{HANDSHAKE_BYTES_MAX, HANDSHAKE_MS, Side, secure};
pub(crate) use handshake::{begin, secure_within};
pub use identity::Identity;
pub use record::{CLOSE_MS, RECORD_MAX, Reader, Writer};

/// Bytes of the big-endian `u16` length before every message.
const LENGTH_BYTES: usize = 2;

/// Bytes of the Poly1305 tag after every ciphertext.
const TAG_BYTES: usize = 16;
