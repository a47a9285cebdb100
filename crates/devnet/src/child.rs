//! One node's process.
use crate::DevnetError;
use crate::place::{Place, io};
use isonomy_client::Client;
use isonomy_types::{Address, NodeKey};
use serde::Deserialize;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child as Process, Command};

/// Milliseconds for a node to say where it is, or to end when it is asked to.
const PATIENCE_MS: u64 = 30_000;
/// Lines of a log that an error shows.
const TAIL_LINES: usize = 12;

/// What a node says on its first line: who it is, and where it can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
struct Ready {
    key: NodeKey,
    listen: SocketAddr,
    rpc: SocketAddr,
}

/// How a node is started.
pub(crate) struct Plan {
    pub(crate) program: PathBuf,
    /// From 1.
    pub(crate) number: usize,
    /// Of this process, and no other of this network.
    pub(crate) serial: u64,
    pub(crate) producer: Address,
    pub(crate) hash_rate: u64,
    pub(crate) peers: Vec<SocketAddr>,
    /// Whether it dials nobody but those that it is told to by RPC.
    pub(crate) led: bool,
    pub(crate) faucet: Option<String>,
}

/// A running node. Its standard input is held open: the node ends when that does, so it never
/// outlives this process, however this process ends.
pub(crate) struct Child {
    number: usize,
    pub(crate) serial: u64,
    process: Process,
    log: PathBuf,
    pub(crate) key: NodeKey,
    pub(crate) listen: SocketAddr,
    pub(crate) rpc: SocketAddr,
    pub(crate) client: Client,
}

impl Child {
    pub(crate) async fn start(place: &Place, plan: Plan) -> Result<Self, DevnetError> {
        let dir = place.node(plan.number);
        std::fs::create_dir_all(&dir).map_err(io(&dir))?;
        let log = place.log(plan.number);
        let sink = File::options().create(true).append(true).open(&log).map_err(io(&log))?;
        let mut process = Command::new(&plan.program)
            .args(arguments(place, &plan))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(sink)
            .kill_on_drop(true)
            .spawn()
            .map_err(io(&plan.program))?;
        match first_line(&mut process).await {
            Some(Ready { key, listen, rpc }) => {
                let client = Client::from(rpc);
                let Plan { number, serial, .. } = plan;
                Ok(Self { number, serial, process, log, key, listen, rpc, client })
            }
            None => Err(died(plan.number, &mut process, &log).await),
        }
    }

    /// An error if it ended by itself.
    pub(crate) async fn alive(&mut self) -> Result<(), DevnetError> {
        match self.process.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(died(self.number, &mut self.process, &self.log).await),
        }
    }

    /// SIGKILL: nothing is tidied up.
    pub(crate) async fn kill(mut self) -> Result<(), DevnetError> {
        self.process.kill().await.map_err(io(&self.log))
    }

    /// Closes its standard input, and waits for it to end.
    pub(crate) async fn stop(mut self) {
        drop(self.process.stdin.take());
        let limit = Duration::from_millis(PATIENCE_MS);
        // If it does not end it is killed when this is dropped.
        let _ = tokio::time::timeout(limit, self.process.wait()).await;
    }
}

fn arguments(place: &Place, plan: &Plan) -> Vec<String> {
    let text = |path: PathBuf| path.display().to_string();
    let mut arguments = vec![
        "run".into(),
        "--genesis".into(),
        text(place.genesis()),
        "--dir".into(),
        text(place.node(plan.number).join("data")),
        "--listen".into(),
        "127.0.0.1:0".into(),
        "--rpc".into(),
        "127.0.0.1:0".into(),
        "--mine".into(),
        "--producer".into(),
        plan.producer.to_string(),
        "--hash-rate".into(),
        plan.hash_rate.to_string(),
        "--json".into(),
        "--admin".into(),
        "--index".into(),
        "--exit-with-parent".into(),
    ];
    if plan.led {
        arguments.extend(["--outbound".into(), "0".into()]);
    }
    if let Some(url) = &plan.faucet {
        arguments.extend(["--faucet-url".into(), url.clone()]);
    }
    for peer in &plan.peers {
        arguments.extend(["--peer".into(), peer.to_string()]);
    }
    arguments
}

async fn first_line(process: &mut Process) -> Option<Ready> {
    let mut lines = BufReader::new(process.stdout.take()?).lines();
    let limit = Duration::from_millis(PATIENCE_MS);
    let line = tokio::time::timeout(limit, lines.next_line()).await.ok()?.ok()??;
    serde_json::from_str(&line).ok()
}

async fn died(node: usize, process: &mut Process, log: &Path) -> DevnetError {
    let ended = tokio::time::timeout(Duration::from_millis(500), process.wait()).await;
    let how = match ended {
        Ok(Ok(status)) => status.to_string(),
        _ => "it did not say where it listens".into(),
    };
    let text = tokio::fs::read_to_string(log).await.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
    DevnetError::Died { node, how, log: log.to_path_buf(), tail }
}
