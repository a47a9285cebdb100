//! One HTTP request: who may ask, how, and how much.
use crate::error::Refusal;
use crate::jsonrpc;
use crate::limits::{REQUEST_BYTES_MAX, REQUEST_MS};
use crate::source::{Desk, Source};
use crate::watch;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use isonomy_client::api::code;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Who may ask.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    /// Only whoever asks for this machine by one of its own names. A web page that made its own name
    /// point here (DNS rebinding) asks for that name, and is refused.
    pub(crate) loopback_only: bool,
}

/// A request that gets no further than HTTP.
type Turned = (StatusCode, Refusal);

pub(crate) fn router(source: Source, guard: Guard) -> Router {
    let methods = post(handle).fallback(async || {
        turned((StatusCode::METHOD_NOT_ALLOWED, request("ask by POST, with JSON-RPC in the body")))
    });
    let elsewhere = async || {
        turned((
            StatusCode::NOT_FOUND,
            request("ask by POST at /, or GET /health, /ready or /metrics"),
        ))
    };
    let desk = Arc::new(Desk::new(source));
    watch::routes().route("/", methods).fallback(elsewhere).with_state((desk, guard))
}

async fn handle(State((desk, guard)): State<(Arc<Desk>, Guard)>, asked: Request) -> Response {
    let answer = async {
        guard.admit(asked.headers())?;
        let body = read(asked.into_body()).await?;
        Ok(desk.answer(&body).await)
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

impl Guard {
    /// Whether whoever sent this head may ask at all.
    pub(crate) fn admit_host(self, head: &HeaderMap) -> Result<(), Turned> {
        let host = text(head, HOST);
        if self.loopback_only && !host.is_some_and(is_loopback) {
            let got = host.unwrap_or_default();
            let why =
                format!("this node answers its own machine alone; ask for 127.0.0.1, not {got:?}");
            return Err((StatusCode::FORBIDDEN, request(why)));
        }
        Ok(())
    }

    /// Whether a request with this head may go on. Web pages can send foreign servers no JSON
    /// without asking them first, and nobody answers that here.
    fn admit(self, head: &HeaderMap) -> Result<(), Turned> {
        self.admit_host(head)?;
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
