//! Connections: dialled, accepted, read and written, each by tasks of its own.
use crate::lines::Lines;
use crate::run::Message;
use crate::settings::{CARRIER_BYTES, DIAL_MS, INBOUND_MAX, STOP_MS};
use crate::transport::{Identity, Reader, Side, Writer, secure};
use isonomy_node::Input;
use isonomy_peer::{Direction, NetAddress};
use isonomy_types::{Link, NodeKey};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::AbortHandle;

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
        lines: Arc<Lines>,
    ) -> Self {
        let (open, cut) = (BTreeMap::new(), BTreeSet::new());
        Self { identity, messages, lines, open, cut, serial: 0 }
    }

    pub(crate) fn dial(&self, address: NetAddress) {
        let (identity, messages) = (self.identity.clone(), self.messages.clone());
        let lines = self.lines.clone();
        tokio::spawn(async move {
            let message = match connect(address, &identity).await {
                Ok(connected) => Message::Connected(Box::new(connected)),
                Err(why) => {
                    lines.say(|| format!("cannot connect to {address}: {why}"));
                    Message::Input(Input::DialFailed { address })
                }
            };
            let _ = messages.send(message).await;
        });
    }

    pub(crate) fn listen(&self, listener: TcpListener) -> AbortHandle {
        let (identity, messages) = (self.identity.clone(), self.messages.clone());
        let (lines, places) = (self.lines.clone(), Arc::new(Semaphore::new(INBOUND_MAX)));
        let task = tokio::spawn(async move {
            while let Ok(place) = places.clone().acquire_owned().await {
                let Ok((stream, from)) = listener.accept().await else {
                    // Out of descriptors, most likely: give the others time to close.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (identity, messages) = (identity.clone(), messages.clone());
                let lines = lines.clone();
                tokio::spawn(async move {
                    match accept(stream, from, &identity, place).await {
                        Ok(connected) => {
                            let connected = Message::Connected(Box::new(connected));
                            let _ = messages.send(connected).await;
                        }
                        Err(why) => {
                            lines.say(|| format!("no secure connection from {from}: {why}"))
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

async fn connect(address: NetAddress, identity: &Identity) -> Result<Connected, String> {
    let to = SocketAddr::from(address);
    let limit = Duration::from_millis(DIAL_MS);
    let stream = tokio::time::timeout(limit, TcpStream::connect(to)).await;
    let stream = stream.map_err(|_| "no answer".to_string())?.map_err(|e| e.to_string())?;
    let secured = secure(stream, identity, Side::Dialed, None).await;
    let (reader, writer, key) = secured.map_err(|error| error.to_string())?;
    let (direction, remote) = (Direction::Outbound, NodeKey(key));
    Ok(Connected { reader, writer, remote, direction, address: Some(address), place: None })
}

async fn accept(
    stream: TcpStream,
    from: SocketAddr,
    identity: &Identity,
    place: OwnedSemaphorePermit,
) -> Result<Connected, String> {
    let secured = secure(stream, identity, Side::Accepted, None).await;
    let (reader, writer, key) = secured.map_err(|error| error.to_string())?;
    let (direction, remote) = (Direction::Inbound, NodeKey(key));
    let address = Some(NetAddress::from(from));
    Ok(Connected { reader, writer, remote, direction, address, place: Some(place) })
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
    while let Some(bytes) = queue.recv().await {
        let credit = bytes.len();
        if !written(&mut writer, &bytes, &queue).await {
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
/// has [`STOP_MS`] left, so that it cannot keep the socket for ever.
async fn written(
    writer: &mut Writer,
    bytes: &[u8],
    queue: &mpsc::UnboundedReceiver<Vec<u8>>,
) -> bool {
    let abandoned = async {
        while !queue.is_closed() {
            tokio::time::sleep(Duration::from_millis(STOP_MS)).await;
        }
        tokio::time::sleep(Duration::from_millis(STOP_MS)).await;
    };
    tokio::select! {
        result = writer.write(bytes) => result.is_ok(),
        () = abandoned => false,
    }
}
