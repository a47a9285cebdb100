//! One WebSocket: requests as over POST, and notices.
use crate::access::Admitted;
use crate::http::Room;
use crate::jsonrpc::{self, Caller};
use crate::limits::{
    CLOSE_MS, FRAME_BUFFER_BYTES, PING_MS, QUIET_MS, REQUEST_BYTES_MAX, REQUEST_MS, SEND_MS,
};
use crate::news::Listener;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};

/// Bounds what one message may be and what the carrier holds for it.
pub(crate) fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .max_message_size(REQUEST_BYTES_MAX)
        .max_frame_size(REQUEST_BYTES_MAX)
        .read_buffer_size(FRAME_BUFFER_BYTES)
        .write_buffer_size(FRAME_BUFFER_BYTES)
}

/// A connection, from its upgrade to its end.
pub(crate) struct Socket {
    pub(crate) room: Arc<Room>,
    pub(crate) admitted: Admitted,
    pub(crate) place: OwnedSemaphorePermit,
}

/// Why a connection ends, if its far end is still there to be told.
type Farewell = Option<(u16, &'static str)>;

impl Socket {
    pub(crate) async fn carry(self, mut far: WebSocket) {
        let Self { room, admitted, place } = self;
        let (mut listener, mut stopping) =
            (Listener::new(room.follower.clone()), room.stopping.clone());
        let line = listener.line.clone();
        let mut serving = Serving { room, admitted, heard: Instant::now(), pinged: Instant::now() };
        let farewell = tokio::select! {
            farewell = serving.serve(&mut far, &mut listener) => farewell,
            end = line.over() => Some((end.code(), end.why())),
            // Only ever closed.
            _ = stopping.changed() => Some((close_code::AWAY, "the node stops")),
        };
        // It is told nothing more, however long it takes to hear this.
        drop(listener);
        if let Some((code, why)) = farewell {
            let close = Message::Close(Some(CloseFrame { code, reason: why.into() }));
            // One that does not read is let go without.
            let _ = timeout(Duration::from_millis(CLOSE_MS), far.send(close)).await;
        }
        drop(place);
    }
}

struct Serving {
    room: Arc<Room>,
    admitted: Admitted,
    heard: Instant,
    pinged: Instant,
}

impl Serving {
    /// Until there is nothing more to serve.
    async fn serve(&mut self, far: &mut WebSocket, listener: &mut Listener) -> Farewell {
        let line = listener.line.clone();
        loop {
            let ping = self.pinged + Duration::from_millis(PING_MS);
            tokio::select! {
                message = far.recv() => match message {
                    Some(Ok(message)) => {
                        self.heard = Instant::now();
                        if let Err(farewell) = self.take(message, far, listener).await {
                            return farewell;
                        }
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, "a WebSocket broke");
                        return Some((close_code::PROTOCOL, "broken, or over the size limit"));
                    }
                    None => return None,
                },
                (subscription, moment) = line.next() => {
                    for message in moment.messages(subscription) {
                        if let Err(farewell) = send(far, Message::Text(message.into())).await {
                            return farewell;
                        }
                    }
                }
                () = sleep_until(ping) => {
                    if self.heard.elapsed() > Duration::from_millis(QUIET_MS) {
                        return Some((close_code::POLICY, "silent for too long"));
                    }
                    self.pinged = Instant::now();
                    if let Err(farewell) = send(far, Message::Ping(Vec::new().into())).await {
                        return farewell;
                    }
                }
            }
        }
    }

    async fn take(
        &self,
        message: Message,
        far: &mut WebSocket,
        listener: &mut Listener,
    ) -> Result<(), Farewell> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => {
                return Err(Some((close_code::UNSUPPORTED, "send text, JSON-RPC 2.0")));
            }
            Message::Close(_) => return Err(None),
            // Answered by the carrier itself, which is work too.
            Message::Ping(_) | Message::Pong(_) => {
                let often = (close_code::POLICY, "pings more often than it may ask");
                return self.room.rates.take(&self.admitted).then_some(()).ok_or(Some(often));
            }
        };
        let Self { room, admitted, .. } = self;
        let mut caller =
            Caller { admitted: *admitted, rates: &room.rates, listener: Some(listener) };
        let answer = jsonrpc::answer(&room.desk, &mut caller, text.as_bytes());
        match timeout(Duration::from_millis(REQUEST_MS), answer).await {
            Ok(Some(answer)) => send(far, Message::Text(answer.into())).await,
            Ok(None) => Ok(()),
            Err(_) => Err(Some((close_code::AGAIN, "no answer in time; ask for less, or later"))),
        }
    }
}

async fn send(far: &mut WebSocket, message: Message) -> Result<(), Farewell> {
    match timeout(Duration::from_millis(SEND_MS), far.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some((close_code::POLICY, "reads too slowly"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Access, Rates};
    use crate::http::{Guard, router};
    use crate::news::Follower;
    use crate::source::Desk;
    use crate::{About, Source, Stopped, WEBSOCKETS_MAX, server};
    use isonomy_ledger::Modules;
    use isonomy_sim::coin::Coin;
    use isonomy_store::{Memory, Store};
    use std::net::Ipv4Addr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::{Semaphore, broadcast, watch};
    use tokio::time::sleep;

    const HEAD: &[u8] = b"GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    fn source() -> Source {
        Source {
            read: Arc::new(|_| Box::pin(async { Err(Stopped) })),
            submit: Arc::new(|_| Box::pin(async { Err(Stopped) })),
            events: Arc::new(|| broadcast::channel(1).1),
            admin: None,
            archive: Memory::new(&Coin::new(1).unwrap().spec.genesis).archive(),
            modules: Arc::new(Modules::default()),
            about: About { name: "x".into(), version: "1".into(), mining: false, faucet: None },
            index: None,
            watch: crate::Watch::default(),
        }
    }

    /// A frame of text, with a mask that changes nothing.
    fn frame(opcode: u8, text: &str) -> Vec<u8> {
        let length = u8::try_from(text.len()).unwrap();
        [&[0x80 | opcode, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
    }

    /// How many milliseconds a WebSocket lives.
    async fn life(far_end: impl AsyncFnOnce(DuplexStream)) -> u64 {
        let (near, mut far) = duplex(256);
        let (_stop, stopping) = watch::channel(());
        let desk = Arc::new(Desk::new(source()));
        let follower = Arc::new(Follower::new(desk.clone()));
        let places = Arc::new(Semaphore::new(WEBSOCKETS_MAX));
        let access = Access::at(crate::Server::ADDRESS);
        let room = Room {
            desk,
            guard: Guard { loopback_only: true },
            rates: Rates::new(&access),
            access,
            follower,
            places: places.clone(),
            stopping: stopping.clone(),
        };
        let (router, from) = (router(Arc::new(room)), Ipv4Addr::LOCALHOST.into());
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        tokio::spawn(server::carry(near, from, router, stopping, place));
        far.write_all(HEAD).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(far.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        let begin = Instant::now();
        far_end(far).await;
        let all = u32::try_from(WEBSOCKETS_MAX).unwrap();
        drop(places.acquire_many(all).await.unwrap());
        u64::try_from(begin.elapsed().as_millis()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_who_answers_no_ping_is_closed() {
        let ms = life(async |mut far| {
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.unwrap_or_default();
            assert_eq!(heard[..2], [0x89, 0]);
            assert!(String::from_utf8_lossy(&heard).contains("silent for too long"));
        });
        assert!((QUIET_MS..=QUIET_MS + PING_MS + CLOSE_MS).contains(&ms.await));
    }

    #[tokio::test(start_paused = true)]
    async fn who_answers_pings_stays() {
        let ms = life(async |mut far| {
            for _ in 0..20 {
                assert_eq!([far.read_u8().await.unwrap(), far.read_u8().await.unwrap()], [0x89, 0]);
                far.write_all(&frame(0xa, "")).await.unwrap();
            }
        });
        assert!(ms.await >= 20 * PING_MS);
    }

    /// The fragments of a message that never ends, or the bytes of a frame that does not.
    #[tokio::test(start_paused = true)]
    async fn attack_79_a_message_without_an_end_is_not_waited_for() {
        for begun in [&[0x01, 0x80, 0, 0, 0, 0][..], &[0x81, 0xfe, 0x7f]] {
            let ms = life(async |mut far| {
                far.write_all(begun).await.unwrap();
                let rest =
                    if begun[0] == 1 { [0, 0x81, 0, 0, 0, 0, b'x'].to_vec() } else { vec![0] };
                while far.write_all(&rest).await.is_ok() {
                    sleep(Duration::from_millis(PING_MS / 2)).await;
                }
            });
            assert!(ms.await <= QUIET_MS + 2 * PING_MS + CLOSE_MS);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_who_asks_and_never_reads_is_dropped() {
        let ms = life(async |mut far| {
            let question = frame(1, r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#);
            while far.write_all(&question).await.is_ok() {}
        });
        assert!((SEND_MS..=SEND_MS + CLOSE_MS).contains(&ms.await));
    }

    #[tokio::test(start_paused = true)]
    async fn attack_80_a_reset_in_the_middle_of_a_frame_ends_it_at_once() {
        let whole = frame(1, r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#);
        for cut in 0..whole.len() {
            let ms = life(async |mut far| far.write_all(&whole[..cut]).await.unwrap()).await;
            assert!(ms <= CLOSE_MS, "{cut}: {ms}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_frames_that_are_wrong_or_too_large_are_not_read() {
        let large = (REQUEST_BYTES_MAX as u64 + 1).to_be_bytes();
        let table = [
            [&[0x81, 0xff][..], &large, &[0; 4]].concat(),
            [&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat(),
            vec![0x81, 0x01, b'x'],
            vec![0x83, 0x80, 0, 0, 0, 0],
            vec![0xf1, 0x80, 0, 0, 0, 0],
            vec![0x80, 0x80, 0, 0, 0, 0],
            [&[0x89, 0xfe, 0, 126, 0, 0, 0, 0][..], &[0; 126]].concat(),
            frame(2, "{}"),
            vec![0x81, 0x81, 0, 0, 0, 0, 0xff],
        ];
        for bytes in table {
            let ms = life(async |mut far| {
                far.write_all(&bytes).await.unwrap();
                let mut heard = Vec::new();
                far.read_to_end(&mut heard).await.unwrap_or_default();
                assert_eq!(heard.first(), Some(&0x88), "{bytes:x?}");
            });
            assert!(ms.await <= CLOSE_MS, "{bytes:x?}");
        }
    }
}
