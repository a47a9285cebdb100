use crate::act::TRIES;
use crate::breaks::Breaks;
use crate::child::Child;
use crate::judge::Due;
use crate::load::{Load, Running};
use crate::place::{ACCOUNTS, COINS, Place, REWARD};
use crate::watch::Snapshot;
use crate::{Act, DevnetError, Report, Schedule, Settings, Tally, judge};
use isonomy_types::{Address, NodeKey};
use isonomy_wallet::Wallet;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::Instant;

/// How long a network that has its blocks may take to agree, in milliseconds.
pub const AGREE_MS: u64 = 120_000;

/// A running network: its processes, its folder and its load.
pub struct Network {
    pub(crate) place: Place,
    pub(crate) program: PathBuf,
    pub(crate) hash_rate: u64,
    pub(crate) producers: Vec<Address>,
    /// Those that run.
    pub(crate) children: BTreeMap<usize, Child>,
    /// Of every member, whether it runs or is down.
    pub(crate) keys: BTreeMap<usize, NodeKey>,
    /// Of the last process that was started.
    pub(crate) serial: u64,
    pub(crate) load: Load,
    pub(crate) breaks: Breaks,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) upcoming: Option<(Instant, Act)>,
    pub(crate) tally: Tally,
    /// Of each process, when it was last asked.
    pub(crate) reorgs: BTreeMap<u64, u64>,
}

impl Network {
    /// Starts nodes and load.
    ///
    /// # Errors
    /// See [`DevnetError`]. Nodes that were started are ended.
    pub async fn start(settings: Settings) -> Result<Self, DevnetError> {
        let place = Place::open(&settings)?;
        if !place.resumed {
            furnish(&place, &settings).await?;
        }
        let wallets = wallets(&place)?;
        let producers = wallets.iter().map(Wallet::address).collect();
        let mut network = Self {
            place,
            program: settings.program,
            hash_rate: settings.hash_rate,
            producers,
            children: BTreeMap::new(),
            keys: BTreeMap::new(),
            serial: 0,
            load: Load::new(wallets, settings.rate),
            breaks: Breaks::default(),
            schedule: settings.chaos.map(|seed| Schedule::new(seed, settings.nodes)),
            upcoming: None,
            tally: Tally { seed: settings.chaos.unwrap_or_default(), ..Tally::default() },
            reorgs: BTreeMap::new(),
        };
        for number in 1..=settings.nodes.into() {
            network.join(number).await?;
        }
        network.load.start();
        network.upcoming = network.upcoming();
        Ok(network)
    }

    /// How each node is now.
    ///
    /// # Errors
    /// If a node has ended by itself.
    pub async fn look(&mut self) -> Result<Snapshot, DevnetError> {
        self.alive().await?;
        let mut nodes: BTreeMap<_, _> = self.keys.keys().map(|number| (*number, None)).collect();
        for (number, child) in &self.children {
            let status = child.client.status().await.ok();
            if let Some(status) = &status {
                self.reorgs.insert(child.serial, status.reorgs);
            }
            nodes.insert(*number, status);
        }
        Ok(Snapshot { nodes, sent: self.load.sent() })
    }

    /// An error if a node has ended by itself.
    pub(crate) async fn alive(&mut self) -> Result<(), DevnetError> {
        for child in self.children.values_mut() {
            child.alive().await?;
        }
        Ok(())
    }

    /// What was done to the network so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let reorgs = self.reorgs.values().fold(0_u64, |sum, one| sum.saturating_add(*one));
        Tally { reorgs, ..self.tally }
    }

    /// Whether every kind of harm that the schedule knows was done. True without a schedule.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        self.schedule.is_none() || self.tally.missing().is_none()
    }

    /// The command that adds one more node by hand, as a person would type it.
    #[must_use]
    pub fn join_command(&self) -> String {
        let peers: Vec<String> =
            self.children.values().map(|child| format!("--peer {}", child.listen)).collect();
        format!(
            "{} run --genesis {} --dir {} {}",
            self.program.display(),
            self.place.genesis().display(),
            self.place.path().join("joined").display(),
            peers.join(" "),
        )
    }

    /// Where a node answers questions, if it runs.
    #[must_use]
    pub fn rpc(&self, number: usize) -> Option<SocketAddr> {
        self.children.get(&number).map(|child| child.rpc)
    }

    /// Ends the load, mends what is broken, waits until all nodes hold one tip of at least `blocks`,
    /// and judges.
    ///
    /// # Errors
    /// If a node ended by itself. A network that does not agree in time is a [`Report`] that says
    /// so, not an error.
    pub async fn judge(&mut self, blocks: u64) -> Result<Report, DevnetError> {
        let chaos = self.schedule.is_some();
        self.load.stop().await;
        self.mend().await?;
        let clients = self.children.iter().map(|(n, child)| (*n, child.client.clone())).collect();
        let (endowed, transfers) = (COINS.saturating_mul(ACCOUNTS.into()), self.load.is_asked());
        let due = Due { blocks, endowed, reward: REWARD, transfers };
        let tries = AGREE_MS / judge::PAUSE_MS;
        let mut last = Report::none(self.children.len());
        for _ in 0..tries {
            self.look().await?;
            last = judge::judge(&clients, due).await;
            if last.agreed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(judge::PAUSE_MS)).await;
        }
        self.search(&mut last).await?;
        if chaos {
            last.chaos = Some(self.tally());
            if let Some(missing) = self.tally.missing().filter(|_| last.agreed) {
                (last.agreed, last.why) = (false, missing.into());
            }
        }
        Ok(last)
    }

    /// Looks for every transfer that was acknowledged.
    async fn search(&mut self, report: &mut Report) -> Result<(), DevnetError> {
        let serials = self.children.values().map(|child| (child.serial, child.client.clone()));
        let running: Running = serials.collect();
        let mut found = judge::lost(self.load.accounts(), &running).await;
        for _ in 1..TRIES {
            if found.is_err() {
                found = judge::lost(self.load.accounts(), &running).await;
            }
        }
        let (forgotten, dropped) = found?;
        self.tally.dropped = dropped;
        if let Some(id) = forgotten.filter(|_| report.agreed) {
            report.agreed = false;
            report.why = format!("transfer {id} was acknowledged, and is lost");
        }
        Ok(())
    }

    /// Ends load and nodes. A folder that was not asked for is removed.
    pub async fn stop(self) {
        drop(self.load);
        for child in self.children.into_values() {
            child.stop().await;
        }
    }
}

/// Keys, then genesis, then the marker.
async fn furnish(place: &Place, settings: &Settings) -> Result<(), DevnetError> {
    let mut command = Command::new(&settings.program);
    command.args(["genesis", "--name", "devnet", "--out"]).arg(place.genesis());
    command.args(["--hashes", &settings.hashes().to_string()]);
    command.args(["--interval-ms", &settings.interval_ms.to_string()]);
    command.args(["--reward", &REWARD.to_string()]);
    for number in 1..=ACCOUNTS {
        let wallet = Wallet::create(&place.account(number))?;
        command.args(["--allocate", &format!("{}={COINS}", wallet.address())]);
    }
    let output = command.output().await.map_err(crate::place::io(&settings.program))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(DevnetError::Command { command: "isonomy genesis".into(), stderr });
    }
    place.mark(settings.nodes)
}

fn wallets(place: &Place) -> Result<Vec<Wallet>, DevnetError> {
    let open = |number| Wallet::open(&place.account(number));
    Ok((1..=ACCOUNTS).map(open).collect::<Result<_, _>>()?)
}
