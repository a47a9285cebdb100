use crate::act::TRIES;
use crate::blocks::Blocks;
use crate::breaks::Breaks;
use crate::child::Child;
use crate::faucet::Faucet;
use crate::judge::Due;
use crate::links::Links;
use crate::load::{Load, Running};
use crate::place::{ACCOUNTS, COINS, Place, REWARD, io};
use crate::recorder::Recorder;
use crate::watch::Snapshot;
use crate::{
    Chaos, DevnetError, FaucetError, Named, Report, Schedule, Settings, Step, Tally, judge, named,
};
use isonomy_crypto::Hash;
use isonomy_types::{Address, NodeKey};
use isonomy_wallet::Wallet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
    pub(crate) links: Links,
    /// Who was short of peers at the last look, if the links are late.
    pub(crate) short: BTreeSet<usize>,
    pub(crate) schedule: Option<Box<dyn Iterator<Item = Step> + Send>>,
    pub(crate) upcoming: Option<(Instant, Step)>,
    pub(crate) recorder: Option<Recorder>,
    /// Whether the schedule has no end, and each kind of harm is waited for.
    drawn: bool,
    /// The lowest, at the last look.
    pub(crate) height: u64,
    pub(crate) blocks: Blocks,
    faucet: Option<Faucet>,
    /// Coins of all accounts at genesis.
    endowed: u128,
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
        let recorder = settings.record.as_ref().map(|path| Recorder::create(path, &settings));
        let recorder = recorder.transpose()?;
        let wallets = wallets(&place)?;
        let producers = wallets.iter().map(Wallet::address).collect();
        let load = Load::new(wallets, settings.rate);
        let faucet = match settings.faucet {
            true => faucet(&place, &load).await?,
            false => None,
        };
        let chaos = settings.chaos != Chaos::None;
        let mut network = Self {
            endowed: place.read_genesis()?.endowed(),
            place,
            program: settings.program,
            hash_rate: settings.hash_rate,
            producers,
            children: BTreeMap::new(),
            keys: BTreeMap::new(),
            serial: 0,
            load,
            breaks: Breaks::default(),
            links: Links::new(settings.latency, settings.seed),
            short: BTreeSet::new(),
            drawn: settings.chaos == Chaos::Drawn,
            schedule: match settings.chaos {
                Chaos::None => None,
                Chaos::Drawn => Some(Box::new(Schedule::new(settings.seed, settings.nodes))),
                Chaos::Steps(steps) => Some(Box::new(steps.into_iter())),
            },
            upcoming: None,
            recorder,
            height: 0,
            blocks: Blocks::default(),
            faucet,
            tally: Tally { seed: if chaos { settings.seed } else { 0 }, ..Tally::default() },
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
        let snapshot = Snapshot { nodes, sent: self.load.sent() };
        self.height = snapshot.height();
        if self.links.are_late() {
            self.repair(&snapshot).await;
        }
        Ok(snapshot)
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

    /// Whether all that was to be done is done: of a drawn schedule, every kind of harm at least once;
    /// of given steps, all. True without either.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        match self.drawn {
            true => self.tally.missing().is_none(),
            false => self.upcoming.is_none(),
        }
    }

    /// Where coins are given away, if they are.
    #[must_use]
    pub fn faucet(&self) -> Option<String> {
        self.faucet.as_ref().map(Faucet::url)
    }

    /// The accounts that genesis endows, for people. None of a network that an older version made.
    ///
    /// # Errors
    /// If a key file cannot be read.
    pub fn accounts(&self) -> Result<Vec<Named>, DevnetError> {
        named::open(&self.place)
    }

    /// Makes a new account, and has the faucet pay it: the account, and the transfer's id.
    ///
    /// # Errors
    /// If there is no faucet or it does not pay, or the key file cannot be written.
    pub async fn fund_new(&self) -> Result<(Named, Hash), DevnetError> {
        let faucet = self.faucet.as_ref().ok_or(FaucetError::Absent)?;
        let account = named::fresh(&self.place)?;
        let id = faucet.pay(account.address).await?;
        Ok((account, id))
    }

    /// Stops sending transfers, or goes on. Others' go on.
    pub fn pause(&self, pause: bool) {
        self.load.pause(pause);
    }

    /// Whether no transfers are sent for now.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.load.is_paused()
    }

    /// Where a node writes what it has to say, whether it runs or not.
    #[must_use]
    pub fn log(&self, number: usize) -> PathBuf {
        self.place.log(number)
    }

    /// Milliseconds that bytes take at least from one node to another, if they are delayed.
    #[must_use]
    pub fn one_way_ms(&self, one: usize, other: usize) -> Option<u64> {
        self.links.one_way_ms(one, other)
    }

    /// The folder of all that belongs to the network.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.place.path()
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
        let all = self.is_tested();
        self.load.stop().await;
        self.mend().await?;
        let clients = self.children.iter().map(|(n, child)| (*n, child.client.clone())).collect();
        let (endowed, transfers) = (self.endowed, self.load.is_asked());
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
            let missing = match self.drawn {
                true => self.tally.missing(),
                false => (!all).then_some("steps are left"),
            };
            if let Some(missing) = missing.filter(|_| last.agreed) {
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
    command.args(["--interval-ms", &settings.pace_ms().to_string()]);
    command.args(["--reward", &REWARD.to_string()]);
    for number in 1..=ACCOUNTS {
        let wallet = Wallet::create(&place.account(number))?;
        command.args(["--allocate", &format!("{}={COINS}", wallet.address())]);
    }
    for address in named::create(place, settings.seed)? {
        command.args(["--allocate", &format!("{address}={COINS}")]);
    }
    let output = command.output().await.map_err(crate::place::io(&settings.program))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(DevnetError::Command { command: "isonomy genesis".into(), stderr });
    }
    place.mark(settings.nodes)
}

/// None in a network that is older than faucets are.
async fn faucet(place: &Place, load: &Load) -> Result<Option<Faucet>, DevnetError> {
    let key = place.named(named::FAUCET);
    if !key.exists() {
        return Ok(None);
    }
    let started = Faucet::start(Wallet::open(&key)?, load.running()).await;
    started.map(Some).map_err(io(Path::new("a loopback port for the faucet")))
}

fn wallets(place: &Place) -> Result<Vec<Wallet>, DevnetError> {
    let open = |number| Wallet::open(&place.account(number));
    Ok((1..=ACCOUNTS).map(open).collect::<Result<_, _>>()?)
}
