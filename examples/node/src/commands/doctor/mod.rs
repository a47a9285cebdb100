//! Looks for what may keep a node from running well, and says what to do about it.
mod chain;
mod clock;
mod compare;
mod directory;
mod holder;
mod machine;
mod network;

use crate::cli::Doctor;
use crate::config::RunFile;
use crate::exit::{Failure, plain};
use isonomy::Spec;
use isonomy::client::{Client, api::Status};
use isonomy::rpc::Server;
use serde::Serialize;
use std::fmt::{self, Display};
use std::net::SocketAddr;

/// How much of a reason to act there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// It may run, and may not run well.
    Warn,
    /// It will not run, or not as one thinks.
    Fail,
}

/// What one look found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    verdict: Verdict,
    /// What there is.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Display) -> Self {
        Self { check, verdict: Verdict::Ok, found: plain(&found.to_string()), step: None }
    }

    fn warn(check: &'static str, found: impl Display, step: impl Display) -> Self {
        let step = Some(plain(&step.to_string()));
        Self { verdict: Verdict::Warn, step, ..Self::ok(check, found) }
    }

    fn fail(check: &'static str, found: impl Display, step: impl Display) -> Self {
        Self { verdict: Verdict::Fail, ..Self::warn(check, found, step) }
    }

    /// What an error of ours says: cause and next step are in it.
    fn error(check: &'static str, error: impl Display) -> Self {
        Self { verdict: Verdict::Fail, ..Self::ok(check, error) }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{verdict:4}  {:9}  {}", self.check, self.found)?;
        self.step.iter().try_for_each(|step| write!(f, "\n{:17}→ {step}", ""))
    }
}

pub(crate) async fn doctor(arguments: Doctor) -> Result<(), Failure> {
    let json = arguments.json;
    let found = examine(arguments).await;
    let count = |verdict| found.iter().filter(|finding| finding.verdict == verdict).count();
    let (failed, warned) = (count(Verdict::Fail), count(Verdict::Warn));
    if json {
        let report = serde_json::json!({ "checks": found, "failed": failed, "warned": warned });
        println!("{report}");
    } else {
        found.iter().for_each(|finding| println!("{finding}"));
    }
    match (failed, warned) {
        (0, 0) => Ok(()),
        (0, _) if json => Ok(()),
        (0, warned) => {
            println!("nothing is wrong; {warned} to think about");
            Ok(())
        }
        (failed, _) => Err(Failure::failed(format!("{failed} of {} checks failed", found.len()))),
    }
}

async fn examine(arguments: Doctor) -> Vec<Finding> {
    let Doctor { config, genesis, dir, rpc, peer, compare, json: _ } = arguments;
    let mut found = Vec::new();
    let file = configuration(config.as_deref(), &mut found);
    let spec = genesis.and_then(|path| chain::spec(&path, &mut found));
    let given = rpc.is_some();
    let asked = file.rpc.unwrap_or(Server::ADDRESS);
    let rpc = rpc.unwrap_or_else(|| reachable(asked).to_string());
    let node = running(&rpc, given, spec.as_ref(), &mut found).await;
    machine::examine(&file, &mut found);
    if let Some(dir) = &dir {
        directory::examine(dir, &mut found);
    }
    if let (Some(dir), Some(spec)) = (&dir, &spec) {
        chain::stored(dir, spec, node.is_some(), &mut found);
    }
    holder::examine(&file, node.is_some(), &mut found);
    clock::examine(spec.as_ref(), node.as_ref(), &compare, &mut found).await;
    let peers: Vec<SocketAddr> = file.peer.iter().copied().chain(peer).collect();
    network::examine(&peers, node.as_ref(), &mut found).await;
    for other in &compare {
        compare::examine(&rpc, node.as_ref(), other, &mut found).await;
    }
    found
}

fn configuration(path: Option<&std::path::Path>, found: &mut Vec<Finding>) -> RunFile {
    let Some(path) = path else { return RunFile::default() };
    match RunFile::default().over(Some(path)) {
        Ok(file) => {
            found.push(Finding::ok("config", format_args!("{} is as it should", path.display())));
            file
        }
        Err(failure) => {
            found.push(Finding::error("config", failure.message()));
            RunFile::default()
        }
    }
}

/// The node itself, if it runs.
async fn running(
    rpc: &str,
    given: bool,
    spec: Option<&Spec>,
    found: &mut Vec<Finding>,
) -> Option<Status> {
    let asked = async { Client::new(rpc)?.status().await }.await;
    let status = match asked {
        Ok(status) => status,
        Err(error) if given => {
            found.push(Finding::error("node", error));
            return None;
        }
        Err(_) => {
            found.push(Finding::ok("node", format_args!("none answers at {rpc}: none runs")));
            return None;
        }
    };
    let here = spec.and_then(|spec| spec.coin().ok()).map(|coin| coin.genesis.tip.trail.id);
    if let Some(here) = here.filter(|here| *here != status.genesis) {
        let says = format_args!("the node at {rpc} runs the chain {}, not {here}", status.genesis);
        let step = "give the genesis file that it runs on, or the address of the right node";
        found.push(Finding::fail("node", says, step));
        return None;
    }
    let (height, peers) = (status.height, status.peers);
    let doing = if status.catching_up { ", catching up" } else { "" };
    let says = format_args!("runs at {rpc}, height {height}, {peers} peers{doing}");
    found.push(Finding::ok("node", says));
    Some(status)
}

/// Where a program of this machine reaches who listens there.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_and_a_step_below_it() {
        let finding = Finding::warn("memory", "low\u{1b}[2J", "add some");
        let text = finding.to_string();
        assert_eq!(text, "warn  memory     low?[2J\n                 → add some");
        assert_eq!(Finding::ok("memory", "9").to_string(), "ok    memory     9");
    }

    #[test]
    fn who_listens_everywhere_is_reached_here() {
        for (listens, reached) in
            [("0.0.0.0:5", "127.0.0.1:5"), ("[::]:5", "[::1]:5"), ("192.0.2.1:5", "192.0.2.1:5")]
        {
            assert_eq!(reachable(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
