//! One question and its answer: JSON-RPC 2.0 in the bodies of one HTTP exchange.
use crate::{ClientError, Token};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, Response, StatusCode, Uri, body::Bytes, body::Incoming};
use hyper_util::client::legacy::{Client as Http, connect::HttpConnector};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::error::Error;

/// Bytes of one answer: a block of the smallest transactions, or a receipt of the largest events,
/// in hex. Stops whatever answers from filling the asker's memory.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Serialize)]
pub(crate) struct Question<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    params: Value,
}

impl<'a> Question<'a> {
    /// Asks `method` with `params`, of which `()` means none.
    pub(crate) fn text(
        id: u64,
        method: &'a str,
        params: impl Serialize,
    ) -> Result<String, serde_json::Error> {
        let params = serde_json::to_value(params)?;
        serde_json::to_string(&Question { jsonrpc: "2.0", id, method, params })
    }
}

#[derive(Deserialize)]
pub(crate) struct Answer<T> {
    pub(crate) result: Option<T>,
    pub(crate) error: Option<Failure>,
}

impl<T> Answer<T> {
    pub(crate) fn read(self, bad: impl FnOnce(&str) -> ClientError) -> Result<T, ClientError> {
        match self {
            Self { error: Some(Failure { code, message }), .. } => {
                Err(ClientError::Refused { code, message })
            }
            Self { result: Some(result), .. } => Ok(result),
            Self { .. } => Err(bad("neither a result nor an error")),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Failure {
    code: i64,
    message: String,
}

/// Asks `method` with `params`, of which `()` means none.
pub(crate) async fn exchange<T: DeserializeOwned>(
    http: &Http<HttpConnector, Full<Bytes>>,
    uri: &Uri,
    token: Option<&Token>,
    method: &str,
    params: impl Serialize,
) -> Result<T, ClientError> {
    let bad = |why: String| ClientError::BadAnswer { address: uri.to_string(), why };
    let unreachable = |error: &(dyn Error + 'static)| ClientError::Unreachable {
        address: uri.to_string(),
        why: innermost(error),
    };
    let request = request(uri, token, method, params).map_err(|error| bad(error.to_string()))?;
    let response = http.request(request).await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let body = read(response).await.map_err(|error| match error.is::<LengthLimitError>() {
        true => bad(format!("more than {ANSWER_BYTES_MAX} bytes")),
        false => unreachable(&*error),
    })?;
    let answer = serde_json::from_slice(&body).map_err(|error| match status {
        StatusCode::OK => bad(error.to_string()),
        other => bad(format!("HTTP status {other}")),
    })?;
    Answer::read(answer, |why| bad(why.into()))
}

fn request(
    uri: &Uri,
    token: Option<&Token>,
    method: &str,
    params: impl Serialize,
) -> Result<Request<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let body = Full::from(Question::text(1, method, params)?);
    let mut request = Request::post(uri).header(CONTENT_TYPE, "application/json").body(body)?;
    if let Some(value) = token.and_then(Token::header) {
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(request)
}

async fn read(response: Response<Incoming>) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX);
    Ok(body.collect().await?.to_bytes())
}

/// What the system says, without the layers that say only that something failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
