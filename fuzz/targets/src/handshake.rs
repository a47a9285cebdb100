//! The encrypted transport, between an honest peer and whoever sits on the line.
use isonomy_host::{Identity, Reader, Side, TransportError, Writer, secure};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Bytes of the two records that the honest peer sends after the handshake.
const WORDS: [&[u8]; 2] = [b"what was said first", b"and then"];
/// Seconds within which all is over: no side waits for more than the other's end.
const ALL_S: u64 = 8;

type Secured = Result<(Reader, Writer, [u8; 32]), TransportError>;

/// What the one on the line does to what the honest peer sends to its victim.
struct Attack<'a> {
    /// The victim's side.
    side: Side,
    /// Frames passed on as they are.
    honest: usize,
    /// Whether the next frame is changed, or other bytes stand in its place.
    change: bool,
    /// The most bytes written at a time.
    cut: usize,
    /// Places and new bits, or the other bytes.
    bytes: &'a [u8],
}

/// Reads an attack off the bytes, and tries it over loopback sockets.
///
/// # Panics
/// Also if the system gives no socket.
pub fn handshake(data: &[u8]) {
    let Some((&[plan, cut], bytes)) = data.split_first_chunk() else { return };
    let side = if plan & 1 == 0 { Side::Accepted } else { Side::Dialed };
    let honest = usize::from(plan >> 2) % 5;
    let cut = usize::from(cut) + 1;
    let attack = Attack { side, honest, change: plan & 2 == 0, cut, bytes };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let all = async { timeout(Duration::from_secs(ALL_S), attack.run()).await };
    runtime.expect("a runtime").block_on(all).expect("nobody hangs");
}

impl Attack<'_> {
    async fn run(&self) {
        let (victim, honest) = (Identity::from_secret([1; 32]), Identity::from_secret([2; 32]));
        let (victim, honest) = (victim.expect("a key"), honest.expect("a key"));
        let ((at_honest, near), (far, at_victim)) = (sockets().await, sockets().await);
        let ((from_honest, to_honest), (from_victim, to_victim)) =
            (near.into_split(), far.into_split());
        let back = pass(from_victim, to_honest);
        let other = if self.side == Side::Dialed { Side::Accepted } else { Side::Dialed };
        let (harmed, (), (), heard) = tokio::join!(
            self.tamper(from_honest, to_victim),
            back,
            speak(at_honest, &honest, other),
            hear(at_victim, &victim, self.side),
        );
        self.judge(harmed, heard, honest.public());
    }

    /// Frames of the honest peer to the victim. The number of the frame that was harmed, if one was.
    async fn tamper(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Option<usize> {
        for number in 0.. {
            let frame = frame(&mut from).await?;
            let sent = if number == self.honest { self.instead(&frame) } else { frame.clone() };
            for piece in sent.chunks(self.cut) {
                to.write_all(piece).await.ok()?;
            }
            if sent != frame {
                return Some(number);
            }
        }
        None
    }

    fn instead(&self, frame: &[u8]) -> Vec<u8> {
        if !self.change {
            return self.bytes.to_vec();
        }
        let mut frame = frame.to_vec();
        for edit in self.bytes.chunks_exact(2) {
            let place = usize::from(edit[0]) % frame.len();
            frame[place] ^= edit[1];
        }
        frame
    }

    /// Nothing but what the honest peer said was heard, and all of it unless a frame was harmed.
    fn judge(&self, harmed: Option<usize>, heard: Heard, honest: [u8; 32]) {
        let frames = if self.side == Side::Accepted { 2 } else { 1 };
        let all = WORDS.concat();
        assert!(all.starts_with(&heard.words), "heard {:?}", heard.words);
        if let Some(key) = heard.key {
            assert_eq!(key, honest);
        }
        match harmed {
            Some(number) if number < frames => assert_eq!(heard.key, None, "a forged handshake"),
            Some(_) => assert!(!heard.ended, "a clean end that nobody wrote"),
            None => assert!(heard.ended && heard.words == all, "{:?}", heard.words),
        }
    }
}

/// What the victim made of it.
#[derive(Default)]
struct Heard {
    key: Option<[u8; 32]>,
    words: Vec<u8>,
    ended: bool,
}

async fn hear(stream: TcpStream, identity: &Identity, side: Side) -> Heard {
    let mut heard = Heard::default();
    let secured: Secured = secure(stream, identity, side, None).await;
    let Ok((mut reader, _writer, key)) = secured else { return heard };
    heard.key = Some(key);
    while let (Ok(piece), false) = (reader.read().await, heard.ended) {
        heard.ended = piece.is_none();
        heard.words.extend(piece.unwrap_or_default());
    }
    heard
}

async fn speak(stream: TcpStream, identity: &Identity, side: Side) {
    let secured: Secured = secure(stream, identity, side, None).await;
    let Ok((mut reader, mut writer, _)) = secured else { return };
    for words in WORDS {
        if writer.write(words).await.is_err() {
            return;
        }
    }
    writer.close().await;
    // The victim says nothing; its end is waited for, so that nothing under way is lost.
    let _ = reader.read().await;
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = copy(&mut from, &mut to).await;
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (dialled, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    (dialled.expect("a connection"), accepted.expect("its other end").0)
}

/// A length and that many bytes. `None` once there are no more.
async fn frame(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let mut length = [0; 2];
    from.read_exact(&mut length).await.ok()?;
    let mut frame = [length.to_vec(), vec![0; u16::from_be_bytes(length).into()]].concat();
    from.read_exact(&mut frame[2..]).await.ok()?;
    Some(frame)
}

/// Every frame of both sides harmed in one place, or replaced by lengths and noise; and none harmed.
pub(crate) fn attacks() -> Vec<Vec<u8>> {
    let mut attacks = Vec::new();
    for plan in 0..20 {
        let (head, changed) = ([plan, 255], plan & 2 == 0);
        if changed {
            attacks.extend([[&head[..], &[1, 1]].concat(), [&head[..], &[40, 128]].concat()]);
            attacks.push(head.to_vec());
        } else {
            let weak = [vec![0, 32], vec![0; 32]].concat();
            attacks.extend([[&head[..], &weak].concat(), [&head[..], &[255; 80]].concat()]);
        }
    }
    attacks
}
