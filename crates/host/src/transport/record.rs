//! The stream after the handshake: authenticated records in both directions.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;

use snow::StatelessTransportState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::{LENGTH_BYTES, TAG_BYTES, TransportError};

/// Most bytes of the stream in one record: a Noise message has at most 65 535 bytes with its tag
/// (Noise, section 3). A claimed length makes the reader hold no more than this, and for one record
/// (attack 6).
pub const RECORD_MAX: usize = 65_535 - TAG_BYTES;

/// Milliseconds that [`Writer::close`] waits for room to say that the stream ends. It stops a peer
/// that does not read from keeping a connection open.
pub const CLOSE_MS: u64 = 1_000;

/// The last nonce of a direction. Noise reserves 2^64 - 1 (section 5.1).
pub(super) const NONCE_MAX: u64 = u64::MAX - 1;

/// The keys of one connection, which its two halves share.
#[derive(Debug)]
pub(super) struct Session {
    noise: StatelessTransportState,
    failed: AtomicBool,
}

/// The receiving half of a connection.
///
/// Holds two bytes while idle, and at most one record while one arrives.
#[derive(Debug)]
pub struct Reader {
    half: OwnedReadHalf,
    session: Arc<Session>,
    pub(super) nonce: u64,
    frame: Vec<u8>,
    ended: bool,
}

/// The sending half of a connection. Dropping it ends the stream uncleanly; [`Writer::close`] ends
/// it cleanly.
#[derive(Debug)]
pub struct Writer {
    pub(super) half: OwnedWriteHalf,
    pub(super) session: Arc<Session>,
    pub(super) nonce: u64,
    torn: bool,
}

/// Splits a connection whose handshake is done.
pub(super) fn split(stream: TcpStream, noise: StatelessTransportState) -> (Reader, Writer) {
    let session = Arc::new(Session { noise, failed: AtomicBool::new(false) });
    let (read, write) = stream.into_split();
    let reader =
        Reader { half: read, session: session.clone(), nonce: 0, frame: Vec::new(), ended: false };
    (reader, Writer { half: write, session, nonce: 0, torn: false })
}

/// The two bytes before a message. `bytes` is a Noise message's length, at most 65 535.
pub(super) fn length_prefix(bytes: usize) -> [u8; LENGTH_BYTES] {
    let [.., high, low] = bytes.to_be_bytes();
    [high, low]
}

impl Session {
    /// Writes into `frame` a record of `bytes`, with its length before it.
    pub(super) fn seal(
        &self,
        nonce: u64,
        bytes: &[u8],
        frame: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        check_nonce(nonce)?;
        frame.resize(LENGTH_BYTES + bytes.len() + TAG_BYTES, 0);
        let (length, sealed) = frame.split_at_mut(LENGTH_BYTES);
        let written = self.noise.write_message(nonce, bytes, sealed)?;
        length.copy_from_slice(&length_prefix(written));
        Ok(())
    }

    /// The bytes of a record that authenticates under `nonce`.
    pub(super) fn open(&self, nonce: u64, sealed: &[u8]) -> Result<Vec<u8>, TransportError> {
        check_nonce(nonce)?;
        let mut bytes = vec![0; sealed.len().saturating_sub(TAG_BYTES)];
        self.noise
            .read_message(nonce, sealed, &mut bytes)
            .map_err(|_| TransportError::RecordForged { record: nonce })?;
        Ok(bytes)
    }

    fn check(&self) -> Result<(), TransportError> {
        if self.failed.load(Ordering::Relaxed) { Err(TransportError::Failed) } else { Ok(()) }
    }
}

fn check_nonce(nonce: u64) -> Result<(), TransportError> {
    if nonce > NONCE_MAX { Err(TransportError::Exhausted { limit: u64::MAX }) } else { Ok(()) }
}

impl Reader {
    /// The next 1 to [`RECORD_MAX`] bytes of the stream, or `None` once the peer has closed it.
    ///
    /// The pieces are not the peer's writes: it may have split them. Cancel-safe: bytes received
    /// before a cancellation are kept for the next call.
    ///
    /// # Errors
    /// [`Io`](TransportError::Io), [`CutOff`](TransportError::CutOff),
    /// [`RecordShort`](TransportError::RecordShort), [`RecordForged`](TransportError::RecordForged)
    /// or [`Exhausted`](TransportError::Exhausted) once, and from then on
    /// [`Failed`](TransportError::Failed), of the [`Writer`] too. The socket closes when both halves
    /// are dropped.
    pub async fn read(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if self.ended {
            return Ok(None);
        }
        self.session.check()?;
        let bytes = self.next_record().await.inspect_err(|_| {
            self.session.failed.store(true, Ordering::Relaxed);
        })?;
        self.ended = bytes.is_empty();
        Ok(if self.ended { None } else { Some(bytes) })
    }

    async fn next_record(&mut self) -> Result<Vec<u8>, TransportError> {
        self.fill(LENGTH_BYTES).await?;
        let got = usize::from(u16::from_be_bytes([self.frame[0], self.frame[1]]));
        if got < TAG_BYTES {
            return Err(TransportError::RecordShort { got, min: TAG_BYTES });
        }
        self.fill(LENGTH_BYTES + got).await?;
        let bytes = self.session.open(self.nonce, &self.frame[LENGTH_BYTES..])?;
        self.nonce = self.nonce.saturating_add(1);
        self.frame = Vec::new();
        Ok(bytes)
    }

    /// Receives until `frame` holds `wanted` bytes, and not one more.
    async fn fill(&mut self, wanted: usize) -> Result<(), TransportError> {
        while self.frame.len() < wanted {
            let missing = wanted - self.frame.len();
            self.frame.reserve_exact(missing);
            let got = (&mut self.half).take(missing as u64).read_buf(&mut self.frame).await?;
            if got == 0 {
                return Err(TransportError::CutOff);
            }
        }
        Ok(())
    }
}

impl Writer {
    /// Encrypts and sends `bytes`, in as many records as they need; none for no bytes.
    ///
    /// It returns when the operating system has taken the bytes, and waits as long as the peer does
    /// not read. Not cancel-safe: dropped midway it may leave half a record behind, so every later
    /// call fails.
    ///
    /// # Errors
    /// [`Io`](TransportError::Io) or [`Exhausted`](TransportError::Exhausted) once, and from then on
    /// [`Failed`](TransportError::Failed); that as well once the [`Reader`] has failed.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        if self.torn {
            return Err(TransportError::Failed);
        }
        self.torn = true;
        let mut frame = Vec::new();
        for piece in bytes.chunks(RECORD_MAX) {
            self.write_record(piece, &mut frame).await?;
        }
        self.torn = false;
        Ok(())
    }

    /// Tells the peer that the stream ends here, and closes this direction.
    ///
    /// It waits at most [`CLOSE_MS`] and reports no failure: the direction is closed either way, and
    /// the peer knows by the missing end. Dropping the [`Reader`] while bytes are unread resets the
    /// connection, which may overtake the last bytes sent.
    pub async fn close(mut self) {
        if !self.torn {
            let mut frame = Vec::new();
            let end = self.write_record(&[], &mut frame);
            let _ = timeout(Duration::from_millis(CLOSE_MS), end).await;
        }
    }

    async fn write_record(
        &mut self,
        bytes: &[u8],
        frame: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        self.session.check()?;
        self.session.seal(self.nonce, bytes, frame)?;
        self.nonce = self.nonce.saturating_add(1);
        self.half.write_all(frame).await?;
        Ok(())
    }
}
