//! The explorer: static files, for whoever may reach the server. What they ask, they ask as anybody.
use crate::error::Refusal;
use crate::http::{Room, turned};
use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isonomy_client::api::code;
use isonomy_explorer::{HEADERS, page, policy};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new().route("/assets/{name}", get(file))
}

/// The file of a path.
pub(crate) async fn file(State(room): State<Arc<Room>>, uri: Uri, head: HeaderMap) -> Response {
    if let Err(refused) = room.guard.admit(&head) {
        return turned(refused);
    }
    let Some(page) = page(uri.path()) else {
        let why = format!("no file {}; the explorer begins at /", uri.path());
        return turned((StatusCode::NOT_FOUND, Refusal::new(code::REQUEST, why)));
    };
    let mut answer = page.body.into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.kind));
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let faucet = room.desk.source.about.faucet.as_deref();
    if let Some(Ok(policy)) = faucet.map(|faucet| HeaderValue::try_from(policy(faucet))) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}
