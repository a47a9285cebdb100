//! Nodes under virtual time, and servers on real sockets in front of them.
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    dead_code
)]
use isonomy_chain::{Archive, StoreFailed};
use isonomy_client::Client;
use isonomy_crypto::Hash;
use isonomy_ledger::{Modules, Receipt, locks, unique};
use isonomy_node::Event;
use isonomy_rpc::{About, Access, Server, Source, Stopped, Watch};
use isonomy_sim::coin::Coin;
use isonomy_sim::work::Role;
use isonomy_sim::{Settings, Sim};
use isonomy_store::{Memory, Store};
use isonomy_types::{Body, Entry, Transaction};
use serde_json::Value;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

type Act = Box<dyn FnOnce(&mut Sim) + Send>;

/// Hosts on a thread of their own. Their time passes only when they are told to run.
#[derive(Clone)]
pub(crate) struct Hosts(Sender<Act>);

impl Hosts {
    /// Brings an index to where a host stands.
    pub(crate) fn index(&self, host: usize, index: &isonomy_index::Index) {
        let (hosts, archive) = (self.clone(), self.source(host).archive);
        let node = isonomy_index::Source {
            look: Box::new(move |look| {
                hosts.act(move |sim| look(sim.node(host).chain()));
                Ok(())
            }),
            archive: Box::new(move || Ok(archive.clone())),
            wait: Box::new(|| Err(isonomy_index::Stopped)),
            pause: Box::new(|_| Err(isonomy_index::Stopped)),
        };
        while index.step(&node).unwrap() {}
    }

    /// One host for each role, all on the chain that `Coin::new(wallets)` makes.
    pub(crate) fn start(wallets: usize, roles: Vec<Role>) -> Self {
        Self::on(move || Coin::new(wallets).unwrap(), roles)
    }

    /// The same on the chain that `coin` makes.
    pub(crate) fn on(coin: impl FnOnce() -> Coin + Send + 'static, roles: Vec<Role>) -> Self {
        let (sender, acts) = channel::<Act>();
        std::thread::spawn(move || {
            let coin = coin();
            let mut sim = Sim::new(Settings { seed: 1, ..Settings::default() }, coin.spec.clone());
            for role in roles {
                sim.add(coin.maker(role), Vec::new());
            }
            acts.into_iter().for_each(|act| act(&mut sim));
        });
        Self(sender)
    }

    pub(crate) fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Sim) -> T + Send + 'static,
    ) -> T {
        let (sender, done) = channel();
        self.0.send(Box::new(move |sim| drop(sender.send(act(sim))))).unwrap();
        done.recv().unwrap()
    }

    /// Keeps the hosts' thread busy until what this gives back is dropped.
    pub(crate) fn hold(&self) -> Sender<()> {
        let (held, release) = channel();
        let (begin, begun) = channel();
        let act = move |_: &mut Sim| {
            begin.send(()).unwrap();
            release.recv().unwrap_err();
        };
        self.0.send(Box::new(act)).unwrap();
        begun.recv().unwrap();
        held
    }

    /// Runs until the best block of `host` is so much higher.
    pub(crate) fn mine(&self, host: usize, blocks: u64) {
        let came = self.act(move |sim| {
            let height = move |sim: &Sim| sim.node(host).chain().best().height;
            let goal = height(sim) + blocks;
            sim.run_until(blocks * 600_000, |sim| height(sim) >= goal)
        });
        assert!(came, "the blocks did not come");
    }

    /// What an owner of `host` gives a server.
    pub(crate) fn source(&self, host: usize) -> Source {
        let (readers, owner) = (self.clone(), self.clone());
        Source {
            read: Arc::new(move |look| {
                let (sender, done) = oneshot::channel();
                let act = move |sim: &mut Sim| {
                    look(sim.node(host));
                    sender.send(()).unwrap_or_default();
                };
                let sent = readers.0.send(Box::new(act)).map_err(|_| Stopped);
                Box::pin(async move {
                    sent?;
                    done.await.map_err(|_| Stopped)
                })
            }),
            submit: Arc::new(move |transaction| {
                let (sender, done) = oneshot::channel();
                let act = move |sim: &mut Sim| drop(sender.send(submit(sim, host, transaction)));
                let sent = owner.0.send(Box::new(act)).map_err(|_| Stopped);
                Box::pin(async move {
                    sent?;
                    done.await.map_err(|_| Stopped)
                })
            }),
            events: silent(),
            admin: None,
            index: None,
            archive: Arc::new(Far { hosts: self.clone(), host }),
            modules: Coin::new(0).unwrap().spec.modules,
            about: about(),
            watch: Watch::default(),
        }
    }
}

fn submit(
    sim: &mut Sim,
    host: usize,
    transaction: Transaction,
) -> Result<Hash, isonomy_node::SubmitError> {
    let wanted = sim.submit(host, transaction).unwrap();
    let verdict = |sim: &Sim| {
        sim.host(host).events().iter().find_map(|(_, event)| match event {
            Event::Submitted { request, result } if *request == wanted => Some(result.clone()),
            _ => None,
        })
    };
    sim.run_until(60_000, |sim| verdict(sim).is_some());
    verdict(sim).unwrap()
}

pub(crate) fn about() -> About {
    About { name: "test chain".into(), version: "9.9.9".into(), mining: true, faucet: None }
}

/// A host's archive, read on the hosts' thread.
struct Far {
    hosts: Hosts,
    host: usize,
}

impl Far {
    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Archive) -> Result<T, StoreFailed> + Send + 'static,
    ) -> Result<T, StoreFailed> {
        let host = self.host;
        self.hosts.act(move |sim| ask(sim.host(host).archive()))
    }
}

impl Archive for Far {
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed> {
        let id = *id;
        self.ask(move |archive| archive.body(&id))
    }

    fn headers(
        &self,
        locator: &[Hash],
        limit_bytes: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreFailed> {
        let locator = locator.to_vec();
        self.ask(move |archive| archive.headers(&locator, limit_bytes, limit))
    }

    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed> {
        self.ask(move |archive| archive.entry_at(height))
    }

    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed> {
        let id = *id;
        self.ask(move |archive| archive.entry(&id))
    }

    fn transaction(&self, id: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        let id = *id;
        self.ask(move |archive| archive.transaction(&id))
    }

    fn receipts(&self, block: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        let block = *block;
        self.ask(move |archive| archive.receipts(&block))
    }
}

/// A chain with all modules of the toolkit.
pub(crate) fn full(wallets: usize) -> Coin {
    let more = Modules::default().with(unique::ID, unique::Unique).unwrap();
    let more = more.with(locks::ID, locks::Locks).unwrap();
    Coin::with(wallets, more, &[unique::ID, locks::ID]).unwrap()
}

/// A miner's role.
pub(crate) fn miner(coin: &Coin, wallet: usize) -> Role {
    Role { mining: true, producer: coin.wallets[wallet].address(), ..Role::default() }
}

/// A node that tells nothing: what it does is only seen by looking.
fn silent() -> isonomy_rpc::Events {
    Arc::new(|| tokio::sync::broadcast::channel(1).1)
}

/// A node that has stopped.
pub(crate) fn stopped() -> Source {
    let coin = Coin::new(1).unwrap();
    Source {
        read: Arc::new(|_| Box::pin(async { Err(Stopped) })),
        submit: Arc::new(|_| Box::pin(async { Err(Stopped) })),
        events: silent(),
        admin: None,
        index: None,
        archive: Memory::new(&coin.spec.genesis).archive(),
        modules: coin.spec.modules,
        about: about(),
        watch: Watch::default(),
    }
}

/// A node whose thread is stuck.
pub(crate) fn stuck() -> Source {
    Source {
        read: Arc::new(|_| Box::pin(pending())),
        submit: Arc::new(|_| Box::pin(pending())),
        ..stopped()
    }
}

/// A server on a free loopback port, for as long as the test lasts.
pub(crate) async fn serve(source: Source) -> (SocketAddr, Client) {
    serve_with(source, Access::at(Server::ADDRESS)).await
}

/// The same, for other askers.
pub(crate) async fn serve_with(source: Source, access: Access) -> (SocketAddr, Client) {
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap().with_access(access);
    let address = server.address();
    tokio::spawn(server.serve(source, pending()));
    (address, Client::from(address))
}

/// The head of a good request for this body.
pub(crate) fn head(address: SocketAddr, length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    )
}

/// Sends bytes, and gives back the status and the body of the answer.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The far end may answer, and close, before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or("0");
    (status.parse().unwrap(), body.to_owned())
}

/// Posts a body, and gives back the JSON of the answer.
pub(crate) async fn post(address: SocketAddr, body: &str) -> Value {
    let request = head(address, body.len()) + body;
    let (status, answer) = exchange(address, request.as_bytes()).await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}
