//! From what moved to notices: one follower for all subscribers of a server.
//!
//! It believes no event: an event only wakes it. What it tells comes out of comparing the node as it
//! is with the node as it was at the look before, so nothing is missed when events are.
use super::hub::{Hub, Interest};
use super::line::{End, Line, Moment};
use super::look::{Path, Seen, Since, Waiting, look};
use crate::error::Refusal;
use crate::limits::{FOLLOW_MS, MEMPOOL_MS};
use crate::methods::event_reply;
use crate::source::Desk;
use isonomy_client::api::{
    EventNotice, MempoolNotice, NOTICE_IDS_MAX, ReorganisationNotice, Topic,
};
use isonomy_crypto::Hash;
use isonomy_ledger::Receipt;
use isonomy_node::Event;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};

/// Looks at the node for everyone.
pub(crate) struct Follower {
    desk: Arc<Desk>,
    pub(crate) hub: Hub,
    /// What has been told. `None`: nobody listens.
    known: Mutex<Option<Known>>,
}

struct Known {
    best: Hash,
    executed: Option<Arc<BTreeSet<Hash>>>,
    pool: Option<(BTreeSet<Hash>, Instant)>,
}

impl Follower {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, hub: Hub::default(), known: Mutex::default() }
    }

    /// Adds a subscription. What happens after this answers is told, and nothing from before.
    pub(crate) async fn subscribe(
        &self,
        interest: Interest,
        number: u64,
        line: Arc<Line>,
    ) -> Result<u64, Refusal> {
        let mut known = self.known.lock().await;
        self.round(&mut known, Some(interest.topic)).await?;
        Ok(self.hub.join(interest, number, line))
    }

    /// Tells whoever listens, for ever. Costs nothing while nobody does.
    pub(crate) async fn run(&self) {
        let mut events = Some((self.desk.source.events)());
        loop {
            self.rest().await;
            let woken = async {
                match &mut events {
                    Some(events) => events.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                woken = woken => match woken {
                    Ok(Event::Best { .. }) | Err(RecvError::Lagged(_)) => {}
                    Ok(_) => continue,
                    Err(RecvError::Closed) => events = None,
                },
                () = sleep(Duration::from_millis(MEMPOOL_MS)) => {}
            }
            let mut known = self.known.lock().await;
            if let Err(why) = self.round(&mut known, None).await {
                tracing::debug!(why = why.message, "subscribers cannot be told");
                *known = None;
                self.hub.end(End::Missed);
            }
            drop(known);
            sleep(Duration::from_millis(FOLLOW_MS)).await;
        }
    }

    /// Until somebody listens.
    async fn rest(&self) {
        while self.hub.is_empty() {
            let mut known = self.known.lock().await;
            if self.hub.is_empty() {
                *known = None;
            }
            drop(known);
            self.hub.begun.notified().await;
        }
    }

    /// Looks once and tells what moved. `more` is a topic that somebody is about to listen to.
    async fn round(&self, known: &mut Option<Known>, more: Option<Topic>) -> Result<(), Refusal> {
        let wants = |topic| more == Some(topic) || self.hub.hears(topic);
        let (blocks, events) = (wants(Topic::Blocks), wants(Topic::Events));
        let due = |(_, told): &(_, Instant)| told.elapsed() >= Duration::from_millis(MEMPOOL_MS);
        let pool = known.as_ref().and_then(|known| known.pool.as_ref());
        let executed = known.as_ref().and_then(|known| known.executed.clone());
        let since = Since {
            best: known.as_ref().map(|known| known.best),
            executed: blocks.then(|| executed.clone().unwrap_or_default()),
            receipts: events,
            pool: wants(Topic::Mempool) && pool.is_none_or(due),
        };
        let seen = self.desk.look(move |node| look(node, &since)).await?;
        let mut seen = seen.ok_or_else(Refusal::unready)?;
        let receipts = if events { self.receipts(&mut seen).await? } else { Vec::new() };
        // From here on nothing waits: either all of it is told or none.
        let before = known.take();
        let moved =
            seen.path.as_ref().is_none_or(|path| !path.joined.is_empty() || !path.left.is_empty());
        match &seen.path {
            None => self.hub.end(End::Missed),
            Some(path) if moved => {
                self.reorganised(before.as_ref(), path, &seen);
                self.events(path, &receipts);
            }
            Some(_) => {}
        }
        if executed.is_some() {
            self.tell(Topic::Blocks.into(), "blocks", &seen.blocks);
        }
        if moved {
            self.tell(Topic::Heads.into(), "heads", std::slice::from_ref(&seen.head));
        }
        let told = before.and_then(|known| known.pool).filter(|_| wants(Topic::Mempool));
        *known = Some(Known {
            best: seen.head.id,
            executed: blocks.then_some(seen.executed),
            pool: match seen.pool {
                Some(waiting) => Some((self.waiting(told, waiting), Instant::now())),
                None => told,
            },
        });
        Ok(())
    }

    fn reorganised(&self, before: Option<&Known>, path: &Path, seen: &Seen) {
        let Some(before) = before.filter(|_| !path.left.is_empty()) else { return };
        let ids = |blocks: &[(Hash, u64)]| blocks.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let mut left = ids(&path.left);
        left.reverse();
        let notice = ReorganisationNotice {
            from: before.best,
            to: seen.head.id,
            ancestor: path.ancestor.0,
            ancestor_height: path.ancestor.1,
            left,
            joined: ids(&path.joined),
        };
        self.tell(Topic::Reorganisations.into(), "reorganisations", &[notice]);
    }

    /// What the blocks that joined came to, in order: out of the look, or out of the archive.
    async fn receipts(&self, seen: &mut Seen) -> Result<Vec<(Hash, u64, Vec<Receipt>)>, Refusal> {
        let mut held: BTreeMap<Hash, Vec<Receipt>> = seen.receipts.drain(..).collect();
        let joined = seen.path.as_ref().map_or(Vec::new(), |path| path.joined.clone());
        let place = |(id, height): (Hash, u64)| (id, height, held.remove(&id));
        let blocks: Vec<_> = joined.into_iter().map(place).collect();
        if blocks.iter().all(|(.., receipts)| receipts.is_some()) {
            let whole =
                |(id, height, held): (_, _, Option<_>)| (id, height, held.unwrap_or_default());
            return Ok(blocks.into_iter().map(whole).collect());
        }
        self.desk
            .read(move |source| {
                let read = |(id, height, held)| match held {
                    Some(receipts) => Ok((id, height, receipts)),
                    None => {
                        let stored = source.archive.receipts(&id).map_err(Refusal::internal)?;
                        Ok((id, height, stored.unwrap_or_default()))
                    }
                };
                blocks.into_iter().map(read).collect()
            })
            .await
    }

    fn events(&self, path: &Path, blocks: &[(Hash, u64, Vec<Receipt>)]) {
        let left =
            |(left, height): &(Hash, u64)| EventNotice::Left { left: *left, height: *height };
        let left: Vec<String> = path.left.iter().map(|at| text(&left(at))).collect();
        let interests = self.hub.interests(Topic::Events);
        let mut told: BTreeMap<Interest, Vec<String>> =
            interests.into_iter().map(|interest| (interest, left.clone())).collect();
        if told.is_empty() {
            return;
        }
        for (block, height, receipts) in blocks {
            for receipt in receipts {
                for (index, event) in receipt.events.iter().enumerate() {
                    let event = event_reply(event);
                    let heard = heard(event.module, event.keys.iter().map(|key| &**key));
                    let notice = text(&EventNotice::Joined {
                        block: *block,
                        height: *height,
                        transaction: receipt.transaction,
                        index: u32::try_from(index).unwrap_or(u32::MAX),
                        event,
                    });
                    for interest in heard {
                        if let Some(texts) = told.get_mut(&interest) {
                            texts.push(notice.clone());
                        }
                    }
                }
            }
        }
        for (interest, texts) in told {
            if !texts.is_empty() {
                self.hub.tell(&interest, &Moment::new("events", texts));
            }
        }
    }

    /// What is known of the mempool once this is told: ids beyond the limit are left to the next.
    fn waiting(&self, told: Option<(BTreeSet<Hash>, Instant)>, now: Waiting) -> BTreeSet<Hash> {
        let Some((mut known, _)) = told else { return now.ids };
        let first = |new: &BTreeSet<Hash>, old: &BTreeSet<Hash>| -> Vec<Hash> {
            new.difference(old).take(NOTICE_IDS_MAX).copied().collect()
        };
        let (joined, left) = (first(&now.ids, &known), first(&known, &now.ids));
        if joined.is_empty() && left.is_empty() {
            return known;
        }
        for id in &left {
            known.remove(id);
        }
        known.extend(&joined);
        let (transactions, bytes) = (now.ids.len() as u64, now.bytes);
        let least_price = now.least_price;
        let notice = MempoolNotice { joined, left, transactions, bytes, least_price };
        self.tell(Topic::Mempool.into(), "mempool", &[notice]);
        known
    }

    fn tell(&self, interest: Interest, topic: &'static str, notices: &[impl Serialize]) {
        if !notices.is_empty() && self.hub.hears(interest.topic) {
            let texts = notices.iter().map(text).collect();
            self.hub.tell(&interest, &Moment::new(topic, texts));
        }
    }
}

/// Whoever an event is told to: by module, by key, by both, by neither.
fn heard<'a>(module: u16, keys: impl Iterator<Item = &'a [u8]>) -> BTreeSet<Interest> {
    let keys = keys.map(|key| Some(key.to_vec())).chain([None]);
    keys.flat_map(|key| [None, Some(module)].map(|module| (module, key.clone())))
        .map(|(module, key)| Interest { topic: Topic::Events, module, key })
        .collect()
}

fn text(notice: &impl Serialize) -> String {
    // A notice has no map whose keys are no strings.
    serde_json::to_string(notice).unwrap_or_else(|_| "null".into())
}
