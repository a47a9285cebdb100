//! How an index follows the host.
use isonomy_host::{Handle, StartError};
use isonomy_index::{Index, Source, Stopped};
use isonomy_node::Event;
use std::sync::Arc;
use tokio::runtime::Handle as Runtime;
use tokio::sync::{broadcast::error::RecvError, watch};

/// Follows on a thread of its own until the node ends. Then `done` goes, and the file is closed
/// unless somebody still asks.
pub(crate) fn follow(
    handle: &Handle,
    index: Arc<Index>,
    done: watch::Sender<()>,
) -> Result<(), StartError> {
    let source = source(handle);
    let follow = move || {
        index.follow(source);
        drop(index);
        drop(done);
    };
    let thread = std::thread::Builder::new().name("index".into());
    thread.spawn(follow).map(drop).map_err(StartError::Thread)
}

fn source(handle: &Handle) -> Source {
    let (runtime, looker, archive) = (Runtime::current(), handle.clone(), handle.clone());
    let (waiter, waiting, mut events) = (runtime.clone(), handle.clone(), handle.events());
    let (pauser, pausing) = (runtime.clone(), handle.clone());
    Source {
        look: Box::new(move |look| {
            let seen = looker.read(move |node| look(node.chain()));
            runtime.block_on(seen).map_err(|_| Stopped)
        }),
        archive: Box::new(move || archive.archive().map_err(|_| Stopped)),
        wait: Box::new(move || {
            waiter.block_on(async {
                tokio::select! {
                    moved = moved(&mut events) => moved,
                    _ = waiting.ended() => Err(Stopped),
                }
            })
        }),
        pause: Box::new(move |pause| {
            let ended = async { tokio::time::timeout(pause, pausing.ended()).await };
            pauser.block_on(ended).map_or(Ok(()), |_| Err(Stopped))
        }),
    }
}

/// Waits until best moved, or may have: of events that were missed, one may have said so.
async fn moved(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Result<(), Stopped> {
    loop {
        match events.recv().await {
            Ok(Event::Best { .. }) | Err(RecvError::Lagged(_)) => return Ok(()),
            Ok(_) => {}
            Err(RecvError::Closed) => return Err(Stopped),
        }
    }
}
