//! A node that answers as it is told to, for tests of the load.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods
)]
use isonomy_client::Client;
use isonomy_client::api::SubmitQuestion;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Decode, Transaction, Wall};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it holds of one account's lane: the transactions 0, 1, 2 …
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) ids: Vec<Hash>,
    /// Takes nothing.
    pub(crate) refuses: bool,
    /// Takes what it gets and breaks the connection instead of saying so.
    pub(crate) breaks_off: bool,
    pub(crate) submitted: usize,
}

pub(crate) struct Fake {
    pub(crate) client: Client,
    pub(crate) held: Arc<Mutex<Held>>,
}

impl Fake {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::from(listener.local_addr().unwrap());
        let held: Arc<Mutex<Held>> = Arc::default();
        let fake = Self { client, held: held.clone() };
        std::thread::spawn(move || {
            listener.incoming().for_each(|stream| answer(stream.unwrap(), &held));
        });
        fake
    }

    pub(crate) fn ids(&self) -> Vec<Hash> {
        self.held.lock().unwrap().ids.clone()
    }
}

/// One request a connection.
fn answer(mut stream: TcpStream, held: &Mutex<Held>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    for line in reader.by_ref().lines() {
        let line = line.unwrap().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() || body.is_empty() {
        return;
    }
    let question: Value = serde_json::from_slice(&body).unwrap();
    let Some(result) = held.lock().unwrap().result(&question) else { return };
    let (key, value) = match result {
        Ok(result) => ("result", result),
        Err(code) => ("error", json!({"code": code, "message": "no"})),
    };
    let body = json!({"jsonrpc": "2.0", "id": 1, key: value}).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

impl Held {
    fn result(&mut self, question: &Value) -> Option<Result<Value, i64>> {
        use isonomy_client::api::code;
        let params = question["params"].clone();
        Some(match question["method"].as_str().unwrap() {
            "status" => Ok(serde_json::to_value(status()).unwrap()),
            "account" => Ok(json!({
                "address": params["address"], "balance": "5", "policy": null, "lanes": [],
                "next": self.ids.len(), "at": {"height": 0, "block": Hash::ZERO},
            })),
            "transaction" => match self.ids.iter().any(|id| json!(id) == params["id"]) {
                true => Ok(json!({
                    "id": params["id"], "status": "waiting", "receipt": null, "transaction": {
                        "intent": {"version": 1, "signers": [], "actions": [], "meter_limit": 1,
                            "price": 2, "expires": 3},
                        "witnesses": [],
                    },
                })),
                false => Err(code::NOT_FOUND),
            },
            "submit" => return self.submit(params),
            other => panic!("{other}"),
        })
    }

    /// As a pool does: the next of its lane, or one that it holds.
    fn submit(&mut self, params: Value) -> Option<Result<Value, i64>> {
        self.submitted += 1;
        let question: SubmitQuestion = serde_json::from_value(params).unwrap();
        let transaction = Transaction::decode_exact(&question.transaction).unwrap();
        let (id, seq) = (transaction.intent().id(), transaction.intent().signers[0].nonce.seq);
        let fits = self.ids.contains(&id) || seq == self.ids.len() as u64;
        if self.refuses || !fits {
            return Some(Err(isonomy_client::api::code::REFUSED));
        }
        if !self.ids.contains(&id) {
            self.ids.push(id);
        }
        (!self.breaks_off).then(|| Ok(json!({"id": id})))
    }
}

pub(crate) fn status() -> isonomy_client::api::Status {
    isonomy_client::api::Status {
        version: String::new(),
        protocol: 1,
        name: String::new(),
        genesis: Hash::ZERO,
        height: 1,
        tip: Hash::ZERO,
        state_root: Hash::ZERO,
        time: Wall(1),
        base: 0,
        headers: 0,
        waiting: 0,
        catching_up: false,
        target: 1,
        peers: 1,
        mempool: 0,
        mining: true,
        reorgs: 0,
        index: None,
        faucet: None,
    }
}

/// Nobody in particular.
pub(crate) const TO: Address = Address(Hash::ZERO);
