use super::{Act, Scenario, ScenarioError, WALLETS};
use crate::coin::Coin;
use crate::work::Role;
use crate::{Maker, Sim};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::Address;

const PRODUCER: Domain = Domain::new("isonomy sim producer 1");

/// The hosts of a scenario before anything happens.
pub struct Stage {
    /// The run, which has not begun.
    pub sim: Sim,
    /// The chain that its transfers are for.
    pub coin: Coin,
}

impl Stage {
    /// Honest hosts.
    ///
    /// # Errors
    /// If the scenario cannot be run.
    pub fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let coin = Coin::new(WALLETS)?;
        Self::with(scenario, coin, |coin, _, role| Box::new(coin.maker(role)))
    }

    /// Hosts as `maker` makes them, from the chain, the host's index and its role. `coin` is what
    /// the checks go by.
    ///
    /// # Errors
    /// If the scenario cannot be run.
    pub fn with(
        scenario: &Scenario,
        coin: Coin,
        maker: impl Fn(&Coin, usize, Role) -> Maker,
    ) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let settings = scenario.settings();
        let mut sim = Sim::new(settings.clone(), coin.spec.clone());
        let joins = |host| {
            let join = |step: &super::Step| step.act == Act::Join { host };
            scenario.steps.iter().any(join)
        };
        for host in 0..scenario.nodes {
            let next = |far: usize| Sim::address_of((host + far) % scenario.nodes);
            let mut peers = vec![next(1), next(3)];
            peers.retain(|peer| *peer != Sim::address_of(host));
            let mining = host < scenario.miners;
            let producer = producer(host);
            let role = Role { mining, producer, peers, pool: settings.pool };
            let maker = maker(&coin, host, role);
            if joins(host) {
                sim.place(maker, Vec::new());
            } else {
                sim.add(maker, Vec::new());
            }
        }
        Ok(Self { sim, coin })
    }
}

/// Who is paid for the blocks of a host.
fn producer(host: usize) -> Address {
    Address(Hash::from_bytes(PRODUCER.hash(&(host as u64).to_le_bytes()).to_bytes()))
}
