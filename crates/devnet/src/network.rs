use crate::child::{Child, Plan};
use crate::load::Load;
use crate::place::{ACCOUNTS, COINS, Place, REWARD};
use crate::watch::Snapshot;
use crate::{DevnetError, Report, Settings, judge};
use isonomy_wallet::Wallet;
use std::time::Duration;
use tokio::process::Command;

/// How long a network that has its blocks may take to agree, in milliseconds.
pub const AGREE_MS: u64 = 120_000;

/// A running network: its processes, its folder and its load.
pub struct Network {
    place: Place,
    children: Vec<Child>,
    load: Load,
    program: String,
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
        let mut children: Vec<Child> = Vec::new();
        for (number, wallet) in (1..=usize::from(settings.nodes)).zip(wallets.iter().cycle()) {
            let plan = Plan {
                program: settings.program.clone(),
                number,
                producer: wallet.address(),
                hash_rate: settings.hash_rate,
                peers: children.iter().map(|child| child.listen).collect(),
            };
            children.push(Child::start(&place, plan).await?);
        }
        let clients = children.iter().map(|child| child.client.clone()).collect();
        let load = Load::start(wallets, clients, settings.rate);
        let program = settings.program.display().to_string();
        Ok(Self { place, children, load, program })
    }

    /// How each node is now.
    ///
    /// # Errors
    /// If a node has ended by itself.
    pub async fn look(&mut self) -> Result<Snapshot, DevnetError> {
        for child in &mut self.children {
            child.alive().await?;
        }
        Ok(Snapshot::take(self.children.iter().map(|child| &child.client), self.load.sent()).await)
    }

    /// The command that adds one more node by hand, as a person would type it.
    #[must_use]
    pub fn join_command(&self) -> String {
        let peers: Vec<String> =
            self.children.iter().map(|child| format!("--peer {}", child.listen)).collect();
        format!(
            "{} run --genesis {} --dir {} {}",
            self.program,
            self.place.genesis().display(),
            self.place.path().join("joined").display(),
            peers.join(" "),
        )
    }

    /// Where the first node answers questions.
    #[must_use]
    pub fn rpc(&self) -> Option<std::net::SocketAddr> {
        self.children.first().map(|child| child.rpc)
    }

    /// Ends the load, waits until all nodes hold one tip of at least `blocks`, and judges.
    ///
    /// # Errors
    /// If a node ended by itself. A network that does not agree in time is a [`Report`] that says
    /// so, not an error.
    pub async fn judge(&mut self, blocks: u64) -> Result<Report, DevnetError> {
        self.load.stop();
        let clients: Vec<_> = self.children.iter().map(|child| child.client.clone()).collect();
        let endowed = COINS.saturating_mul(ACCOUNTS.into());
        let tries = AGREE_MS / judge::PAUSE_MS;
        let mut last = Report::none(clients.len());
        for _ in 0..tries {
            for child in &mut self.children {
                child.alive().await?;
            }
            last = judge::judge(&clients, blocks, endowed, REWARD).await;
            if last.agreed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(judge::PAUSE_MS)).await;
        }
        Ok(last)
    }

    /// Ends load and nodes. A folder that was not asked for is removed.
    pub async fn stop(self) {
        self.load.stop();
        for child in self.children {
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
