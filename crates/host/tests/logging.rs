//! What a stranger can make a host log. In a process of its own, since it listens to all of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods)]
mod common;

use common::Options;
use isonomy_host::{Ended, PEER_LINE_BYTES_MAX, PEER_LINES_MAX};
use std::fmt::Debug;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

static LINES: AtomicU64 = AtomicU64::new(0);
static LONGEST: AtomicU64 = AtomicU64::new(0);

/// Counts what `isonomy-host` logs, at every level.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("isonomy_host")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        LINES.fetch_add(1, Ordering::SeqCst);
        event.record(&mut Length);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Length;

impl Visit for Length {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        LONGEST.fetch_max(format!("{value:?}").len() as u64, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_78_a_stranger_cannot_fill_the_log() {
    tracing::subscriber::set_global_default(Counter).unwrap();
    let host = Options::new(1, false, &[]).start().await;
    let address = host.address().unwrap();
    let started = Instant::now();
    let knock = move || {
        while started.elapsed().as_secs() < 2 {
            if let Ok(mut stream) = TcpStream::connect(address) {
                let _ = stream.write_all(&[0xff; 64]);
            }
        }
    };
    tokio::task::spawn_blocking(knock).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let (seconds, lines) = (started.elapsed().as_secs() + 2, LINES.load(Ordering::SeqCst));
    // Each second may begin with a line that says how many were left out.
    let limit = seconds * (u64::from(PEER_LINES_MAX) + 1);
    assert!(lines > 10, "only {lines} lines: nothing was tested");
    assert!(lines <= limit, "{lines} lines in {seconds} s, limit {limit}");
    assert!(LONGEST.load(Ordering::SeqCst) <= PEER_LINE_BYTES_MAX as u64);
    assert_eq!(host.stop().await, Ended::Stopped);
}
