//! A whole network on this machine, watched.
mod browser;
mod draw;
#[cfg(test)]
mod frames;
mod keys;
mod settings;
mod show;
mod terminal;
mod view;

use crate::cli::Devnet;
use crate::exit::Failure;
use isonomy::host::stop_signal;
use isonomy_devnet::{Act, Chaos, DevnetError, Narrator, Network, Report, Settings};
use keys::Command;
use show::Show;
use std::io::IsTerminal;
use std::time::Duration;

/// Milliseconds between two looks at the nodes on a terminal, …
const SCREEN_MS: u64 = 500;
/// … and where lines pile up.
const LINES_MS: u64 = 4_000;

pub(crate) async fn devnet(arguments: Devnet, verbose: bool) -> Result<(), Failure> {
    let (settings, blocks) = settings::read(&arguments)?;
    let plan = settings.clone();
    // One for the whole run: between two, a signal would find nobody who hears it.
    let stop = stop_signal();
    tokio::pin!(stop);
    let network = tokio::select! {
        biased;
        signal = &mut stop => return signal.map_err(Failure::failed),
        started = Network::start(settings) => started.map_err(usage_or_failure)?,
    };
    let mut network = network;
    introduce(&network, &arguments, &plan).await?;
    // What is logged would run across a dashboard.
    let logs = verbose || std::env::var_os("ISONOMY_LOG").is_some();
    let screen = std::io::stderr().is_terminal() && !arguments.plain && !logs;
    let mut show = match screen {
        true => Show::dashboard(&mut network, &plan).await.map_err(Failure::failed)?,
        false => Show::Lines,
    };
    let quit = show.quit();
    let ended = tokio::select! {
        ended = watch(&mut network, blocks, &mut show) => ended.map_err(Failure::failed),
        signal = &mut stop => signal.map(|()| None).map_err(Failure::failed),
        () = quit => Ok(None),
    };
    // Gives the terminal back.
    drop(show);
    eprintln!("stopping all nodes …");
    network.stop().await;
    match ended? {
        None => Ok(()),
        Some(report) => print(&report),
    }
}

async fn introduce(network: &Network, arguments: &Devnet, plan: &Settings) -> Result<(), Failure> {
    let rpc = network.rpc(1);
    if let Some(rpc) = rpc {
        eprintln!("explorer: http://{rpc}/");
    }
    if let Some(url) = network.faucet() {
        eprintln!("faucet: {url} (or: curl -d address=ADDRESS {url})");
    }
    if plan.chaos == Chaos::Drawn {
        let Settings { seed, nodes, .. } = plan;
        eprintln!("the same chaos again: isonomy devnet --chaos --seed {seed} --nodes {nodes}");
    }
    if let Some(file) = &plan.record {
        eprintln!("the same steps again: isonomy devnet --scenario {}", file.display());
    }
    let accounts = network.accounts().map_err(Failure::failed)?;
    for account in &accounts {
        eprintln!("{:<6} {} (key {})", account.name, account.address, account.key.display());
    }
    if let Some(rpc) = rpc {
        eprintln!("ask node 1: isonomy status --rpc {rpc}");
        if let [from, to, ..] = accounts.as_slice() {
            let (key, to) = (from.key.display(), to.address);
            eprintln!("pay: isonomy send --rpc {rpc} --key {key} --to {to} --amount 500 --wait");
        }
    }
    if arguments.join {
        eprintln!("add a node: {} --listen 127.0.0.1:0 --rpc 127.0.0.1:0", network.join_command());
    }
    if let Some(rpc) = rpc.filter(|_| arguments.open) {
        browser::open(&format!("http://{rpc}/")).await;
    }
    Ok(())
}

/// Shows the network until it has its blocks, then judges it. Without a number of blocks it goes
/// on until somebody ends it.
async fn watch(
    network: &mut Network,
    blocks: Option<u64>,
    show: &mut Show,
) -> Result<Option<Report>, DevnetError> {
    let pause = Duration::from_millis(if show.is_dashboard() { SCREEN_MS } else { LINES_MS });
    let mut narrator = Narrator::default();
    loop {
        let snapshot = network.look().await?;
        for sentence in narrator.look(&snapshot) {
            show.tell(snapshot.height(), sentence);
        }
        show.look(network, snapshot.clone()).await?;
        let done = |blocks: &u64| snapshot.height() >= *blocks && network.is_tested();
        if let Some(blocks) = blocks.filter(done) {
            show.busy("judging");
            return network.judge(blocks).await.map(Some);
        }
        let tell = |act: &Act| {
            narrator.act(act);
            show.tell(snapshot.height(), format!("chaos: {}", act.story()));
        };
        network.pass(pause, tell).await?;
        while let Some(command) = show.command() {
            follow(network, command, show, snapshot.height()).await;
        }
    }
}

/// What a key asked for. What does not work is told.
async fn follow(network: &Network, command: Command, show: &mut Show, height: u64) {
    let told = match command {
        Command::Quit => return,
        Command::Pause => {
            let paused = !network.is_paused();
            network.pause(paused);
            if paused { "no transfers are sent".into() } else { "transfers are sent again".into() }
        }
        Command::Faucet => match network.fund_new().await {
            Ok((account, id)) => format!(
                "the faucet pays {} ({}): transfer {id}, key {}",
                account.name,
                account.address,
                account.key.display()
            ),
            Err(error) => format!("the faucet: {error}"),
        },
    };
    show.tell(height, told);
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
        | DevnetError::Fast { .. }
        | DevnetError::OtherPace { .. }
        | DevnetError::Recorded { .. }
        | DevnetError::OtherSize { .. } => Failure::usage(error),
        other => Failure::failed(other),
    }
}
