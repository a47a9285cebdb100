//! One HTTP request: who may ask, how, and how much.
use crate::access::{Access, Admitted, Rates};
use crate::error::Refusal;
use crate::jsonrpc::{self, Caller};
use crate::limits::{REQUEST_BYTES_MAX, REQUEST_MS, WEBSOCKETS_MAX};
use crate::news::Follower;
use crate::openrpc;
use crate::pages;
use crate::socket::{self, Socket};
use crate::source::Desk;
use crate::watch;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Query, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use isonomy_client::api::code;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Who may ask.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    /// Only whoever asks for this machine by one of its own names. A web page that made its own name
    /// point here (DNS rebinding) asks for that name, and is refused.
    pub(crate) loopback_only: bool,
}

/// A request that gets no further than HTTP.
type Turned = (StatusCode, Refusal);

/// What all connections of a server share.
pub(crate) struct Room {
    pub(crate) desk: Arc<Desk>,
    pub(crate) guard: Guard,
    pub(crate) access: Access,
    pub(crate) rates: Rates,
    pub(crate) follower: Arc<Follower>,
    /// Places for WebSockets.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) stopping: tokio::sync::watch::Receiver<()>,
}

pub(crate) fn router(room: Arc<Room>) -> Router {
    let methods = post(handle).get(pages::file).fallback(async || {
        let why = "ask by POST, with JSON-RPC in the body; GET shows the explorer";
        turned((StatusCode::METHOD_NOT_ALLOWED, request(why)))
    });
    let elsewhere = async || {
        let there = "ask by POST at /, or GET /, /ws, /openrpc.json, /health, /ready or /metrics";
        turned((StatusCode::NOT_FOUND, request(there)))
    };
    watch::routes()
        .merge(pages::routes())
        .route("/", methods)
        .route("/ws", any(open))
        .route("/openrpc.json", get(document))
        .fallback(elsewhere)
        .with_state(room)
}

async fn handle(State(room): State<Arc<Room>>, asked: Request) -> Response {
    let answer = async {
        room.guard.admit_json(asked.headers())?;
        let admitted = room.admit(asked.headers(), asked.extensions(), None)?;
        let mut caller = Caller { admitted, rates: &room.rates, listener: None };
        let body = read(asked.into_body()).await?;
        Ok(jsonrpc::answer(&room.desk, &mut caller, &body).await)
    };
    match tokio::time::timeout(Duration::from_millis(REQUEST_MS), answer).await {
        Ok(Ok(Some(answer))) => json(StatusCode::OK, answer),
        // Nothing but notifications.
        Ok(Ok(None)) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(refused)) => turned(refused),
        Err(_) => {
            let why = format!("no answer within {REQUEST_MS} ms; ask for less, or again later");
            turned((StatusCode::SERVICE_UNAVAILABLE, Refusal::new(code::UNREADY, why)))
        }
    }
}

/// Opens a WebSocket.
async fn open(
    State(room): State<Arc<Room>>,
    Query(Shown { token }): Query<Shown>,
    extensions: Extensions,
    head: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let opened = room.guard.admit_socket(&head).and_then(|()| {
        let admitted = room.admit(&head, &extensions, token.as_deref())?;
        let upgrade = upgrade.map_err(|error| {
            (StatusCode::BAD_REQUEST, request(format!("open a WebSocket here: {error}")))
        })?;
        let place = room.places.clone().try_acquire_owned().map_err(|_| {
            let why =
                format!("{WEBSOCKETS_MAX} WebSockets are open; close one, or try again later");
            (StatusCode::SERVICE_UNAVAILABLE, Refusal::new(code::UNREADY, why))
        })?;
        let socket = Socket { room: room.clone(), admitted, place };
        Ok(socket::bounded(upgrade).on_upgrade(|far| socket.carry(far)))
    });
    opened.unwrap_or_else(turned)
}

/// The document of all methods.
async fn document(
    State(room): State<Arc<Room>>,
    extensions: Extensions,
    head: HeaderMap,
) -> Response {
    let admitted = room.guard.admit(&head).and_then(|()| room.admit(&head, &extensions, None));
    match admitted {
        Ok(_) => {
            json(StatusCode::OK, openrpc::document(&room.desk.source.about.version).to_string())
        }
        Err(refused) => turned(refused),
    }
}

/// What browsers can add to a WebSocket's address, for want of a header.
#[derive(serde::Deserialize)]
struct Shown {
    token: Option<String>,
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub(crate) struct From(pub(crate) IpAddr);

impl Room {
    /// Who asks with this head, or shows this token.
    pub(crate) fn admit(
        &self,
        head: &HeaderMap,
        extensions: &Extensions,
        token: Option<&str>,
    ) -> Result<Admitted, Turned> {
        let from =
            extensions.get::<From>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |from| from.0);
        let shown = shown(head).or(token);
        self.access.admit(shown, from).ok_or_else(|| {
            let why = match shown {
                Some(_) => {
                    "nobody has this token; it may be of an earlier start: read the file again"
                }
                None => {
                    "who asks here needs a token: for example the one in rpc.cookie in the node's \
                         directory (ISONOMY_TOKEN_FILE names its file)"
                }
            };
            (StatusCode::UNAUTHORIZED, Refusal::new(code::DENIED, why))
        })
    }
}

/// The token that a head shows: as a bearer, or in a cookie.
fn shown(head: &HeaderMap) -> Option<&str> {
    let bearer = text(head, AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let cookies = || text(head, COOKIE).unwrap_or_default().split(';');
    let cookie = || cookies().find_map(|pair| pair.trim().strip_prefix("isonomy_token="));
    bearer.map(str::trim).or_else(cookie)
}

impl Guard {
    /// Whether a request that came to this name may go on.
    pub(crate) fn admit(self, head: &HeaderMap) -> Result<(), Turned> {
        let host = text(head, HOST);
        if self.loopback_only && !host.is_some_and(is_loopback) {
            let got = host.unwrap_or_default();
            let why =
                format!("this node answers its own machine alone; ask for 127.0.0.1, not {got:?}");
            return Err((StatusCode::FORBIDDEN, request(why)));
        }
        Ok(())
    }

    /// Whether a WebSocket with this head may be opened: browsers let any web page open one to
    /// anywhere, and say which page it is.
    fn admit_socket(self, head: &HeaderMap) -> Result<(), Turned> {
        self.admit(head)?;
        let Some(origin) = head.get(ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default();
        let page = origin.split_once("://").map(|(_, page)| page);
        if page
            .is_some_and(|page| text(head, HOST).is_some_and(|own| own.eq_ignore_ascii_case(page)))
        {
            return Ok(());
        }
        let why = format!("a page of {origin:?} may not ask here; open the one this node serves");
        Err((StatusCode::FORBIDDEN, request(why)))
    }

    /// Whether a request with this head may go on. Web pages can send foreign servers no JSON
    /// without asking them first, and nobody answers that here.
    fn admit_json(self, head: &HeaderMap) -> Result<(), Turned> {
        self.admit(head)?;
        let kind = text(head, CONTENT_TYPE).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let why = format!("send content-type: application/json, not {kind:?}");
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, request(why)));
        }
        let claimed = text(head, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if claimed.is_some_and(|length| length > REQUEST_BYTES_MAX as u64) {
            return Err(large());
        }
        Ok(())
    }
}

fn text(head: &HeaderMap, name: HeaderName) -> Option<&str> {
    head.get(name).and_then(|value| value.to_str().ok())
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let ip = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || ip.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

async fn read(body: Body) -> Result<axum::body::Bytes, Turned> {
    // Either too long or broken off; whoever broke it off hears nothing.
    to_bytes(body, REQUEST_BYTES_MAX).await.map_err(|_| large())
}

fn large() -> Turned {
    let why = format!("more than {REQUEST_BYTES_MAX} bytes in one request; send less at a time");
    (StatusCode::PAYLOAD_TOO_LARGE, request(why))
}

fn request(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(code::REQUEST, why)
}

pub(crate) fn turned((status, refusal): Turned) -> Response {
    json(status, jsonrpc::refusal(&serde_json::Value::Null, &refusal))
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
