//! One connection's queue of notices.
use crate::limits::{QUEUE_BYTES_MAX, QUEUE_MAX};
use isonomy_client::api::{CLOSE_MISSED, CLOSE_SLOW};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What one moment has to say about one interest: the `notice` of each, as JSON, made once for all
/// who hear it.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) topic: &'static str,
    texts: Vec<String>,
    bytes: usize,
}

impl Moment {
    pub(crate) fn new(topic: &'static str, texts: Vec<String>) -> Arc<Self> {
        let bytes = texts.iter().fold(0_usize, |sum, text| sum.saturating_add(text.len()));
        Arc::new(Self { topic, texts, bytes })
    }

    /// The messages for one subscription.
    pub(crate) fn messages(&self, subscription: u64) -> impl Iterator<Item = String> {
        let topic = self.topic;
        self.texts.iter().map(move |text| {
            format!(
                r#"{{"jsonrpc":"2.0","method":"notice","params":{{"subscription":{subscription},"topic":"{topic}","notice":{text}}}}}"#
            )
        })
    }
}

/// Why a connection is closed by this end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// Its queue is full.
    Slow,
    /// The server could not follow the node.
    Missed,
}

impl End {
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Slow => CLOSE_SLOW,
            Self::Missed => CLOSE_MISSED,
        }
    }

    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Slow => "too slow; ask for what you missed and subscribe again",
            Self::Missed => "the node moved too far at once; ask how it is and subscribe again",
        }
    }
}

/// Between the follower, which never waits for it, and one connection.
#[derive(Default)]
pub(crate) struct Line {
    queue: Mutex<Queue>,
    news: Notify,
    over: Notify,
}

#[derive(Default)]
struct Queue {
    moments: VecDeque<(u64, Arc<Moment>)>,
    bytes: usize,
    end: Option<End>,
}

impl Line {
    /// Queues what a subscription is told. If there is no room the line ends. A moment that is larger
    /// than all room is taken by an empty queue.
    pub(crate) fn push(&self, subscription: u64, moment: Arc<Moment>) {
        let mut queue = self.queue();
        let bytes = queue.bytes.saturating_add(moment.bytes);
        let fits = queue.moments.len() < QUEUE_MAX && bytes <= QUEUE_BYTES_MAX;
        if queue.end.is_some() {
        } else if fits || queue.moments.is_empty() {
            queue.bytes = bytes;
            queue.moments.push_back((subscription, moment));
            self.news.notify_one();
        } else {
            drop(queue);
            self.end(End::Slow);
        }
    }

    /// Nothing more is queued, and what is queued is let go.
    pub(crate) fn end(&self, end: End) {
        let mut queue = self.queue();
        if queue.end.is_none() {
            *queue = Queue { end: Some(end), ..Queue::default() };
            self.over.notify_one();
        }
    }

    /// The next moment, and which subscription it is for.
    pub(crate) async fn next(&self) -> (u64, Arc<Moment>) {
        loop {
            if let Some((subscription, moment)) = self.take() {
                return (subscription, moment);
            }
            self.news.notified().await;
        }
    }

    fn take(&self) -> Option<(u64, Arc<Moment>)> {
        let mut queue = self.queue();
        let (subscription, moment) = queue.moments.pop_front()?;
        queue.bytes = queue.bytes.saturating_sub(moment.bytes);
        Some((subscription, moment))
    }

    /// When it is over. For one waiter.
    pub(crate) async fn over(&self) -> End {
        loop {
            let end = self.queue().end;
            if let Some(end) = end {
                return end;
            }
            self.over.notified().await;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(bytes: usize) -> Arc<Moment> {
        Moment::new("heads", vec!["x".repeat(bytes)])
    }

    #[test]
    fn attack_79_a_queue_that_is_not_emptied_ends_and_holds_nothing() {
        for (bytes, fit) in [(1, QUEUE_MAX), (QUEUE_BYTES_MAX / 4, 4)] {
            let line = Line::default();
            for pushed in 0..fit {
                line.push(7, moment(bytes));
                assert_eq!(line.queue().moments.len(), pushed + 1);
            }
            assert_eq!(line.queue().end, None);
            line.push(7, moment(bytes));
            let queue = line.queue();
            assert_eq!((queue.end, queue.moments.len(), queue.bytes), (Some(End::Slow), 0, 0));
        }
    }

    #[test]
    fn one_moment_always_fits_and_room_comes_back() {
        let line = Line::default();
        line.push(1, moment(QUEUE_BYTES_MAX + 1));
        assert_eq!(line.take().map(|(subscription, _)| subscription), Some(1));
        for _ in 0..3 * QUEUE_MAX {
            line.push(2, moment(QUEUE_BYTES_MAX));
            assert!(line.take().is_some());
        }
        let queue = line.queue();
        assert_eq!((queue.bytes, queue.end), (0, None));
        drop(queue);
        assert!(line.take().is_none());
    }

    #[test]
    fn what_ended_stays_ended_for_its_first_reason() {
        let line = Line::default();
        line.end(End::Missed);
        line.end(End::Slow);
        line.push(1, moment(1));
        let queue = line.queue();
        assert_eq!((queue.end, queue.moments.len()), (Some(End::Missed), 0));
    }
}
