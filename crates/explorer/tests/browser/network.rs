//! A small network of real nodes, with transfers.
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Ends with this: the nodes watch a pipe that the devnet's process holds.
pub(crate) struct Network {
    /// Where the first node answers.
    pub(crate) rpc: String,
    folder: tempfile::TempDir,
    _devnet: Child,
}

impl Network {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/isonomy");
        let program = std::env::var_os("ISONOMY").map_or(PathBuf::from(built), PathBuf::from);
        let mut devnet = Command::new(&program)
            .args(["devnet", "--nodes", "3", "--rate", "8", "--dir"])
            .arg(folder.path().join("devnet"))
            .stderr(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run .ci/browser", program.display()));
        let mut lines = BufReader::new(devnet.stderr.take().unwrap()).lines();
        let rpc = loop {
            let line = timeout(Duration::from_secs(60), lines.next_line()).await.unwrap().unwrap();
            let line = line.expect("the devnet ended");
            if let Some((_, rpc)) = line.split_once("isonomy status --rpc ") {
                break rpc.trim().to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { rpc, folder, _devnet: devnet }
    }

    /// The address of one of its accounts.
    pub(crate) fn account(&self) -> String {
        let file = self.folder.path().join("devnet/account-1.json");
        let key: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        key["address"].as_str().unwrap().to_owned()
    }
}
