//! The loop around the machine.
use crate::clock::{self, Clock};
use crate::handle::{Ended, Handle};
use crate::lines::Lines;
use crate::links::{Connected, Links};
use crate::metrics::Metrics;
use crate::settings::{INPUTS_MAX, STOP_MS};
use crate::verifier::Verifier;
use crate::workers::{Loan, Workers};
use crate::writer::{self, Commit};
use crate::{MempoolFile, mempool};
use crate::{Settings, StartError};
use isonomy_chain::{Append, Recovered};
use isonomy_crypto::Hash;
use isonomy_node::{Event, Input, Node, Output, Request, SubmitError};
use isonomy_peer::NetAddress;
use isonomy_store::Store;
use isonomy_types::{Link, NodeKey, Now, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::AbortHandle;

/// What reaches the loop.
pub(crate) enum Message {
    Input(Input),
    Connected(Box<Connected>),
    Lost(Link),
    Read(Box<dyn FnOnce(&Node) + Send>),
    Cut(NodeKey),
    Heal(NodeKey),
    Dial(NetAddress),
    Cuts(oneshot::Sender<Vec<NodeKey>>),
    Submit {
        transaction: Box<Transaction>,
        answer: oneshot::Sender<Result<Hash, SubmitError>>,
    },
    /// What waits is to be written.
    Keep,
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
/// If the store cannot be read, the clock is far behind it, or no thread can be started.
pub async fn start(
    settings: Settings,
    mut store: Box<dyn Store>,
    make: impl FnOnce(Now, Recovered, Option<u16>) -> Node,
) -> Result<Handle, StartError> {
    let Settings { listen, identity, secrets, workers, hash_rate, mempool, limits } = settings;
    let key = NodeKey(identity.public());
    let address = listen.as_ref().and_then(|listener| listener.local_addr().ok());
    let (clock, recovered) = (Clock::start(), store.recover().map_err(StartError::Store)?);
    clock::check_recovered(clock.now().wall, &recovered)?;
    let archive = store.archive();
    let (messages, inbox) = mpsc::channel(INPUTS_MAX);
    let metrics = Arc::new(Metrics::new(clock));
    let (commits, writing) =
        writer::start(store, messages.clone(), metrics.clone()).map_err(StartError::Thread)?;
    let secrets = secrets.into_iter().map(|secret| (secret.public(), secret)).collect();
    let cores = || std::thread::available_parallelism().map(usize::from);
    let workers = if workers == 0 { cores().map_err(StartError::Thread)? } else { workers };
    let (archived, verifier) = (archive.clone(), Verifier::counted(workers, metrics.signatures()));
    let loan = Loan { secrets, archive: archived, verifier, threads: workers };
    let workers = Workers::start(workers, hash_rate, loan, messages.clone(), metrics.clone())
        .map_err(StartError::Thread)?;
    let (waited, keeping) = keep(mempool, &messages).map_err(StartError::Thread)?;
    let node = make(clock.now(), recovered, address.map(|address| address.port()));
    let lines = Arc::new(Lines::new());
    let counted = (lines.clone(), metrics.clone());
    let links = Links::new(Arc::new(identity), messages.clone(), counted, limits);
    let listening = listen.map(|listener| links.listen(listener));
    let (events, _) = broadcast::channel(EVENTS_MAX);
    let (end, ended) = watch::channel(None);
    let archive = Arc::downgrade(&archive);
    let handle = Handle {
        messages,
        events: events.clone(),
        ended,
        archive,
        address,
        key,
        clock,
        metrics: metrics.clone(),
    };
    let host = Host {
        clock,
        node,
        links,
        lines,
        listening,
        workers,
        commits,
        keeping,
        events,
        metrics,
        submitted: BTreeMap::new(),
        requests: 0,
        halted: None,
    };
    tokio::spawn(host.run(waited, inbox, writing, end));
    Ok(handle)
}

/// The thread that writes what waits.
type Keeping = (SyncSender<Vec<Transaction>>, JoinHandle<()>);

/// What waited, and the writer of what will wait. It is told when to write.
fn keep(
    file: Option<MempoolFile>,
    messages: &mpsc::Sender<Message>,
) -> std::io::Result<(Vec<Transaction>, Option<Keeping>)> {
    let Some(file) = file else { return Ok((Vec::new(), None)) };
    let (waited, every) = (file.load(), Duration::from_millis(file.write_ms.max(1)));
    let keeping = mempool::start(file)?;
    let messages = messages.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            if messages.send(Message::Keep).await.is_err() {
                return;
            }
        }
    });
    Ok((waited, Some(keeping)))
}

struct Host {
    clock: Clock,
    node: Node,
    links: Links,
    lines: Arc<Lines>,
    listening: Option<AbortHandle>,
    workers: Workers,
    commits: Sender<Commit>,
    keeping: Option<Keeping>,
    events: broadcast::Sender<Event>,
    metrics: Arc<Metrics>,
    submitted: BTreeMap<Request, oneshot::Sender<Result<Hash, SubmitError>>>,
    requests: u64,
    halted: Option<String>,
}

impl Host {
    async fn run(
        mut self,
        waited: Vec<Transaction>,
        mut inbox: mpsc::Receiver<Message>,
        writing: JoinHandle<()>,
        end: watch::Sender<Option<Ended>>,
    ) {
        let mut last = None;
        self.drain();
        // A node that halts before it took back what waited knows of none: the file stays.
        if self.halted.is_none() {
            self.input(Input::Restore { transactions: waited });
            self.serve(&mut inbox).await;
            last = Some(self.node.waiting());
        }
        let ended = self.halted.take().map_or(Ended::Stopped, Ended::Halted);
        if let Some(listening) = &self.listening {
            listening.abort();
        }
        let Self { node, links, workers, commits, keeping, .. } = self;
        drop((node, links));
        let mut written = tokio::task::spawn_blocking(move || {
            workers.stop();
            // What was handed over is still written.
            drop(commits);
            let kept = keeping.map(|(lists, thread)| {
                // The thread outlives its queue.
                last.map(|last| lists.send(last));
                drop(lists);
                thread.join()
            });
            (writing.join(), kept)
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

    /// Until it is told to stop, or halts.
    async fn serve(&mut self, inbox: &mut mpsc::Receiver<Message>) {
        while self.halted.is_none() {
            let wait = self.node.deadline().map_or(Duration::MAX, |at| self.clock.until(at));
            match tokio::time::timeout(wait, inbox.recv()).await {
                Err(_) => self.input(Input::Tick),
                Ok(None | Some(Message::Stop)) => break,
                Ok(Some(message)) => self.message(message),
            }
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.input(input),
            Message::Connected(connected) => {
                self.links.open(*connected).into_iter().for_each(|input| self.input(input));
            }
            Message::Lost(link) => {
                if self.links.close(link) {
                    self.metrics.lost();
                    self.input(Input::Closed { link });
                }
            }
            Message::Cut(key) => {
                self.links.cut(key).into_iter().for_each(|input| self.input(input));
            }
            Message::Heal(key) => self.links.heal(key),
            Message::Dial(address) => self.links.dial(address),
            // Whoever asked may have gone.
            Message::Cuts(answer) => drop(answer.send(self.links.cuts())),
            Message::Read(look) => look(&self.node),
            Message::Submit { transaction, answer } => {
                self.requests = self.requests.wrapping_add(1);
                let request = Request(self.requests);
                self.submitted.insert(request, answer);
                self.input(Input::Submit { request, transaction });
            }
            Message::Keep => self.keep(),
            Message::Stop => {}
        }
    }

    fn keep(&self) {
        if let Some((lists, _)) = &self.keeping {
            // A disk that hangs with one list has no use for the next.
            let _ = lists.try_send(self.node.waiting());
        }
    }

    fn input(&mut self, input: Input) {
        if let Input::Received { bytes, .. } = &input {
            self.metrics.received(bytes.len());
        }
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
            Output::Send { link, bytes } => {
                self.metrics.sent(bytes.len());
                self.links.send(link, bytes);
            }
            Output::Close { link, why } => {
                self.metrics.closed(&why);
                self.links.close(link);
            }
            Output::Dial { address } => self.links.dial(address),
            Output::Job(id, job) => self.workers.take(id, job),
            Output::Cancel(id) => self.workers.cancel(id),
            Output::Commit { ticket, append, flush } => {
                let blocks = append.iter().filter(|it| matches!(it, Append::Block { .. })).count();
                self.metrics.blocks_imported.inc_by(u64::try_from(blocks).unwrap_or(u64::MAX));
                self.metrics.commits_waiting.inc();
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
        match &event {
            Event::Best { left, .. } => self.metrics.best(*left),
            Event::Condemned { .. } => self.metrics.condemned(),
            _ => {}
        }
        match &event {
            Event::Best { .. } | Event::Flushed { .. } | Event::Final { .. } => {
                tracing::debug!(?event);
            }
            // Others decide how often these come.
            _ => self.lines.say(|| format!("{event:?}")),
        }
        // Nobody has to listen.
        let _ = self.events.send(event);
    }
}
