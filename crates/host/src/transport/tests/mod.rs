//! The transport over real loopback sockets, with honest peers and others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

mod forged;
mod handshake;
mod properties;
mod records;
mod tampered;
mod vectors;

use core::ops::ControlFlow;
use core::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::handshake::{begin, secure_within};
use super::{Identity, LENGTH_BYTES, RECORD_MAX, Reader, Side, TransportError, Writer};

/// Milliseconds of a handshake in these tests: far more than an honest one needs, and few to wait.
const TEST_MS: u64 = 2_000;

type Secured = Result<(Reader, Writer, [u8; 32]), TransportError>;

fn identity(seed: u8) -> Identity {
    Identity::from_secret([seed; 32]).unwrap()
}

/// A dialled socket and the accepted one at its other end.
async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (dialled, listener.accept().await.unwrap().0)
}

async fn secured(stream: TcpStream, seed: u8, side: Side) -> Secured {
    secure_within(stream, begin(&identity(seed), side).unwrap(), None, TEST_MS).await
}

/// The outcomes of a handshake of peer 1, who dials, and peer 2 over two joined sockets.
async fn both(dialled: TcpStream, accepted: TcpStream) -> (Secured, Secured) {
    tokio::join!(secured(dialled, 1, Side::Dialed), secured(accepted, 2, Side::Accepted))
}

/// The halves of peers 1 and 2 after an honest handshake.
async fn connected() -> ((Reader, Writer), (Reader, Writer)) {
    let (dialled, accepted) = sockets().await;
    let (one, two) = both(dialled, accepted).await;
    let ((one_reader, one_writer, two_key), (two_reader, two_writer, one_key)) =
        (one.unwrap(), two.unwrap());
    assert_eq!((one_key, two_key), (identity(1).public(), identity(2).public()));
    ((one_reader, one_writer), (two_reader, two_writer))
}

/// A dialled and an accepted socket with someone between them, who passes on what `change` makes of
/// each frame of the dialler (numbered from 0, its length first), and the acceptor's unchanged.
async fn intercepted(
    change: impl FnMut(usize, Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>> + Send + 'static,
    back: impl FnMut(usize, Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>> + Send + 'static,
) -> (TcpStream, TcpStream) {
    let ((dialled, near), (far, accepted)) = (sockets().await, sockets().await);
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    tokio::spawn(pass(near_read, far_write, change));
    tokio::spawn(pass(far_read, near_write, back));
    (dialled, accepted)
}

fn unchanged(_: usize, frame: Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>> {
    ControlFlow::Continue(frame)
}

/// Passes frames on until one side ends, or `change` breaks with its last bytes.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut change: impl FnMut(usize, Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>>,
) {
    for number in 0.. {
        let Ok(frame) = frame(&mut from).await else { return };
        match change(number, frame) {
            ControlFlow::Continue(bytes) if to.write_all(&bytes).await.is_ok() => {}
            ControlFlow::Continue(_) => return,
            ControlFlow::Break(bytes) => {
                let _ = to.write_all(&bytes).await;
                return;
            }
        }
    }
}

async fn frame(from: &mut OwnedReadHalf) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; LENGTH_BYTES];
    from.read_exact(&mut frame).await?;
    let length = usize::from(u16::from_be_bytes([frame[0], frame[1]]));
    frame.resize(LENGTH_BYTES + length, 0);
    from.read_exact(&mut frame[LENGTH_BYTES..]).await?;
    Ok(frame)
}

/// Reads pieces until the stream ends, cleanly (`None`) or with an error.
async fn drain(reader: &mut Reader) -> (Vec<u8>, Option<TransportError>) {
    let mut bytes = Vec::new();
    loop {
        match prompt(reader.read()).await {
            Ok(Some(piece)) => {
                assert!((1..=RECORD_MAX).contains(&piece.len()));
                bytes.extend(piece);
            }
            Ok(None) => return (bytes, None),
            Err(error) => return (bytes, Some(error)),
        }
    }
}

/// Fails the test, rather than hanging, where a future does not end.
async fn prompt<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future).await.expect("this must not hang")
}

/// A frame as it goes over the wire.
fn framed(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The bytes that hexadecimal digits spell.
fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The 32 bytes of a key.
fn key(digits: &str) -> [u8; 32] {
    unhex(digits).try_into().unwrap()
}

/// Bytes in which a shift, a swap or a repetition shows.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8 ^ (i / 65_536) as u8).collect()
}
