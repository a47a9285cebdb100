use isonomy_chain::{Archive, Chain};
use std::sync::Arc;
use std::time::Duration;

/// A look at a node's chain between two of its inputs. The node waits while it lasts.
pub type Look = Box<dyn FnOnce(&Chain) + Send>;

/// The node has stopped, and answers nothing more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the node has stopped")]
pub struct Stopped;

/// How an index reaches the node that it follows: what its owner gives. Each may block, so none is
/// called on the node's own thread.
pub struct Source {
    /// Has the chain looked at, and returns once that was done.
    pub look: Box<dyn Fn(Look) -> Result<(), Stopped> + Send>,
    /// What left the node's memory. Kept no longer than one step.
    pub archive: Box<dyn Fn() -> Result<Arc<dyn Archive>, Stopped> + Send>,
    /// Returns once best may have moved since it returned last. Early and often does no harm.
    pub wait: Box<dyn FnMut() -> Result<(), Stopped> + Send>,
    /// Returns after so long, or once the node has stopped.
    pub pause: Box<dyn FnMut(Duration) -> Result<(), Stopped> + Send>,
}

impl Source {
    /// What a look shows.
    pub(crate) fn see<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Chain) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (sender, seen) = std::sync::mpsc::sync_channel(1);
        // The receiver waits below.
        (self.look)(Box::new(move |chain| drop(sender.send(look(chain)))))?;
        seen.recv().map_err(|_| Stopped)
    }
}
