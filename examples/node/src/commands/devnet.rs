use crate::cli::Devnet;
use crate::exit::Failure;
use isonomy::host::stop_signal;
use isonomy_devnet::{Act, DevnetError, Network, Report, Settings};
use std::io::IsTerminal;
use std::time::Duration;

/// Milliseconds between two looks at the nodes on a terminal, …
const SCREEN_MS: u64 = 500;
/// … and where lines pile up.
const LINES_MS: u64 = 4_000;

pub(crate) async fn devnet(arguments: Devnet) -> Result<(), Failure> {
    let Devnet { nodes, blocks, dir, join, rate, hash_rate, chaos, seed } = arguments;
    let chaos = chaos.then(|| seed.unwrap_or_else(super::genesis::now_ms));
    let program = std::env::current_exe().map_err(Failure::failed)?;
    let settings = Settings { nodes, dir, rate, hash_rate, chaos, ..Settings::new(program) };
    let network = tokio::select! {
        started = Network::start(settings) => started.map_err(usage_or_failure)?,
        signal = stop_signal() => return signal.map_err(Failure::failed),
    };
    introduce(&network, join, chaos, nodes);
    let mut network = network;
    let ended = tokio::select! {
        ended = watch(&mut network, blocks) => ended.map_err(Failure::failed),
        signal = stop_signal() => signal.map(|()| None).map_err(Failure::failed),
    };
    eprintln!("stopping all nodes …");
    network.stop().await;
    match ended? {
        None => Ok(()),
        Some(report) => print(&report),
    }
}

fn introduce(network: &Network, join: bool, chaos: Option<u64>, nodes: u8) {
    if let Some(seed) = chaos {
        eprintln!("the same chaos again: isonomy devnet --chaos --seed {seed} --nodes {nodes}");
    }
    if let Some(rpc) = network.rpc(1) {
        eprintln!("ask node 1: isonomy status --rpc {rpc}");
    }
    if join {
        eprintln!("add a node: {} --listen 127.0.0.1:0 --rpc 127.0.0.1:0", network.join_command());
    }
}

/// Shows the network until it has its blocks, then judges it. Without a number of blocks it goes
/// on until somebody ends it.
async fn watch(network: &mut Network, blocks: Option<u64>) -> Result<Option<Report>, DevnetError> {
    let screen = std::io::stderr().is_terminal();
    let pause = Duration::from_millis(if screen { SCREEN_MS } else { LINES_MS });
    let mut drawn = 0;
    loop {
        let snapshot = network.look().await?;
        if screen {
            let table = snapshot.to_string();
            // Back to the table's first line, and over it.
            let up = if drawn == 0 { String::new() } else { format!("\x1b[{drawn}A\x1b[J") };
            eprint!("{up}{table}");
            drawn = table.lines().count();
        } else {
            eprintln!("{}", snapshot.line());
        }
        let done = |blocks: &u64| snapshot.height() >= *blocks && network.is_tested();
        if let Some(blocks) = blocks.filter(done) {
            return network.judge(blocks).await.map(Some);
        }
        let tell = |act: &Act| {
            drawn = 0;
            eprintln!("chaos: {act}");
        };
        network.pass(pause, tell).await?;
    }
}

/// The last line of standard output, for programs.
fn print(report: &Report) -> Result<(), Failure> {
    println!("{}", serde_json::to_string(report).map_err(Failure::failed)?);
    if report.agreed { Ok(()) } else { Err(Failure::not_agreed(&report.why)) }
}

fn usage_or_failure(error: DevnetError) -> Failure {
    match error {
        DevnetError::Nodes { .. }
        | DevnetError::ChaosNodes { .. }
        | DevnetError::Foreign { .. }
        | DevnetError::OtherSize { .. } => Failure::usage(error),
        other => Failure::failed(other),
    }
}
