//! Connections: dialled, accepted, read and written, each by tasks of its own.
use crate::lines::Lines;
use crate::metrics::Metrics;
use crate::run::Message;
use crate::settings::{CARRIER_BYTES, DIAL_MS, HANDSHAKES_MAX, STOP_MS};
use crate::transport::{Identity, Reader, Side, Writer, begin, secure_within};
use isonomy_node::Input;
use isonomy_peer::{Direction, Limits, NetAddress};
use isonomy_types::{Link, NodeKey};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// A connection whose keys are proved.
pub(crate) struct Connected {
    reader: Reader,
    writer: Writer,
    remote: NodeKey,
    direction: Direction,
    address: Option<NetAddress>,
    /// Frees an inbound place when its socket is gone.
    place: Option<OwnedSemaphorePermit>,
}

pub(crate) struct Links {
    identity: Arc<Identity>,
    messages: mpsc::Sender<Message>,
    lines: Arc<Lines>,
    metrics: Arc<Metrics>,
    limits: Limits,
    open: BTreeMap<Link, Carrier>,
    /// Peers that are neither called nor let in, whatever their address.
    cut: BTreeSet<NodeKey>,
    serial: u64,
}

struct Carrier {
    remote: NodeKey,
    bytes: mpsc::UnboundedSender<Vec<u8>>,
    reading: AbortHandle,
}

impl Drop for Carrier {
    /// The reader stops at once; the writer once it wrote what it has, or soon after.
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Links {
    pub(crate) fn new(
        identity: Arc<Identity>,
        messages: mpsc::Sender<Message>,
        (lines, metrics): (Arc<Lines>, Arc<Metrics>),
        limits: Limits,
    ) -> Self {
        let (open, cut) = (BTreeMap::new(), BTreeSet::new());
        Self { identity, messages, lines, metrics, limits, open, cut, serial: 0 }
    }

    pub(crate) fn dial(&self, address: NetAddress) {
        let (identity, messages) = (self.identity.clone(), self.messages.clone());
        let (lines, metrics) = (self.lines.clone(), self.metrics.clone());
        let limit_ms = self.limits.handshake_ms;
        tokio::spawn(async move {
            let message = match connect(address, &identity, limit_ms).await {
                Ok(connected) => Message::Connected(Box::new(connected)),
                Err(why) => {
                    metrics.dials_failed.inc();
                    lines.say(|| format!("cannot connect to {address}: {why}"));
                    Message::Input(Input::DialFailed { address })
                }
            };
            let _ = messages.send(message).await;
        });
    }

    pub(crate) fn listen(&self, listener: TcpListener) -> AbortHandle {
        let (identity, messages) = (self.identity.clone(), self.messages.clone());
        let (lines, metrics) = (self.lines.clone(), self.metrics.clone());
        let Limits { inbound, handshake_ms, .. } = self.limits;
        let places = Arc::new(Semaphore::new(inbound));
        let strangers = Arc::new(Semaphore::new(HANDSHAKES_MAX));
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, from)) = listener.accept().await else {
                    // Out of descriptors, most likely: give the others time to close.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                // Whoever finds no place hears so at once, and can call another.
                let Ok(stranger) = strangers.clone().try_acquire_owned() else { continue };
                let (identity, messages) = (identity.clone(), messages.clone());
                let (lines, places) = (lines.clone(), places.clone());
                let metrics = metrics.clone();
                tokio::spawn(async move {
                    let accepted = accept(stream, from, &identity, handshake_ms, &places).await;
                    drop(stranger);
                    match accepted {
                        Ok(connected) => {
                            let connected = Message::Connected(Box::new(connected));
                            let _ = messages.send(connected).await;
                        }
                        Err(why) => {
                            metrics.handshakes_failed.inc();
                            lines.say(|| format!("no secure connection from {from}: {why}"));
                        }
                    }
                });
            }
        });
        task.abort_handle()
    }

    /// Gives the connection a name and starts to carry. The inputs to tell the node, in order.
    pub(crate) fn open(&mut self, connected: Connected) -> Vec<Input> {
        let Connected { reader, writer, remote, direction, address, place } = connected;
        if self.cut.contains(&remote) {
            // Whom a dialled address leads to is known only now.
            let dialled = address.filter(|_| direction == Direction::Outbound);
            return dialled.map(|address| Input::DialFailed { address }).into_iter().collect();
        }
        self.serial = self.serial.wrapping_add(1);
        let link = Link(self.serial);
        let (bytes, queue) = mpsc::unbounded_channel();
        let read = tokio::spawn(read(link, reader, self.messages.clone(), self.lines.clone()));
        let write = write(link, writer, queue, self.messages.clone());
        tokio::spawn(async move {
            write.await;
            drop(place);
        });
        self.open.insert(link, Carrier { remote, bytes, reading: read.abort_handle() });
        let opened = Input::Opened { link, direction, remote, address };
        vec![opened, Input::Writable { link, bytes: CARRIER_BYTES }]
    }

    pub(crate) fn send(&self, link: Link, bytes: Vec<u8>) {
        if let Some(carrier) = self.open.get(&link) {
            // A writer that ended says so by `Closed`.
            let _ = carrier.bytes.send(bytes);
        }
    }

    /// Refuses this peer from now on. The inputs to tell the node: its links are closed.
    pub(crate) fn cut(&mut self, key: NodeKey) -> Vec<Input> {
        self.cut.insert(key);
        let links = self.open.extract_if(.., |_, carrier| carrier.remote == key);
        links.map(|(link, _)| Input::Closed { link }).collect()
    }

    pub(crate) fn heal(&mut self, key: NodeKey) {
        self.cut.remove(&key);
    }

    /// Who is refused, ascending.
    pub(crate) fn cuts(&self) -> Vec<NodeKey> {
        self.cut.iter().copied().collect()
    }

    /// Whether it was open: a link is closed once, by whoever is first.
    pub(crate) fn close(&mut self, link: Link) -> bool {
        self.open.remove(&link).is_some()
    }
}

async fn connect(
    address: NetAddress,
    identity: &Identity,
    limit_ms: u64,
) -> Result<Connected, String> {
    let to = SocketAddr::from(address);
    let limit = Duration::from_millis(DIAL_MS);
    let stream = tokio::time::timeout(limit, TcpStream::connect(to)).await;
    let stream = stream.map_err(|_| "no answer".to_string())?.map_err(|e| e.to_string())?;
    let (reader, writer, key) = shake(stream, identity, Side::Dialed, limit_ms).await?;
    let (direction, remote) = (Direction::Outbound, NodeKey(key));
    Ok(Connected { reader, writer, remote, direction, address: Some(address), place: None })
}

/// A place is taken once hands are shaken: a stranger keeps none.
async fn accept(
    stream: TcpStream,
    from: SocketAddr,
    identity: &Identity,
    limit_ms: u64,
    places: &Arc<Semaphore>,
) -> Result<Connected, String> {
    if places.available_permits() == 0 {
        return Err("no place is free".into());
    }
    let (reader, writer, key) = shake(stream, identity, Side::Accepted, limit_ms).await?;
    let place = places.clone().try_acquire_owned().map_err(|_| "no place is free".to_string())?;
    let (direction, remote) = (Direction::Inbound, NodeKey(key));
    let address = Some(NetAddress::from(from));
    Ok(Connected { reader, writer, remote, direction, address, place: Some(place) })
}

async fn shake(
    stream: TcpStream,
    identity: &Identity,
    side: Side,
    limit_ms: u64,
) -> Result<(Reader, Writer, [u8; 32]), String> {
    let noise = begin(identity, side).map_err(|error| error.to_string())?;
    secure_within(stream, noise, None, limit_ms).await.map_err(|error| error.to_string())
}

async fn read(link: Link, mut reader: Reader, messages: mpsc::Sender<Message>, lines: Arc<Lines>) {
    loop {
        match reader.read().await {
            Ok(Some(bytes)) => {
                let received = Message::Input(Input::Received { link, bytes });
                if messages.send(received).await.is_err() {
                    return;
                }
            }
            Ok(None) => break,
            Err(why) => {
                lines.say(|| format!("link {} lost: {why}", link.0));
                break;
            }
        }
    }
    let _ = messages.send(Message::Lost(link)).await;
}

async fn write(
    link: Link,
    mut writer: Writer,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    messages: mpsc::Sender<Message>,
) {
    let mut end = None;
    while let Some(bytes) = queue.recv().await {
        let credit = bytes.len();
        if !written(&mut writer, &bytes, &queue, &mut end).await {
            let _ = messages.send(Message::Lost(link)).await;
            return;
        }
        let writable = Message::Input(Input::Writable { link, bytes: credit });
        if messages.send(writable).await.is_err() {
            return;
        }
    }
    writer.close().await;
}

/// Whether the bytes were written. Once nobody holds the link any more, a peer that does not read
/// has [`STOP_MS`] left for all that is queued, to `end`, so that it cannot keep the socket for ever.
async fn written(
    writer: &mut Writer,
    bytes: &[u8],
    queue: &mpsc::UnboundedReceiver<Vec<u8>>,
    end: &mut Option<Instant>,
) -> bool {
    let abandoned = async {
        while !queue.is_closed() {
            tokio::time::sleep(Duration::from_millis(STOP_MS)).await;
        }
        let patience = Duration::from_millis(STOP_MS);
        tokio::time::sleep_until(*end.get_or_insert_with(|| Instant::now() + patience)).await;
    };
    tokio::select! {
        result = writer.write(bytes) => result.is_ok(),
        () = abandoned => false,
    }
}
