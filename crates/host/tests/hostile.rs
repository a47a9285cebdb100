//! Strangers on real sockets that say nothing, say it slowly, do not read, or are too many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Options, genesis, until};
use isonomy_host::{HANDSHAKES_MAX, Handle, Identity, Reader, Side, Writer, secure};
use isonomy_node::{Event, Limits};
use isonomy_peer::{CloseReason, Hello, Message, PROTOCOL_VERSION, Violation};
use isonomy_types::Text;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything here may take, milliseconds: this machine may be busy.
const LONG: Duration = Duration::from_secs(30);

/// A host that is quick to lose patience.
async fn host(limits: impl FnOnce(&mut isonomy_peer::Limits)) -> (Handle, SocketAddr) {
    let mut peers = isonomy_peer::Limits { handshake_ms: 700, ..isonomy_peer::Limits::default() };
    limits(&mut peers);
    let limits = Limits { peers, ..Limits::default() };
    let host = Options { limits, ..Options::new(1, false, &[]) }.start().await;
    let address = host.address().unwrap();
    (host, address)
}

/// A peer whose hands are shaken in both ways.
async fn befriend(address: SocketAddr, nonce: u64) -> (Reader, Writer) {
    let stream = TcpStream::connect(address).await.unwrap();
    let identity = Identity::generate().unwrap();
    let (reader, mut writer, _) = secure(stream, &identity, Side::Dialed, None).await.unwrap();
    let hello = Hello {
        version: PROTOCOL_VERSION,
        genesis: genesis().tip.trail.id,
        nonce,
        height: 0,
        listening: None,
        agent: Text::default(),
    };
    writer.write(&Message::Hello(hello).to_frame()).await.unwrap();
    (reader, writer)
}

/// Whether the far end hangs up, within a time that is long.
async fn is_hung_up_on(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 256];
    let end = async { while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {} };
    timeout(LONG, end).await.is_ok()
}

async fn links(host: &Handle) -> usize {
    host.read(|node| node.peers().links().filter(|peer| peer.ready).count()).await.unwrap()
}

/// Why the host hangs up on a link, next.
async fn next_reason(events: &mut tokio::sync::broadcast::Receiver<Event>) -> CloseReason {
    let reason = async {
        loop {
            if let Event::Closed { why, .. } = events.recv().await.unwrap() {
                return why;
            }
        }
    };
    timeout(LONG, reason).await.expect("somebody is hung up on")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_hung_up_on_and_an_honest_peer_gets_in_meanwhile() {
    let (host, address) = host(|_| {}).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let _honest = befriend(address, 5).await;
    until("the honest peer is in", || async { links(&host).await == 1 }).await;
    assert!(is_hung_up_on(&mut silent).await);
    assert_eq!(links(&host).await, 1);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_a_byte_now_and_then_does_not_keep_a_place() {
    let (host, address) = host(|_| {}).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let dripping = tokio::spawn(async move {
        // The length and ephemeral key of a true first message would take 34 bytes.
        for byte in [0, 32].into_iter().chain([7; 100]) {
            if writing.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut bytes = [0; 256];
    let ended = timeout(LONG, reading.read(&mut bytes)).await.expect("hung up on");
    assert!(matches!(ended, Ok(0) | Err(_)), "nothing is answered to half a message: {ended:?}");
    dripping.abort();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shakes_the_first_hand_and_not_the_second_is_hung_up_on() {
    let (host, address) = host(|_| {}).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let identity = Identity::generate().unwrap();
    let mut events = host.events();
    let link = secure(stream, &identity, Side::Dialed, None).await.unwrap();
    let why = next_reason(&mut events).await;
    let expected = Violation::Silent { what: "hello", limit: 700 };
    assert_eq!(why, CloseReason::Violation(expected));
    drop(link);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_connections_the_last_are_hung_up_on_and_a_place_is_given_back() {
    let (host, address) = host(|limits| limits.inbound = 2).await;
    let first = befriend(address, 5).await;
    let second = befriend(address, 6).await;
    until("two are in", || async { links(&host).await == 2 }).await;
    let mut third = TcpStream::connect(address).await.unwrap();
    assert!(is_hung_up_on(&mut third).await, "at once, not after a handshake");
    assert_eq!(links(&host).await, 2);
    drop(first);
    until("one has gone", || async { links(&host).await == 1 }).await;
    let mut nonce = 7;
    let mut again = None;
    // Its socket is given back a moment after the node knows.
    for _ in 0..100 {
        nonce += 1;
        let stream = TcpStream::connect(address).await.unwrap();
        drop(stream);
        if host_takes(&host, address, nonce, &mut again).await {
            break;
        }
    }
    assert_eq!(links(&host).await, 2);
    drop((second, again));
    host.stop().await;
}

/// Tries once to get in.
async fn host_takes(
    host: &Handle,
    address: SocketAddr,
    nonce: u64,
    kept: &mut Option<(Reader, Writer)>,
) -> bool {
    let stream = TcpStream::connect(address).await.unwrap();
    let identity = Identity::generate().unwrap();
    let Ok((reader, mut writer, _)) = secure(stream, &identity, Side::Dialed, None).await else {
        tokio::time::sleep(Duration::from_millis(50)).await;
        return false;
    };
    let (version, genesis) = (PROTOCOL_VERSION, genesis().tip.trail.id);
    let agent = Text::default();
    let hello = Hello { version, genesis, nonce, height: 0, listening: None, agent };
    if writer.write(&Message::Hello(hello).to_frame()).await.is_err() {
        return false;
    }
    *kept = Some((reader, writer));
    tokio::time::sleep(Duration::from_millis(100)).await;
    links(host).await == 2
}

#[tokio::test(flavor = "multi_thread")]
async fn many_strangers_who_say_nothing_let_others_in_after_one_time_out() {
    let (host, address) = host(|_| {}).await;
    let mut strangers = Vec::new();
    for _ in 0..2 * HANDSHAKES_MAX {
        strangers.push(TcpStream::connect(address).await.unwrap());
    }
    let mut kept = None;
    let getting_in = async {
        let mut nonce = 100;
        while links(&host).await == 0 {
            nonce += 1;
            host_takes(&host, address, nonce, &mut kept).await;
        }
    };
    timeout(LONG, getting_in).await.expect("an honest peer that tries again gets in");
    for stranger in &mut strangers {
        assert!(is_hung_up_on(stranger).await);
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_asks_and_does_not_read_is_hung_up_on() {
    // So much may be asked here that answers fill the sockets' buffers, the carrier, and then wait in
    // the node.
    let (host, address) = host(|limits| {
        (limits.messages_per_s, limits.bytes_per_s) = (1 << 20, 1 << 30);
    })
    .await;
    let mut events = host.events();
    let (_unread, mut writer) = befriend(address, 5).await;
    until("it is in", || async { links(&host).await == 1 }).await;
    let asking = tokio::spawn(async move {
        let ping = Message::Ping { nonce: 1 }.to_frame().repeat(1_000);
        while writer.write(&ping).await.is_ok() {}
    });
    let why = next_reason(&mut events).await;
    let slow = matches!(
        why,
        CloseReason::Violation(Violation::Slow { .. } | Violation::SlowReader { .. })
    );
    assert!(slow, "{why}");
    let held = host.read(|node| node.peers().buffered()).await.unwrap();
    assert!(held < 1_000_000, "what waited is given back: {held}");
    asking.abort();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_begins_a_frame_and_does_not_end_it_is_hung_up_on() {
    let (host, address) = host(|limits| limits.slow_ms = 1_000).await;
    let mut events = host.events();
    let (_reader, mut writer) = befriend(address, 5).await;
    until("it is in", || async { links(&host).await == 1 }).await;
    let frame = Message::Engine { message: isonomy_types::Blob::truncated(vec![1; 2_000]) };
    writer.write(&frame.to_frame()[..1_000]).await.unwrap();
    let why = next_reason(&mut events).await;
    assert!(matches!(why, CloseReason::Violation(Violation::Slow { what: "sender", .. })), "{why}");
    host.stop().await;
}
