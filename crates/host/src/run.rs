//! The loop around the machine.
use crate::clock::Clock;
use crate::handle::{Ended, Handle};
use crate::links::{Connected, Links};
use crate::settings::{INPUTS_MAX, STOP_MS};
use crate::workers::{Loan, Workers};
use crate::writer::{self, Commit};
use crate::{Settings, StartError};
use isonomy_chain::Recovered;
use isonomy_crypto::Hash;
use isonomy_node::{Event, Input, Node, Output, Request, SubmitError};
use isonomy_store::Store;
use isonomy_types::{Link, Now, Transaction};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc::Sender};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::AbortHandle;

/// What reaches the loop.
pub(crate) enum Message {
    Input(Input),
    Connected(Box<Connected>),
    Lost(Link),
    Read(Box<dyn FnOnce(&Node) + Send>),
    Submit { transaction: Box<Transaction>, answer: oneshot::Sender<Result<Hash, SubmitError>> },
    Stop,
}

/// Events that a slow listener may be behind before it misses some.
const EVENTS_MAX: usize = 1_024;

/// Starts a node on what `store` holds. `make` gets the time, what was recovered, and the port on
/// which peers are accepted.
///
/// Must be called within a tokio runtime.
///
/// # Errors
/// If the store cannot be read, the address cannot be listened on, or no thread can be started.
pub async fn start(
    settings: Settings,
    mut store: Box<dyn Store>,
    make: impl FnOnce(Now, Recovered, Option<u16>) -> Node,
) -> Result<Handle, StartError> {
    let Settings { listen, identity, secrets, workers, hash_rate, limits } = settings;
    let listener = match listen {
        None => None,
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .map_err(|source| StartError::Listen { address, source })?,
        ),
    };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let recovered = store.recover().map_err(StartError::Store)?;
    let archive = store.archive();
    let (messages, inbox) = mpsc::channel(INPUTS_MAX);
    let (commits, writing) = writer::start(store, messages.clone()).map_err(StartError::Thread)?;
    let secrets = secrets.into_iter().map(|secret| (secret.public(), secret)).collect();
    let loan = Loan { secrets, archive: archive.clone() };
    let workers = Workers::start(workers, hash_rate, loan, messages.clone());
    let clock = Clock::start();
    let node = make(clock.now(), recovered, address.map(|address| address.port()));
    let links = Links::new(Arc::new(identity), messages.clone(), limits);
    let listening = listener.map(|listener| links.listen(listener));
    let (events, _) = broadcast::channel(EVENTS_MAX);
    let (end, ended) = watch::channel(None);
    let archive = Arc::downgrade(&archive);
    let handle = Handle { messages, events: events.clone(), ended, archive, address };
    let host = Host {
        clock,
        node,
        links,
        listening,
        workers: workers.map_err(StartError::Thread)?,
        commits,
        events,
        submitted: BTreeMap::new(),
        requests: 0,
        halted: None,
    };
    tokio::spawn(host.run(inbox, writing, end));
    Ok(handle)
}

struct Host {
    clock: Clock,
    node: Node,
    links: Links,
    listening: Option<AbortHandle>,
    workers: Workers,
    commits: Sender<Commit>,
    events: broadcast::Sender<Event>,
    submitted: BTreeMap<Request, oneshot::Sender<Result<Hash, SubmitError>>>,
    requests: u64,
    halted: Option<String>,
}

impl Host {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Message>,
        writing: JoinHandle<()>,
        end: watch::Sender<Option<Ended>>,
    ) {
        self.drain();
        while self.halted.is_none() {
            let wait = self.node.deadline().map_or(Duration::MAX, |at| self.clock.until(at));
            match tokio::time::timeout(wait, inbox.recv()).await {
                Err(_) => self.input(Input::Tick),
                Ok(None | Some(Message::Stop)) => break,
                Ok(Some(message)) => self.message(message),
            }
        }
        let ended = self.halted.take().map_or(Ended::Stopped, Ended::Halted);
        if let Some(listening) = &self.listening {
            listening.abort();
        }
        let Self { node, links, workers, commits, .. } = self;
        drop((node, links));
        let mut written = tokio::task::spawn_blocking(move || {
            workers.stop();
            // What was handed over is still written.
            drop(commits);
            writing.join()
        });
        let limit = tokio::time::sleep(Duration::from_millis(STOP_MS));
        tokio::pin!(limit);
        loop {
            tokio::select! {
                _ = &mut written => break,
                () = &mut limit => break,
                // Answers must not block the threads that give them.
                Some(_) = inbox.recv() => {}
            }
        }
        // Unread answers hold views of the store, which is closed once they are gone.
        drop(inbox);
        end.send_replace(Some(ended));
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.input(input),
            Message::Connected(connected) => {
                self.links.open(*connected).into_iter().for_each(|input| self.input(input));
            }
            Message::Lost(link) => {
                if self.links.close(link) {
                    self.input(Input::Closed { link });
                }
            }
            Message::Read(look) => look(&self.node),
            Message::Submit { transaction, answer } => {
                self.requests = self.requests.wrapping_add(1);
                let request = Request(self.requests);
                self.submitted.insert(request, answer);
                self.input(Input::Submit { request, transaction });
            }
            Message::Stop => {}
        }
    }

    fn input(&mut self, input: Input) {
        self.node.handle(self.clock.now(), input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.node.poll() {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => self.links.send(link, bytes),
            Output::Close { link, .. } => drop(self.links.close(link)),
            Output::Dial { address } => self.links.dial(address),
            Output::Job(id, job) => self.workers.take(id, job),
            // The answer of a cancelled job is ignored by the node; its work is a slice.
            Output::Cancel(_) => {}
            Output::Commit { ticket, append, flush } => {
                // A store that failed has said so by `StoreFailed`.
                let _ = self.commits.send(Commit { ticket, append, flush });
            }
            Output::Halt { why } => {
                tracing::error!(why, "the node halts");
                self.halted = Some(why);
            }
            Output::Event(event) => self.event(event),
        }
    }

    fn event(&mut self, event: Event) {
        if let Event::Submitted { request, result } = &event
            && let Some(answer) = self.submitted.remove(request)
        {
            // Whoever asked may have gone.
            let _ = answer.send(result.clone());
        }
        tracing::debug!(?event);
        // Nobody has to listen.
        let _ = self.events.send(event);
    }
}
