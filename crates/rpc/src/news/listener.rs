use super::{Follower, Interest, Line};
use crate::error::Refusal;
use isonomy_client::api::{
    SUBSCRIPTIONS_MAX, SubscribeQuestion, SubscribeReply, Topic, UnsubscribeQuestion, code,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The subscriptions of one connection. They end with it.
pub(crate) struct Listener {
    follower: Arc<Follower>,
    pub(crate) line: Arc<Line>,
    /// By their numbers: what about, and the hub's name for it.
    held: BTreeMap<u64, (Interest, u64)>,
    last: u64,
}

impl Listener {
    pub(crate) fn new(follower: Arc<Follower>) -> Self {
        Self { follower, line: Arc::default(), held: BTreeMap::new(), last: 0 }
    }

    pub(crate) async fn subscribe(
        &mut self,
        question: SubscribeQuestion,
    ) -> Result<SubscribeReply, Refusal> {
        let SubscribeQuestion { topic, module, key } = &question;
        if *topic != Topic::Events && (module.is_some() || key.is_some()) {
            let why = "module and key choose among events; leave them out for other topics";
            return Err(Refusal::new(code::PARAMS, why));
        }
        if self.held.len() >= SUBSCRIPTIONS_MAX {
            let why = format_args!(
                "a connection has at most {SUBSCRIPTIONS_MAX} subscriptions; unsubscribe from one"
            );
            return Err(Refusal::new(code::REQUEST, why));
        }
        let interest = Interest::from(question);
        let number = self.last.wrapping_add(1);
        let name = self.follower.subscribe(interest.clone(), number, self.line.clone()).await?;
        self.last = number;
        self.held.insert(number, (interest, name));
        Ok(SubscribeReply { subscription: number })
    }

    /// Whether there was one.
    pub(crate) fn unsubscribe(&mut self, question: UnsubscribeQuestion) -> bool {
        let Some((interest, name)) = self.held.remove(&question.subscription) else { return false };
        self.follower.hub.leave(&interest, name);
        true
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.held.values().for_each(|(interest, name)| self.follower.hub.leave(interest, *name));
    }
}
