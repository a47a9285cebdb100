//! Connections: accepted, carried, ended.
use crate::access::{Access, Rates};
use crate::http::{self, From, Guard, Room};
use crate::limits::{CONNECTION_MS, CONNECTIONS_MAX, HEAD_MS, REQUEST_MS, WEBSOCKETS_MAX};
use crate::news::Follower;
use crate::source::Desk;
use crate::{BindError, Source};
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr};
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
    access: Access,
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
        Ok(Self { listener, address, access: Access::at(address) })
    }

    /// Where it answers: the port is the real one.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets others in than [`Access::at`] its address would.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Answers until `shutdown` completes, then finishes what it has begun, [`REQUEST_MS`] at the
    /// most.
    pub async fn serve(self, source: Source, shutdown: impl Future<Output = ()>) {
        let loopback_only = self.address.ip().to_canonical().is_loopback();
        let (guard, access) = (Guard { loopback_only }, self.access.clone());
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let sockets = Arc::new(Semaphore::new(WEBSOCKETS_MAX));
        let (stop, stopping) = watch::channel(());
        let desk = Arc::new(Desk::new(source));
        let follower = Arc::new(Follower::new(desk.clone()));
        let following = follower.clone();
        let following = tokio::spawn(async move { following.run().await });
        let (own, ending) = (sockets.clone(), stopping.clone());
        let rates = Rates::new(&access);
        let room = Room { desk, guard, access, rates, follower, places: own, stopping: ending };
        let router = http::router(Arc::new(room));
        let mut shutdown = pin!(shutdown);
        while let Some((stream, from, place)) = tokio::select! {
            accepted = self.accept(&places) => accepted,
            () = &mut shutdown => None,
        } {
            tokio::spawn(carry(stream, from, router.clone(), stopping.clone(), place));
        }
        drop(self.listener);
        drop(stop);
        following.abort();
        // It holds the source, which is given back with the server's end.
        let _ = following.await;
        let ended =
            async { (all(&places, CONNECTIONS_MAX).await, all(&sockets, WEBSOCKETS_MAX).await) };
        if timeout(Duration::from_millis(REQUEST_MS), ended).await.is_err() {
            tracing::debug!("some connections did not end in time");
        }
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match self.listener.accept().await {
                Ok((stream, from)) => return Some((stream, from.ip(), place)),
                Err(error) => {
                    tracing::debug!(%error, "no connection accepted");
                    sleep(Duration::from_millis(ACCEPT_AGAIN_MS)).await;
                }
            }
        }
    }
}

/// Waits until nobody holds a place any more.
async fn all(places: &Semaphore, count: usize) {
    let all = u32::try_from(count).unwrap_or(u32::MAX);
    // Never closed.
    drop(places.acquire_many(all).await);
}

/// Serves one connection until it ends, its time is up or the server stops; then lets it finish
/// the request that it is in.
pub(crate) async fn carry(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    from: IpAddr,
    router: Router,
    mut stopping: watch::Receiver<()>,
    place: OwnedSemaphorePermit,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut asked: Request<Incoming>| {
        asked.extensions_mut().insert(From(from));
        router.call(asked)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEAD_MS))
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
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
    use std::net::Ipv4Addr;
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
            carry(near, Ipv4Addr::LOCALHOST.into(), endless, stopping, place).await;
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
