//! The store's thread: commits in order, many appends to one sync.
#![allow(clippy::disallowed_methods)] // Writes are timed.
use crate::metrics::Metrics;
use crate::run::Message;
use isonomy_chain::{Append, Flush};
use isonomy_node::{Input, Ticket};
use isonomy_store::Store;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::mpsc;

pub(crate) struct Commit {
    pub(crate) ticket: Ticket,
    pub(crate) append: Vec<Append>,
    pub(crate) flush: Option<Box<Flush>>,
}

/// Ends, with everything written, when the sender is dropped.
pub(crate) fn start(
    store: Box<dyn Store>,
    answers: mpsc::Sender<Message>,
    metrics: Arc<Metrics>,
) -> std::io::Result<(Sender<Commit>, JoinHandle<()>)> {
    let (sender, commits) = channel();
    let thread = std::thread::Builder::new()
        .name("isonomy-store".into())
        .spawn(move || write_all(store, &commits, &answers, &metrics))?;
    Ok((sender, thread))
}

fn write_all(
    mut store: Box<dyn Store>,
    commits: &Receiver<Commit>,
    answers: &mpsc::Sender<Message>,
    metrics: &Metrics,
) {
    let mut held = None;
    while let Some(first) = held.take().or_else(|| commits.recv().ok()) {
        let mut batch = vec![first];
        while batch.last().is_some_and(|commit| commit.flush.is_none())
            && let Ok(next) = commits.try_recv()
        {
            if next.flush.is_some() {
                held = Some(next);
                break;
            }
            batch.push(next);
        }
        if let Err(failed) = write(&mut *store, batch, answers, metrics) {
            let failed = Input::StoreFailed { why: failed.why };
            let _ = answers.blocking_send(Message::Input(failed));
            return;
        }
    }
}

fn write(
    store: &mut dyn Store,
    batch: Vec<Commit>,
    answers: &mpsc::Sender<Message>,
    metrics: &Metrics,
) -> Result<(), isonomy_chain::StoreFailed> {
    let (mut entries, mut rest) = (Vec::new(), Vec::new());
    for Commit { ticket, append, flush } in batch {
        entries.extend(append);
        rest.push((ticket, flush));
    }
    if !entries.is_empty() {
        let began = Instant::now();
        store.append(&entries)?;
        metrics.appended(began.elapsed());
    }
    for (ticket, flush) in rest {
        let began = flush.is_some().then(Instant::now);
        let view = flush.map(|flush| store.flush(&flush)).transpose()?;
        began.iter().for_each(|began| metrics.flushed(began.elapsed()));
        metrics.commits_waiting.dec();
        // A host that is stopping no longer listens; what is written stays written.
        let _ = answers.blocking_send(Message::Input(Input::Committed { ticket, view }));
    }
    Ok(())
}
