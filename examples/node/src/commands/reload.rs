//! What a running node takes out of its configuration file anew, on SIGHUP.
use crate::config::RunFile;
use crate::exit::Failure;
use crate::log::{Log, OWNER};
use isonomy::Node;
use isonomy::host::Reloads;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file, the flags that win over it, and what is in force.
pub(crate) struct Reload {
    pub(crate) path: Option<PathBuf>,
    pub(crate) flags: RunFile,
    pub(crate) now: RunFile,
}

impl Reload {
    /// Reads the file again whenever the owner wishes. Never ends.
    pub(crate) async fn run(mut self, mut wishes: Reloads, node: &Node, log: &Log) {
        loop {
            wishes.next().await;
            let Some(path) = self.path.clone() else {
                let hint = "start the node with --config FILE to change levels and peers later";
                tracing::warn!(target: OWNER, "nothing to read again: {hint}");
                continue;
            };
            match self.read(&path, node, log).await {
                Ok(changes) => {
                    let changes =
                        if changes.is_empty() { "nothing".into() } else { changes.join("; ") };
                    tracing::info!(target: OWNER, "read {} again; changed: {changes}", path.display());
                }
                Err(failure) => {
                    tracing::error!(target: OWNER, "nothing is changed: {}", failure.message());
                }
            }
        }
    }

    /// What changed. Of a file with a fault nothing is taken.
    async fn read(&mut self, path: &Path, node: &Node, log: &Log) -> Result<Vec<String>, Failure> {
        let file = self.flags.clone().over(Some(path))?;
        let mut changes = Vec::new();
        if file.log != self.now.log {
            log.apply(&file.log)?;
            changes.push(format!("log levels: {}", file.log));
        }
        if file.peer != self.now.peer {
            node.handle().seeds(&file.peer).await.map_err(Failure::failed)?;
            changes.push(peers(&self.now.peer, &file.peer));
        }
        let rest = RunFile { log: file.log.clone(), peer: file.peer.clone(), ..self.now.clone() };
        if rest != file {
            changes.push("the rest takes effect when the node is started again".into());
        }
        (self.now.log, self.now.peer) = (file.log, file.peer);
        Ok(changes)
    }
}

fn peers(before: &[SocketAddr], after: &[SocketAddr]) -> String {
    let less = |some: &[SocketAddr], others: &[SocketAddr], sign: char| -> Vec<String> {
        let left = some.iter().filter(|address| !others.contains(address));
        left.map(|address| format!("{sign}{address}")).collect()
    };
    let changed = [less(after, before, '+'), less(before, after, '-')].concat();
    format!("peers: {}", changed.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_that_came_and_went_are_named() {
        let at = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let said = peers(&[at(1), at(2)], &[at(2), at(3)]);
        assert_eq!(said, "peers: +192.0.2.1:3 -192.0.2.1:1");
    }
}
