//! A server that stands in for a node's: the pages and headers are the crate's, questions go on to a real
//! node, and a test decides what is told over the WebSocket, what is answered otherwise, and what is down.
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use isonomy_explorer::{HEADERS, page, policy};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) origin: String,
    node: String,
    /// Topics and notices.
    news: broadcast::Sender<(&'static str, Value)>,
    /// What is answered in the node's place, by method: a result.
    answers: Arc<Mutex<BTreeMap<String, Value>>>,
    /// The faucet that the pages may ask.
    pub(crate) faucet: Arc<Mutex<String>>,
    /// Without which nothing is answered, if there is one.
    pub(crate) token: Arc<Mutex<Option<String>>>,
    /// Whether there is a WebSocket.
    pub(crate) socket: Arc<AtomicBool>,
    /// Whether questions are answered.
    pub(crate) up: Arc<AtomicBool>,
}

impl Site {
    /// In front of the node at this address, of whose every new head it tells.
    pub(crate) async fn before(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            node: node.into(),
            news: broadcast::channel(64).0,
            answers: Arc::default(),
            faucet: Arc::default(),
            token: Arc::default(),
            socket: Arc::new(true.into()),
            up: Arc::new(true.into()),
        };
        let router = Router::new()
            .route("/", post(ask).get(file))
            .route("/ws", get(socket))
            .fallback(file)
            .with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::spawn(heads(site.clone()));
        site
    }

    pub(crate) fn tell(&self, topic: &'static str, notice: Value) {
        // Nobody may be listening.
        drop(self.news.send((topic, notice)));
    }

    /// Has a method answered with this from now on.
    pub(crate) fn answer(&self, method: &str, result: Value) {
        self.answers.lock().unwrap().insert(method.into(), result);
    }

    /// What the node says.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = forward(&self.node, question.to_string().as_bytes()).await.unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["result"].take()
    }

    fn own(&self, question: &Value) -> Option<Value> {
        let answers = self.answers.lock().unwrap();
        let result = answers.get(question["method"].as_str()?)?;
        Some(json!({"jsonrpc": "2.0", "id": question["id"], "result": result}))
    }
}

async fn file(State(site): State<Site>, uri: Uri) -> Response {
    let policy = policy(&site.faucet.lock().unwrap());
    let own = |kind| [("content-type", kind), ("content-security-policy", policy)];
    match page(uri.path()) {
        Some(found) => (HEADERS, own(found.kind.to_owned()), found.body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn ask(State(site): State<Site>, head: HeaderMap, body: Bytes) -> Response {
    if !site.up.load(Ordering::Relaxed) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let cookie = head.get("cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    if site.token.lock().unwrap().as_ref().is_some_and(|it| cookie != format!("isonomy_token={it}"))
    {
        let error = json!({"code": -32600, "message": "this node wants a token"});
        let answer = json!({"jsonrpc": "2.0", "id": null, "error": error});
        return (StatusCode::UNAUTHORIZED, answer.to_string()).into_response();
    }
    let question: Value = serde_json::from_slice(&body).unwrap();
    let answer = match &question {
        Value::Array(questions) => {
            let mut answers = Vec::new();
            for one in questions {
                answers.push(answered(&site, one).await);
            }
            Value::Array(answers)
        }
        one => answered(&site, one).await,
    };
    ([("content-type", "application/json")], answer.to_string()).into_response()
}

async fn answered(site: &Site, question: &Value) -> Value {
    match site.own(question) {
        Some(answer) => answer,
        None => {
            let answer = forward(&site.node, question.to_string().as_bytes()).await.unwrap();
            serde_json::from_str(&answer).unwrap()
        }
    }
}

/// One question to a node, over a connection of its own.
async fn forward(node: &str, body: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(node).await?;
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {node}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

async fn socket(State(site): State<Site>, upgrade: WebSocketUpgrade) -> Response {
    match site.socket.load(Ordering::Relaxed) {
        true => upgrade.on_upgrade(async move |socket| subscriber(site, socket).await),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn subscriber(site: Site, mut socket: WebSocket) {
    let (mut news, mut topics) = (site.news.subscribe(), Vec::new());
    loop {
        let out = tokio::select! {
            told = news.recv() => {
                let Ok((topic, notice)) = told else { return };
                let Some(number) = topics.iter().position(|it| it == topic) else { continue };
                let params = json!({"subscription": number, "topic": topic, "notice": notice});
                json!({"jsonrpc": "2.0", "method": "notice", "params": params})
            }
            asked = socket.recv() => {
                let Some(Ok(Message::Text(text))) = asked else { return };
                let asked: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(asked["method"], "subscribe");
                topics.push(asked["params"]["topic"].as_str().unwrap().to_owned());
                let result = json!({"subscription": topics.len() - 1});
                json!({"jsonrpc": "2.0", "id": asked["id"], "result": result})
            }
            () = down(&site) => return,
        };
        if socket.send(Message::text(out.to_string())).await.is_err() {
            return;
        }
    }
}

async fn down(site: &Site) {
    while site.socket.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn heads(site: Site) {
    let mut last = Value::Null;
    loop {
        // Some sites have no node behind them.
        let Ok(_) = TcpStream::connect(&site.node).await else { return };
        let status = site.ask("status", json!({})).await;
        if status["tip"] != last {
            last = status["tip"].clone();
            let header = site.ask("header", json!({"id": last})).await;
            site.tell("heads", json!({
                "id": last, "height": status["height"], "parent": header["header"]["parent"],
                "time": status["time"], "transactions": 1, "left": 0, "state_root": status["state_root"],
            }));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
