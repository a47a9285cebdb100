//! Bytes between two nodes arrive later than they were sent, in order: a TCP proxy a link.
use crate::Latency;
use crate::dice::Dice;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 16 * 1024;
/// Chunks under way in one direction of a connection: a megabyte. What is sent beyond it waits at
/// the sender, as on a real link. Stops a fast sender from filling memory.
const CHUNKS_MAX: usize = 64;
/// Connections through one proxy. Two nodes have one link, and for moments two.
const CONNECTIONS_MAX: usize = 4;

/// One link, from one node's side. Ends when it is dropped.
pub(crate) struct Delay {
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    task: AbortHandle,
}

/// How late one link is: its own number of milliseconds, and jitter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lateness {
    one_way_ms: u64,
    jitter_ms: u64,
}

impl Lateness {
    /// Of the link of two nodes, whoever of them dials.
    pub(crate) fn of(latency: Latency, seed: u64, one: usize, other: usize) -> Option<Self> {
        let (least, most) = latency.one_way_ms()?;
        let part = format!("link {} {}", one.min(other), one.max(other));
        let one_way_ms = Dice::part(seed, &part).between(least, most);
        Some(Self { one_way_ms, jitter_ms: latency.jitter_ms() })
    }

    pub(crate) const fn one_way_ms(self) -> u64 {
        self.one_way_ms
    }
}

impl Delay {
    /// A proxy on a free loopback port in front of `target`.
    pub(crate) async fn start(target: SocketAddr, late: Lateness, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let target = Arc::new(Mutex::new(target));
        let task = tokio::spawn(accept(listener, target.clone(), late, seed)).abort_handle();
        Ok(Self { address, target, task })
    }

    /// Where to dial instead.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The node was started again, and listens elsewhere.
    pub(crate) fn aim(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, target: Arc<Mutex<SocketAddr>>, late: Lateness, seed: u64) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // Aborted with this task.
    let mut carried = tokio::task::JoinSet::new();
    for turn in 0_u64.. {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((near, _)) = listener.accept().await else { continue };
        while carried.try_join_next().is_some() {}
        let to = *target.lock().unwrap_or_else(PoisonError::into_inner);
        let dice =
            [Dice::part(seed, &format!("there {turn}")), Dice::part(seed, &format!("back {turn}"))];
        carried.spawn(async move {
            // Whoever dialled sees it closed: nobody is there.
            let _ = carry(near, to, late, dice).await;
            drop(place);
        });
    }
}

/// Both ways, until both are at their end or one breaks.
async fn carry(near: TcpStream, to: SocketAddr, late: Lateness, dice: [Dice; 2]) -> io::Result<()> {
    let far = TcpStream::connect(to).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let [there, back] = dice;
    let there = pipe(near_in, far_out, late, there);
    let back = pipe(far_in, near_out, late, back);
    tokio::try_join!(there, back).map(drop)
}

async fn pipe(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    late: Lateness,
    dice: Dice,
) -> io::Result<()> {
    let (sender, chunks) = mpsc::channel(CHUNKS_MAX);
    tokio::try_join!(read(from, sender, late, dice), write(to, chunks)).map(drop)
}

/// Says of every chunk when it is due: none before the one ahead of it.
async fn read(
    mut from: impl AsyncRead + Unpin,
    sender: mpsc::Sender<(Instant, Vec<u8>)>,
    late: Lateness,
    mut dice: Dice,
) -> io::Result<()> {
    let mut bytes = vec![0; CHUNK_BYTES];
    let mut last = Instant::now();
    loop {
        let count = from.read(&mut bytes).await?;
        let ms = late.one_way_ms.saturating_add(dice.between(0, late.jitter_ms));
        last = last.max(Instant::now() + Duration::from_millis(ms));
        let chunk = bytes.get(..count).unwrap_or_default().to_vec();
        // The other half has ended only if it failed: then its error counts.
        if sender.send((last, chunk)).await.is_err() || count == 0 {
            return Ok(());
        }
    }
}

/// An empty chunk is the end, which is late as well.
async fn write(
    mut to: impl AsyncWrite + Unpin,
    mut chunks: mpsc::Receiver<(Instant, Vec<u8>)>,
) -> io::Result<()> {
    while let Some((due, chunk)) = chunks.recv().await {
        sleep_until(due).await;
        to.write_all(&chunk).await?;
    }
    to.shutdown().await
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    async fn pair(late: Lateness) -> (TcpStream, TcpStream, Delay) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let delay = Delay::start(listener.local_addr().unwrap(), late, 7).await.unwrap();
        let near = TcpStream::connect(delay.address()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        (near, far, delay)
    }

    const LATE: Lateness = Lateness { one_way_ms: 40, jitter_ms: 20 };

    #[tokio::test]
    async fn bytes_are_late_whole_and_in_order_both_ways_and_so_is_the_end() {
        let (mut near, mut far, _delay) = pair(LATE).await;
        let sent: Vec<u8> = (0..3 * CHUNK_BYTES).map(|index| index as u8).collect();
        let start = Instant::now();
        near.write_all(&sent).await.unwrap();
        let mut got = vec![0; sent.len()];
        far.read_exact(&mut got).await.unwrap();
        assert_eq!(got, sent);
        assert!(start.elapsed() >= Duration::from_millis(LATE.one_way_ms), "no sooner");
        far.write_all(b"back").await.unwrap();
        drop(far);
        let mut rest = Vec::new();
        near.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"back");
        let least = Duration::from_millis(2 * LATE.one_way_ms);
        assert!(start.elapsed() >= least, "and no sooner on the way back");
    }

    /// A receiver that reads nothing stops its sender, and not this machine's memory.
    #[tokio::test]
    async fn what_is_under_way_is_bounded() {
        let (mut near, _far, _delay) = pair(LATE).await;
        let chunk = vec![0; CHUNK_BYTES];
        let mut sent = 0;
        let write = async {
            loop {
                near.write_all(&chunk).await.unwrap();
                sent += chunk.len();
            }
        };
        // What fits the sockets' own buffers comes to it.
        let ended = tokio::time::timeout(Duration::from_millis(300), write).await;
        assert!(ended.is_err());
        assert!((CHUNK_BYTES..64 * 1024 * 1024).contains(&sent), "{sent} bytes went");
    }

    #[tokio::test]
    async fn a_node_that_is_gone_is_told_by_a_closed_connection_and_its_successor_is_found() {
        let (near, far, delay) = pair(LATE).await;
        drop((near, far));
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        delay.aim(gone);
        let mut near = TcpStream::connect(delay.address()).await.unwrap();
        assert_eq!(near.read(&mut [0]).await.unwrap_or(0), 0);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        delay.aim(listener.local_addr().unwrap());
        let _near = TcpStream::connect(delay.address()).await.unwrap();
        listener.accept().await.unwrap();
    }

    #[test]
    fn a_link_is_as_late_from_both_ends_and_the_seed_decides() {
        let of = |seed, one, other| Lateness::of(Latency::World, seed, one, other).unwrap();
        assert_eq!(of(7, 1, 2), of(7, 2, 1));
        let all: std::collections::BTreeSet<u64> =
            (2..30).map(|other| of(7, 1, other).one_way_ms).collect();
        assert!(all.len() > 5 && all.iter().all(|ms| (40..=150).contains(ms)), "{all:?}");
        assert!((2..30).any(|other| of(7, 1, other) != of(8, 1, other)));
        assert_eq!(Lateness::of(Latency::None, 7, 1, 2), None);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for latency in Latency::ALL {
            assert_eq!(latency.name().parse(), Ok(latency));
            assert_eq!(serde_json::to_value(latency).unwrap(), latency.name());
        }
        assert!("far".parse::<Latency>().is_err());
    }
}
