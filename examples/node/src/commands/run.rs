use super::progress;
use crate::cli::{LISTEN, Run};
use crate::config::RunFile;
use crate::exit::Failure;
use isonomy::host::{Ended, stop_signal};
use isonomy::rpc::Server;
use isonomy::{Mining, Node, NodeError, OUTBOUND, Settings, Spec};
use std::io::IsTerminal;
use std::path::Path;
use tokio::io::AsyncReadExt;

pub(crate) async fn run(arguments: Run) -> Result<(), Failure> {
    let Run { genesis, dir, config, flags, json, exit_with_parent, admin } = arguments;
    let file = flags.over(config.as_deref())?;
    let spec = read(&genesis)?;
    let mining = mining(&file)?;
    let settings = Settings {
        dir,
        listen: Some(file.listen.unwrap_or(LISTEN)),
        rpc: Some(file.rpc.unwrap_or(Server::ADDRESS)),
        access: None,
        admin,
        peers: file.peer,
        outbound: file.outbound.unwrap_or(OUTBOUND),
        mining,
        workers: file.workers.unwrap_or(0),
        limits: file.limits.limits(),
    };
    // From the first moment, so that no signal finds nobody who hears it.
    let stop = stop_signal();
    tokio::pin!(stop);
    let node = tokio::select! {
        biased;
        signal = &mut stop => return signal.map_err(Failure::failed),
        started = Node::start(&spec, settings) => started.map_err(|error| match error {
            NodeError::Admin { .. } | NodeError::Places { .. } => Failure::usage(error),
            other => Failure::failed(other),
        })?,
    };
    announce(&node, json);
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
    tokio::select! {
        signal = stop => signal.map_err(Failure::failed)?,
        () = parent => {}
        () = progress => {}
        _ = node.ended() => {}
    }
    match node.stop().await {
        Ended::Stopped => Ok(()),
        Ended::Halted(why) => Err(Failure::failed(why)),
    }
}

pub(super) fn read(genesis: &Path) -> Result<Spec, Failure> {
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
