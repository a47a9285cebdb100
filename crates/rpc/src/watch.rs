//! What machines ask by plain GET: is the node alive, is it ready, what are its metrics.
use crate::error::Refusal;
use crate::http::{Room, turned};
use crate::limits::{REQUEST_MS, WEBSOCKETS_MAX};
use crate::source::Later;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isonomy_client::api::code;
use isonomy_node::Node;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What watches a node from outside of it.
#[derive(Clone, Default)]
pub struct Watch {
    /// The metrics of the node behind the server, as OpenMetrics text without its last line. `None`:
    /// `/metrics` shows those of the server alone.
    pub metrics: Option<Metrics>,
    /// Whether the owner gave addresses of peers: then the node is ready once one of them is.
    pub peers: bool,
}

/// Reads a node's metrics.
pub type Metrics = Arc<dyn Fn() -> Later<String> + Send + Sync>;

/// What a request says of who asks.
type Asked = (HeaderMap, Extensions);

/// What a Prometheus server reads.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
}

/// Alive: the node's task answers.
async fn health(
    State(room): State<Arc<Room>>,
    head: HeaderMap,
    extensions: Extensions,
) -> Response {
    answer(&room, (head, extensions), async { room.desk.look(|_| ()).await }, |()| {
        state(StatusCode::OK, &json!({ "healthy": true }))
    })
    .await
}

/// Ready: what it answers is about the chain as it is now.
async fn ready(State(room): State<Arc<Room>>, head: HeaderMap, extensions: Extensions) -> Response {
    let peers = room.desk.source.watch.peers;
    let look = async { room.desk.look(move |node| unready(node, peers)).await };
    answer(&room, (head, extensions), look, |why| match why {
        None => state(StatusCode::OK, &json!({ "ready": true })),
        Some(why) => state(StatusCode::SERVICE_UNAVAILABLE, &json!({ "ready": false, "why": why })),
    })
    .await
}

async fn metrics(
    State(room): State<Arc<Room>>,
    head: HeaderMap,
    extensions: Extensions,
) -> Response {
    let read = async {
        let node = match &room.desk.source.watch.metrics {
            Some(read) => read().await?,
            None => String::new(),
        };
        let sockets = WEBSOCKETS_MAX.saturating_sub(room.places.available_permits());
        Ok(format!("{node}{}# EOF\n", room.desk.counts.encode(sockets)))
    };
    let shown = |text| ([(CONTENT_TYPE, OPENMETRICS)], text).into_response();
    answer(&room, (head, extensions), read, shown).await
}

/// Why a node is not ready.
fn unready(node: &Node, peers: bool) -> Option<String> {
    let sync = node.sync();
    if node.halted() {
        return Some("the node has halted; see its log".into());
    }
    if sync.is_catching_up() {
        let (behind, target) = (sync.behind(), sync.target());
        return Some(format!("catching up: {behind} of {target} blocks to come"));
    }
    let alone = peers && !node.peers().links().any(|peer| peer.ready);
    alone.then(|| "no peer is connected; see that the addresses given are reachable".into())
}

/// The guard's word first, then the answer, if it comes in time.
async fn answer<T>(
    room: &Room,
    (head, extensions): Asked,
    found: impl Future<Output = Result<T, Refusal>>,
    show: impl FnOnce(T) -> Response,
) -> Response {
    let admitted =
        room.guard.admit(&head).and_then(|()| room.admit(&head, &extensions, None).map(drop));
    if let Err(refused) = admitted {
        return turned(refused);
    }
    match tokio::time::timeout(Duration::from_millis(REQUEST_MS), found).await {
        Ok(Ok(found)) => show(found),
        Ok(Err(refusal)) => turned((StatusCode::SERVICE_UNAVAILABLE, refusal)),
        Err(_) => {
            let why = format!("the node does not answer within {REQUEST_MS} ms; see its log");
            turned((StatusCode::SERVICE_UNAVAILABLE, Refusal::new(code::UNREADY, why)))
        }
    }
}

fn state(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
