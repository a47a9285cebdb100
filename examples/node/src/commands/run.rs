use super::notify::{READY, STOPPING, notify};
use super::progress::{self, Spinner};
use super::reload::Reload;
use crate::cli::{LISTEN, Run};
use crate::config::RunFile;
use crate::exit::Failure;
use crate::log::Log;
use isonomy::host::{Ended, Reloads, stop_signal};
use isonomy::rpc::Server;
use isonomy::{Mining, Node, NodeError, OUTBOUND, Settings, Spec};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Milliseconds after which a node that is still stopping says so.
const SLOW_STOP_MS: u64 = 1_000;
/// What a shell sees of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

pub(crate) async fn run(arguments: Run, log: &Log) -> Result<(), Failure> {
    let Run { genesis, dir, config, flags, json, exit_with_parent, admin, faucet_url } = arguments;
    let file = flags.clone().over(config.as_deref())?;
    log.apply(&file.log)?;
    let spec = read(&genesis)?;
    let settings = Settings { admin, faucet: faucet_url, ..settings(dir, &file)? };
    // From the first moment, so that no signal finds nobody who hears it.
    let wishes = Reloads::listen().map_err(Failure::failed)?;
    let stop = stop_signal();
    tokio::pin!(stop);
    let opening = Spinner::start("opening");
    let node = tokio::select! {
        biased;
        signal = &mut stop => return signal.map_err(Failure::failed),
        started = Node::start(&spec, settings) => started.map_err(|error| match error {
            NodeError::Admin { .. } | NodeError::Places { .. } => Failure::usage(error),
            other => Failure::failed(other),
        })?,
    };
    drop(opening);
    announce(&node, json);
    notify(READY);
    let parent = async {
        if exit_with_parent {
            parent_ends().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let progress = async {
        if !json && std::io::stderr().is_terminal() {
            progress::show(&node).await;
        }
        std::future::pending::<()>().await;
    };
    let reload = Reload { path: config, flags, now: file };
    tokio::select! {
        signal = stop => signal.map_err(Failure::failed)?,
        () = parent => {}
        () = progress => {}
        () = reload.run(wishes, &node, log) => {}
        _ = node.ended() => {}
    }
    notify(STOPPING);
    match stopped(&node).await {
        Ended::Stopped => Ok(()),
        Ended::Halted(why) => Err(Failure::failed(why)),
    }
}

fn settings(dir: PathBuf, file: &RunFile) -> Result<Settings, Failure> {
    Ok(Settings {
        listen: Some(file.listen.unwrap_or(LISTEN)),
        rpc: Some(file.rpc.unwrap_or(Server::ADDRESS)),
        index: file.index,
        peers: file.peer.clone(),
        outbound: file.outbound.unwrap_or(OUTBOUND),
        mining: mining(file)?,
        workers: file.workers.unwrap_or(0),
        limits: file.limits.limits(),
        ..Settings::local(dir)
    })
}

/// Stops with everything on disk. Who asks once more does not wait.
async fn stopped(node: &Node) -> Ended {
    let slow = async {
        tokio::time::sleep(Duration::from_millis(SLOW_STOP_MS)).await;
        eprintln!("isonomy: still writing; the same signal again ends it at once");
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = node.stop() => ended,
        _ = stop_signal() => {
            eprintln!(
                "isonomy: ended before all was written; what was acknowledged is on disk, and the \
                 next start replays the rest"
            );
            std::process::exit(INTERRUPTED)
        }
        () = slow => node.ended().await,
    }
}

pub(crate) fn read(genesis: &Path) -> Result<Spec, Failure> {
    let text = std::fs::read_to_string(genesis).map_err(|error| {
        let hint = "give the chain's file, or make a chain with `isonomy genesis`";
        Failure::usage(format!("cannot read {}: {error}; {hint}", genesis.display()))
    })?;
    let wrong = |error| {
        let hint = "get the chain's file anew from somebody who runs it";
        Failure::usage(format!("{}: {error}; {hint}", genesis.display()))
    };
    let spec = Spec::parse(&text).map_err(wrong)?;
    // The numbers are tried here too, so that the file is named.
    spec.coin().map_err(wrong)?;
    Ok(spec)
}

fn mining(file: &RunFile) -> Result<Option<Mining>, Failure> {
    match (file.mine, file.producer) {
        (false, _) => Ok(None),
        (true, Some(producer)) => Ok(Some(Mining { producer, hash_rate: file.hash_rate })),
        (true, None) => Err(Failure::usage(
            "--mine needs --producer, who is paid; `isonomy keys new --out FILE` makes an address",
        )),
    }
}

fn announce(node: &Node, json: bool) {
    let (genesis, listen, rpc) = (node.genesis(), node.address(), node.rpc());
    if json {
        let key = node.handle().key();
        let line =
            serde_json::json!({ "genesis": genesis, "key": key, "listen": listen, "rpc": rpc });
        println!("{line}");
        return;
    }
    let shown = |address: Option<_>| address.map_or("nowhere".into(), |at| format!("{at}"));
    println!("chain {genesis}: peers at {}, questions at {}", shown(listen), shown(rpc));
}

/// Standard input is a pipe that the parent holds: it ends when the parent does.
async fn parent_ends() {
    let mut input = tokio::io::stdin();
    let mut bytes = [0; 64];
    while input.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}
