//! Who hears what.
use super::line::{End, Line, Moment};
use isonomy_client::api::{SubscribeQuestion, Topic};
use isonomy_types::ModuleId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a subscription is about: all with the same share what is made for one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Interest {
    pub(crate) topic: Topic,
    pub(crate) module: Option<ModuleId>,
    pub(crate) key: Option<Vec<u8>>,
}

impl From<Topic> for Interest {
    fn from(topic: Topic) -> Self {
        Self { topic, module: None, key: None }
    }
}

impl From<SubscribeQuestion> for Interest {
    fn from(SubscribeQuestion { topic, module, key }: SubscribeQuestion) -> Self {
        Self { topic, module, key: key.map(|key| key.to_vec()) }
    }
}

/// The subscriptions of all connections.
#[derive(Default)]
pub(crate) struct Hub {
    heard: Mutex<Heard>,
    /// The first subscription came.
    pub(crate) begun: Notify,
}

#[derive(Default)]
struct Heard {
    last: u64,
    by: BTreeMap<Interest, BTreeMap<u64, (u64, Arc<Line>)>>,
}

impl Hub {
    /// Adds a subscription that its connection knows as `number`, and gives back its name here.
    pub(crate) fn join(&self, interest: Interest, number: u64, line: Arc<Line>) -> u64 {
        let mut heard = self.heard();
        heard.last = heard.last.wrapping_add(1);
        let name = heard.last;
        heard.by.entry(interest).or_default().insert(name, (number, line));
        self.begun.notify_one();
        name
    }

    pub(crate) fn leave(&self, interest: &Interest, name: u64) {
        let mut heard = self.heard();
        if let Some(lines) = heard.by.get_mut(interest) {
            lines.remove(&name);
            if lines.is_empty() {
                heard.by.remove(interest);
            }
        }
    }

    /// Whether anyone hears anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.heard().by.is_empty()
    }

    /// Whether anyone hears of this topic.
    pub(crate) fn hears(&self, topic: Topic) -> bool {
        self.heard().by.range(Interest::from(topic)..).next().is_some_and(|(i, _)| i.topic == topic)
    }

    /// All that anyone wants to hear of this topic.
    pub(crate) fn interests(&self, topic: Topic) -> Vec<Interest> {
        let heard = self.heard();
        let from = heard.by.range(Interest::from(topic)..).map(|(interest, _)| interest);
        from.take_while(|interest| interest.topic == topic).cloned().collect()
    }

    /// Queues one moment for all who hear of it. Waits for none of them.
    pub(crate) fn tell(&self, interest: &Interest, moment: &Arc<Moment>) {
        if let Some(lines) = self.heard().by.get(interest) {
            for (number, line) in lines.values() {
                line.push(*number, moment.clone());
            }
        }
    }

    /// Ends every connection that hears anything.
    pub(crate) fn end(&self, end: End) {
        for (_, line) in self.heard().by.values().flat_map(BTreeMap::values) {
            line.end(end);
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interests_are_kept_apart_by_topic_and_go_with_their_last_subscriber() {
        let (hub, line) = (Hub::default(), Arc::new(Line::default()));
        let filtered = Interest { module: Some(3), key: Some(vec![1]), ..Topic::Events.into() };
        let wide = Interest::from(Topic::Events);
        let names: Vec<_> = [&filtered, &wide, &wide]
            .map(|interest| (interest.clone(), hub.join(interest.clone(), 1, line.clone())))
            .into();
        assert!(!hub.hears(Topic::Heads) && !hub.hears(Topic::Mempool));
        assert_eq!(hub.interests(Topic::Events), [wide.clone(), filtered.clone()]);
        for (interest, name) in &names {
            assert!(hub.hears(Topic::Events));
            hub.leave(interest, *name);
        }
        assert!(hub.is_empty() && !hub.hears(Topic::Events));
    }

    #[tokio::test]
    async fn each_subscription_of_a_line_hears_under_its_own_number() {
        let (hub, line) = (Hub::default(), Arc::new(Line::default()));
        hub.join(Topic::Heads.into(), 5, line.clone());
        hub.join(Topic::Heads.into(), 6, line.clone());
        hub.join(Topic::Blocks.into(), 7, line.clone());
        hub.tell(&Topic::Heads.into(), &Moment::new("heads", vec!["{}".into()]));
        let (first, moment) = line.next().await;
        let want = r#"{"jsonrpc":"2.0","method":"notice","params":{"subscription":5,"topic":"heads","notice":{}}}"#;
        assert_eq!(moment.messages(first).collect::<Vec<_>>(), [want]);
        assert_eq!((first, line.next().await.0), (5, 6));
    }
}
