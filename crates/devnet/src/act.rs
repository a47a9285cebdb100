//! Nodes and links, broken and mended.
use crate::child::{Child, Plan};
use crate::{Act, DevnetError, Network};
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
            if self.breaks.impose(&self.keys, &self.children).await.is_ok() {
                return Ok(());
            }
            // A node that has ended explains more than one that does not answer.
            self.alive().await?;
        }
        self.breaks.impose(&self.keys, &self.children).await
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
        while let Some((due, act)) = &self.upcoming
            && *due <= end
        {
            tokio::time::sleep_until(*due).await;
            let act = act.clone();
            tell(&act);
            self.act(&act).await?;
            self.upcoming = self.upcoming();
        }
        tokio::time::sleep_until(end).await;
        Ok(())
    }

    pub(crate) fn upcoming(&mut self) -> Option<(Instant, Act)> {
        let step = self.schedule.as_mut()?.next()?;
        Some((Instant::now() + Duration::from_millis(step.after_ms), step.act))
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
            peers: friends.map(|(_, child)| child.listen).collect(),
        };
        let child = Child::start(&self.place, plan).await?;
        self.keys.insert(number, child.key);
        self.load.add(child.serial, child.client.clone());
        self.children.insert(number, child);
        Ok(())
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
