//! Nodes and links, broken and mended.
use crate::child::{Child, Plan};
use crate::{Act, DevnetError, Network, Snapshot, Step};
use isonomy_client::api::Status;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// How often a node is asked that does not answer.
pub(crate) const TRIES: usize = 3;

impl Network {
    /// Does one thing to the network, and waits until it is done.
    ///
    /// # Errors
    /// If it cannot be done to this network as it is, a node does not start, or one does not
    /// answer.
    pub async fn act(&mut self, act: &Act) -> Result<(), DevnetError> {
        if let Some(why) = self.obstacle(act) {
            return Err(DevnetError::Impossible { act: act.clone(), why });
        }
        match act {
            Act::Kill(number) => {
                if let Some(child) = self.leave(*number).await {
                    child.kill().await?;
                }
            }
            Act::Remove(number) => {
                if let Some(child) = self.leave(*number).await {
                    child.stop().await;
                }
                self.keys.remove(number);
                self.links.forget(*number);
            }
            Act::Restart(number) => self.join(*number).await?,
            Act::Add(number) => {
                self.place.forget(*number)?;
                self.join(*number).await?;
            }
            Act::Cut(one, other) => self.breaks.cut(*one, *other),
            Act::Heal(one, other) => self.breaks.heal(*one, *other),
            Act::Partition(side) => self.breaks.part(side.clone()),
            Act::Reunite => self.breaks.reunite(),
        }
        self.tally.count(act);
        self.impose().await
    }

    /// Why it cannot be done to the network as it is.
    fn obstacle(&self, act: &Act) -> Option<&'static str> {
        let runs = |number| self.children.contains_key(number);
        match act {
            Act::Kill(number) | Act::Remove(number) if !runs(number) => Some("it does not run"),
            Act::Restart(number) if runs(number) => Some("it runs"),
            Act::Restart(number) if !self.keys.contains_key(number) => Some("there is none"),
            Act::Add(number) if self.keys.contains_key(number) => Some("there is one already"),
            _ => None,
        }
    }

    /// Has the nodes know whom to refuse. A question that comes to nothing is asked again: a
    /// connection may be closed as it is used.
    async fn impose(&mut self) -> Result<(), DevnetError> {
        for _ in 1..TRIES {
            if self.breaks.impose(&self.keys, &self.children, &mut self.links).await.is_ok() {
                return Ok(());
            }
            // A node that has ended explains more than one that does not answer.
            self.alive().await?;
        }
        self.breaks.impose(&self.keys, &self.children, &mut self.links).await
    }

    /// Lets time pass and does what the schedule asks for meanwhile. `tell` is told before.
    ///
    /// # Errors
    /// See [`act`](Self::act).
    pub async fn pass(
        &mut self,
        time: Duration,
        mut tell: impl FnMut(&Act),
    ) -> Result<(), DevnetError> {
        let end = Instant::now() + time;
        while let Some((due, step)) = &self.upcoming
            && *due <= end
        {
            tokio::time::sleep_until(*due).await;
            let step = step.clone();
            tell(&step.act);
            if let Some(recorder) = &mut self.recorder {
                recorder.step(&step, self.height)?;
            }
            self.act(&step.act).await?;
            self.upcoming = self.upcoming();
        }
        tokio::time::sleep_until(end).await;
        Ok(())
    }

    pub(crate) fn upcoming(&mut self) -> Option<(Instant, Step)> {
        let step = self.schedule.as_mut()?.next()?;
        Some((Instant::now() + Duration::from_millis(step.after_ms), step))
    }

    /// Starts every node that is down, and heals every link.
    pub(crate) async fn mend(&mut self) -> Result<(), DevnetError> {
        self.schedule = None;
        self.upcoming = None;
        self.breaks = Default::default();
        let down = self.keys.keys().filter(|number| !self.children.contains_key(number));
        for number in down.copied().collect::<Vec<_>>() {
            self.act(&Act::Restart(number)).await?;
        }
        self.impose().await
    }

    /// Starts node `number`, which is told of all that it may talk to: whom it must not, it would
    /// reach before it is told to refuse them.
    pub(crate) async fn join(&mut self, number: usize) -> Result<(), DevnetError> {
        self.serial = self.serial.saturating_add(1);
        let place = number.saturating_sub(1).checked_rem(self.producers.len());
        let friends = self.children.iter().filter(|(other, _)| !self.breaks.apart(number, **other));
        let plan = Plan {
            program: self.program.clone(),
            number,
            serial: self.serial,
            producer: place
                .and_then(|place| self.producers.get(place))
                .copied()
                .unwrap_or_default(),
            hash_rate: self.hash_rate,
            peers: match self.links.are_late() {
                true => Vec::new(),
                false => friends.map(|(_, child)| child.listen).collect(),
            },
            led: self.links.are_late(),
            faucet: self.faucet(),
        };
        let child = Child::start(&self.place, plan).await?;
        self.keys.insert(number, child.key);
        self.load.add(child.serial, child.client.clone());
        self.children.insert(number, child);
        if self.links.are_late() {
            self.lead(number).await?;
        }
        Ok(())
    }

    /// Has node `number` dial all that it may talk to, through the proxies.
    async fn lead(&mut self, number: usize) -> Result<(), DevnetError> {
        let Some(child) = self.children.get(&number) else { return Ok(()) };
        for (other, friend) in &self.children {
            if *other != number && !self.breaks.apart(number, *other) {
                let way = self.links.way(number, (*other, friend.listen)).await?;
                child.client.dial(way).await?;
            }
        }
        Ok(())
    }

    /// Has nodes whose links go through proxies dial again whom they lost: they dial nobody by
    /// themselves. One that is short of peers in two looks in a row is short, not just starting.
    pub(crate) async fn repair(&mut self, snapshot: &Snapshot) {
        let up = |number: &usize| snapshot.nodes.get(number).is_some_and(Option::is_some);
        let short = |(number, status): (&usize, &Option<Status>)| {
            let others = snapshot.nodes.keys().filter(|other| *other != number && up(other));
            let due = others.filter(|other| !self.breaks.apart(*number, **other)).count() as u64;
            status.as_ref().filter(|status| status.peers < due).map(|_| *number)
        };
        let short: BTreeSet<usize> = snapshot.nodes.iter().filter_map(short).collect();
        let again: Vec<usize> = short.intersection(&self.short).copied().collect();
        self.short = if again.is_empty() { short } else { BTreeSet::new() };
        for number in again {
            // One that does not answer is seen in the next look.
            let _ = self.lead(number).await;
        }
    }

    /// Takes a node that is about to end out of everything, but for the members.
    async fn leave(&mut self, number: usize) -> Option<Child> {
        let child = self.children.remove(&number)?;
        self.load.remove(child.serial);
        if let Ok(status) = child.client.status().await {
            self.reorgs.insert(child.serial, status.reorgs);
        }
        Some(child)
    }
}
