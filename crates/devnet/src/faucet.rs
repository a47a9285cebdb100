//! Gives coins away over HTTP, on this machine alone.
use crate::account::Account;
use crate::load::Running;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isonomy_crypto::Hash;
use isonomy_types::Address;
use isonomy_wallet::Wallet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::AbortHandle;

/// Coins of one payment.
pub const FAUCET_COINS: u128 = 1_000_000;
/// Payments to one address. Stops one caller from taking what is there for all.
pub const FAUCET_ADDRESS_MAX: u32 = 5;
/// Payments in all, while the process runs. Stops callers from filling its memory with addresses.
pub const FAUCET_PAYMENTS_MAX: u32 = 10_000;
/// Questions that wait at a time. Stops them from piling up behind a slow node.
const WAITING_MAX: usize = 16;
/// Bytes of a question: an address in JSON has less than a hundred.
const BODY_BYTES_MAX: usize = 1_024;

/// Why nothing was paid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FaucetError {
    /// The question cannot be read.
    #[error("{0}; send {{\"address\": \"iso1…\"}}, as `isonomy keys show` prints one")]
    Question(String),
    /// This address had its share.
    #[error(
        "{address} had {limit} payments, which is all: send on from it, or make another account"
    )]
    Share {
        /// Whose.
        address: Address,
        /// [`FAUCET_ADDRESS_MAX`].
        limit: u32,
    },
    /// It gave all it gives.
    #[error("{limit} payments were made, which is all: start the devnet again")]
    Dry {
        /// [`FAUCET_PAYMENTS_MAX`].
        limit: u32,
    },
    /// Too many ask at once.
    #[error("{limit} others wait already: try again in a moment")]
    Busy {
        /// How many may wait.
        limit: usize,
    },
    /// No node runs, or the one that was asked refuses.
    #[error("no node took the transfer: try again in a moment")]
    Untaken,
    /// It was switched off, or the network is older than faucets are.
    #[error("this network has no faucet: start it without --no-faucet, in a new --dir")]
    Absent,
    /// A page of another machine asks.
    #[error("asked as {0:?}: ask the faucet on this machine, as 127.0.0.1 or localhost")]
    Foreign(String),
}

impl FaucetError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Question(_) => StatusCode::BAD_REQUEST,
            Self::Share { .. } | Self::Dry { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Untaken | Self::Absent => StatusCode::SERVICE_UNAVAILABLE,
            Self::Foreign(_) => StatusCode::FORBIDDEN,
        }
    }
}

/// Its account, and who was paid. Ends its service when it is dropped.
pub(crate) struct Faucet {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: AbortHandle,
}

struct Desk {
    till: Mutex<Till>,
    places: Semaphore,
}

struct Till {
    account: Account,
    running: watch::Receiver<Running>,
    paid: BTreeMap<Address, u32>,
    payments: u32,
}

impl Faucet {
    /// Takes a free loopback port, and answers there.
    pub(crate) async fn start(
        wallet: Wallet,
        running: watch::Receiver<Running>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let account = Account::new(0, wallet);
        let till = Till { account, running, paid: BTreeMap::new(), payments: 0 };
        let desk = Arc::new(Desk { till: Mutex::new(till), places: Semaphore::new(WAITING_MAX) });
        let router = Router::new()
            .route("/", get(about).post(asked).options(allowed))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(desk.clone());
        let serving = async move { drop(axum::serve(listener, router).await) };
        let task = tokio::spawn(serving).abort_handle();
        Ok(Self { address, desk, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) async fn pay(&self, to: Address) -> Result<Hash, FaucetError> {
        self.desk.pay(to).await
    }
}

impl Drop for Faucet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    async fn pay(&self, to: Address) -> Result<Hash, FaucetError> {
        let _place =
            self.places.try_acquire().map_err(|_| FaucetError::Busy { limit: WAITING_MAX })?;
        self.till.lock().await.pay(to).await
    }
}

impl Till {
    async fn pay(&mut self, to: Address) -> Result<Hash, FaucetError> {
        let had = self.paid.get(&to).copied().unwrap_or_default();
        if had >= FAUCET_ADDRESS_MAX {
            return Err(FaucetError::Share { address: to, limit: FAUCET_ADDRESS_MAX });
        }
        if self.payments >= FAUCET_PAYMENTS_MAX {
            return Err(FaucetError::Dry { limit: FAUCET_PAYMENTS_MAX });
        }
        let running = self.running.borrow().clone();
        let id = self.account.send(&running, to, FAUCET_COINS).await;
        let id = id.ok_or(FaucetError::Untaken)?;
        self.paid.insert(to, had.saturating_add(1));
        self.payments = self.payments.saturating_add(1);
        Ok(id)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    address: Address,
}

async fn asked(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let paid = match local(&headers).and_then(|()| question(&headers, &body)) {
        Ok(to) => desk.pay(to).await,
        Err(error) => Err(error),
    };
    let (status, answer) = match paid {
        Ok(id) => (StatusCode::OK, serde_json::json!({ "id": id })),
        Err(error) => (error.status(), serde_json::json!({ "error": error.to_string() })),
    };
    let kind = [(header::CONTENT_TYPE, "application/json")];
    shared(&headers, (status, kind, answer.to_string()).into_response())
}

/// What a page of a node's explorer may send, which comes from another port of this machine.
async fn allowed(headers: HeaderMap) -> Response {
    let methods = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    ];
    shared(&headers, (StatusCode::NO_CONTENT, methods).into_response())
}

/// Lets the page that asked read the answer, if it is of this machine.
fn shared(headers: &HeaderMap, mut response: Response) -> Response {
    let origin = headers.get(header::ORIGIN).filter(|_| local(headers).is_ok());
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// Stops pages of other machines from asking through this machine's browser, also under a name
/// that they had point here (DNS rebinding).
fn local(headers: &HeaderMap) -> Result<(), FaucetError> {
    let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let here = |authority: &str| {
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
        matches!(host, "127.0.0.1" | "localhost") && port.parse::<u16>().is_ok()
    };
    let host = text(header::HOST).unwrap_or_default();
    if !here(&host) {
        return Err(FaucetError::Foreign(host.into_owned()));
    }
    match text(header::ORIGIN) {
        Some(origin) if !origin.strip_prefix("http://").is_some_and(here) => {
            Err(FaucetError::Foreign(origin.into_owned()))
        }
        _ => Ok(()),
    }
}

/// JSON, or what a browser's form sends.
fn question(headers: &HeaderMap, body: &[u8]) -> Result<Address, FaucetError> {
    let wrong = |why: String| FaucetError::Question(why);
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if kind.starts_with(b"application/x-www-form-urlencoded") {
        let text = String::from_utf8_lossy(body);
        return named(&text).ok_or_else(|| wrong("the form names no address".into()));
    }
    let asked = serde_json::from_slice(body).map(|Question { address }| address);
    asked.map_err(|error| wrong(error.to_string()))
}

/// The address of a query or a form: its letters are never escaped.
fn named(text: &str) -> Option<Address> {
    let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == "address").and_then(|(_, address)| address.parse().ok())
}

/// Says what it is, with a form: `?address=…` fills it in.
async fn about(uri: Uri) -> Response {
    let address = uri.query().and_then(named).map(|address| address.to_string());
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Faucet</title>\
         <h1>Faucet of a devnet</h1>\
         <p>Gives {FAUCET_COINS} coins at a time, {FAUCET_ADDRESS_MAX} times to an address. They \
         are for play, and gone with the network.</p>\
         <form method=\"post\"><label>Address <input name=\"address\" size=\"70\" required \
         value=\"{}\"></label> <button>Give</button></form>\
         <p>By program: POST / with {{\"address\": \"iso1…\"}} answers {{\"id\": TRANSACTION}}.</p>\
         </html>\n",
        address.unwrap_or_default()
    );
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, TO};
    use std::io::{Read, Write};
    use std::net::TcpStream;

    async fn faucet(nodes: &[(u64, &Fake)]) -> (Faucet, watch::Sender<Running>) {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::create(&dir.path().join("key")).unwrap();
        let running = nodes.iter().map(|(serial, fake)| (*serial, fake.client.clone())).collect();
        let (sender, running) = watch::channel(running);
        (Faucet::start(wallet, running).await.unwrap(), sender)
    }

    /// Status and body, as a program sees them.
    async fn ask(faucet: &Faucet, head: &str, body: &str) -> (u16, String) {
        let (address, length) = (faucet.address, body.len());
        let text = format!("{head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        let text = text.replace("HERE", &address.to_string());
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            (answer[9..12].parse().unwrap(), answer)
        })
        .await
        .unwrap()
    }

    const POST: &str = "POST / HTTP/1.1\r\nhost: HERE";

    #[tokio::test]
    async fn who_asks_is_paid_by_json_or_form_and_gets_the_id() {
        let node = Fake::start();
        let (faucet, _running) = faucet(&[(1, &node)]).await;
        let (status, said) = ask(&faucet, POST, &format!("{{\"address\": \"{TO}\"}}")).await;
        assert_eq!(status, 200, "{said}");
        assert!(said.contains(&format!("{{\"id\":\"{}\"}}", node.ids()[0])), "{said}");
        let form = format!("{POST}\r\ncontent-type: application/x-www-form-urlencoded");
        assert_eq!(ask(&faucet, &form, &format!("x=1&address={TO}")).await.0, 200);
        assert_eq!(node.ids().len(), 2);
        let (status, page) =
            ask(&faucet, &format!("GET /?address={TO} HTTP/1.1\r\nhost: HERE"), "").await;
        assert!(status == 200 && page.contains(&format!("value=\"{TO}\"")), "{page}");
        let odd =
            "GET /?address=\"><script> HTTP/1.1\r\nhost: HERE".replace(['"', '<', '>'], "%22");
        assert!(ask(&faucet, &odd, "").await.1.contains("value=\"\""));
    }

    #[tokio::test]
    async fn an_address_has_its_share_and_others_theirs() {
        let node = Fake::start();
        let (faucet, _running) = faucet(&[(1, &node)]).await;
        for _ in 0..FAUCET_ADDRESS_MAX {
            faucet.pay(TO).await.unwrap();
        }
        let (status, said) = ask(&faucet, POST, &format!("{{\"address\": \"{TO}\"}}")).await;
        assert!(status == 429 && said.contains("make another account"), "{said}");
        faucet.pay(Address(Hash::from_bytes([9; 32]))).await.unwrap();
        faucet.desk.till.lock().await.payments = FAUCET_PAYMENTS_MAX;
        let dry = faucet.pay(Address(Hash::from_bytes([8; 32]))).await;
        assert_eq!(dry, Err(FaucetError::Dry { limit: FAUCET_PAYMENTS_MAX }));
    }

    #[tokio::test]
    async fn what_cannot_be_paid_says_what_to_do_and_costs_no_share() {
        let node = Fake::start();
        let (faucet, running) = faucet(&[]).await;
        assert_eq!(faucet.pay(TO).await, Err(FaucetError::Untaken));
        running.send_replace([(1, node.client.clone())].into());
        for body in ["", "{}", "{\"address\": \"iso1x\"}", "[]", "{\"address\": 5}"] {
            let (status, said) = ask(&faucet, POST, body).await;
            assert!(status == 400 && said.contains("isonomy keys show"), "{said}");
        }
        assert_eq!(ask(&faucet, POST, &" ".repeat(BODY_BYTES_MAX + 1)).await.0, 413);
        let places = faucet.desk.places.acquire_many(WAITING_MAX as u32).await.unwrap();
        assert_eq!(faucet.pay(TO).await, Err(FaucetError::Busy { limit: WAITING_MAX }));
        drop(places);
        for _ in 0..FAUCET_ADDRESS_MAX {
            faucet.pay(TO).await.unwrap();
        }
    }

    #[tokio::test]
    async fn pages_of_other_machines_get_nothing() {
        let node = Fake::start();
        let (faucet, _running) = faucet(&[(1, &node)]).await;
        let body = format!("{{\"address\": \"{TO}\"}}");
        for head in [
            "POST / HTTP/1.1\r\nhost: evil.example:80".to_owned(),
            format!("{POST}\r\norigin: http://evil.example"),
            format!("{POST}\r\norigin: null"),
            format!("{POST}\r\norigin: http://127.0.0.1.evil.example:80"),
        ] {
            let (status, said) = ask(&faucet, &head, &body).await;
            assert!(status == 403 && !said.contains("allow-origin"), "{said}");
        }
        assert!(node.ids().is_empty());
        let explorer = format!("{POST}\r\norigin: http://127.0.0.1:7332");
        let (status, said) = ask(&faucet, &explorer, &body).await;
        assert!(
            status == 200 && said.contains("access-control-allow-origin: http://127.0.0.1:7332"),
            "{said}"
        );
        let before = explorer.replace("POST", "OPTIONS");
        assert_eq!(ask(&faucet, &before, "").await.0, 204);
    }
}
