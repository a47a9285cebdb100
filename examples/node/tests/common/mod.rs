//! The built binary, as a person runs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, dead_code)]
pub(crate) mod world;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

pub(crate) fn isonomy(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isonomy"));
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    isonomy(arguments).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The processes that `parent` started.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let tasks = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(tasks).unwrap_or_default();
    let own = text.split_whitespace().filter_map(|pid| pid.parse().ok());
    let mut found: Vec<u32> = own.collect();
    // Threads of the parent may have started some.
    if let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) {
        for thread in threads.flatten() {
            let text = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(text.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

pub(crate) fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended.
    !stat.is_empty() && !stat.contains(") Z ")
}

pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Asks every tenth of a second, for a minute at most.
pub(crate) fn until(what: &str, ask: impl Fn() -> bool) {
    for _ in 0..600 {
        if ask() {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("not within a minute: {what}");
}

/// A devnet of two nodes in `dir`, both running.
pub(crate) fn devnet(dir: &Path) -> (Child, Vec<u32>) {
    let dir = dir.to_str().unwrap();
    let mut command = isonomy(&["devnet", "--nodes", "2", "--dir", dir]);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let id = process.id();
    until("two nodes run", || children(id).len() == 2);
    let nodes = children(id);
    (process, nodes)
}

/// A node that runs, and where it answers. Killed when it is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) peers: String,
    pub(crate) rpc: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Asks it to end, and says whether it did so without a fault.
    pub(crate) fn stop(mut self) -> bool {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap().success()
    }
}

/// `isonomy run` on free ports of this machine, waited for until it answers.
pub(crate) fn start(genesis: &str, dir: &str, more: &[&str]) -> Running {
    let free = ["--listen", "127.0.0.1:0", "--rpc", "127.0.0.1:0", "--json"];
    let arguments = [&["run", "--genesis", genesis, "--dir", dir], &free[..], more].concat();
    let mut child = isonomy(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let at = |name: &str| said[name].as_str().unwrap().to_owned();
    Running { child, peers: at("listen"), rpc: at("rpc") }
}

/// Every path below a directory, with its mode and what it holds.
pub(crate) fn tree(dir: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode();
        if path.is_dir() {
            found.extend(tree(&path));
            found.insert(path, (mode, Vec::new()));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, (mode, bytes));
        }
    }
    found
}

/// Copies a directory of files, modes included.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
