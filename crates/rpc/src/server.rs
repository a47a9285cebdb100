//! Connections: accepted, carried, ended.
use crate::http::{self, Guard};
use crate::limits::{CONNECTION_MS, CONNECTIONS_MAX, HEAD_MS, REQUEST_MS};
use crate::{BindError, Source};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

/// Milliseconds until another connection is tried for, when the system gives none: out of file
/// descriptors, most likely.
const ACCEPT_AGAIN_MS: u64 = 100;

/// An address at which questions are answered.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Where to answer unless one has reasons: on this machine alone, since whoever reaches a server
    /// can ask everything. Port 0 would take a free one.
    pub const ADDRESS: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7_332);

    /// Takes an address. Nothing is answered yet.
    ///
    /// # Errors
    /// If it is taken, or not this machine's.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it answers: the port is the real one.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` completes, then finishes what it has begun, [`REQUEST_MS`] at the
    /// most.
    pub async fn serve(self, source: Source, shutdown: impl Future<Output = ()>) {
        let loopback_only = self.address.ip().to_canonical().is_loopback();
        let admin = source.admin.clone().filter(|_| loopback_only);
        let (source, guard) = (Source { admin, ..source }, Guard { loopback_only });
        let router = http::router(source, guard);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let (stop, stopping) = watch::channel(());
        let mut shutdown = pin!(shutdown);
        while let Some((stream, place)) = tokio::select! {
            accepted = self.accept(&places) => accepted,
            () = &mut shutdown => None,
        } {
            tokio::spawn(carry(stream, router.clone(), stopping.clone(), place));
        }
        drop(self.listener);
        drop(stop);
        let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
        let ended = timeout(Duration::from_millis(REQUEST_MS), places.acquire_many(all)).await;
        if ended.is_err() {
            tracing::debug!("some connections did not end in time");
        }
    }

    async fn accept(&self, places: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return Some((stream, place)),
                Err(error) => {
                    tracing::debug!(%error, "no connection accepted");
                    sleep(Duration::from_millis(ACCEPT_AGAIN_MS)).await;
                }
            }
        }
    }
}

/// Serves one connection until it ends, its time is up or the server stops; then lets it finish
/// the request that it is in.
async fn carry(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stopping: watch::Receiver<()>,
    place: OwnedSemaphorePermit,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEAD_MS))
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = sleep(Duration::from_millis(CONNECTION_MS)) => None,
        // Only ever closed.
        _ = stopping.changed() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(Duration::from_millis(REQUEST_MS), connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
    drop(place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::Instant;

    /// How long a connection to a server of endless answers lives, in milliseconds.
    async fn life(far_end: impl AsyncFnOnce(&mut DuplexStream)) -> u128 {
        let endless = Router::new().route("/", get(|| async { "x".repeat(1 << 20) }));
        let (near, mut far) = duplex(64);
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let (_stop, stopping) = watch::channel(());
        let begin = Instant::now();
        let carried = tokio::spawn(async move {
            carry(near, endless, stopping, place).await;
            begin.elapsed().as_millis()
        });
        far_end(&mut far).await;
        carried.await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_who_never_reads_is_dropped() {
        let ms = life(async |far| far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap()).await;
        assert_eq!(ms, u128::from(CONNECTION_MS + REQUEST_MS));
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_who_never_asks_is_dropped() {
        for begun in ["", "GET /", "GET / HTTP/1.1\r\nhost: "] {
            let ms = life(async |far| far.write_all(begun.as_bytes()).await.unwrap()).await;
            assert!(ms <= u128::from(HEAD_MS + 1), "{begun:?}: {ms} ms");
        }
    }

    /// One byte at a time, each just before the patience for an idle connection ends.
    #[tokio::test(start_paused = true)]
    async fn attack_79_who_asks_slowly_is_dropped() {
        let slow = async |far: &mut DuplexStream| {
            for byte in b"GET / HTTP/1.1\r\nhost: somewhere far away\r\n\r\n" {
                sleep(Duration::from_millis(HEAD_MS - 1)).await;
                let _ = far.write_all(&[*byte]).await;
            }
        };
        let ms = life(slow).await;
        assert!(ms <= u128::from(HEAD_MS + 1), "{ms} ms");
    }
}
