//! Whether the node's addresses are free, and if not, who holds them.
use super::Finding;
use crate::cli::LISTEN;
use crate::config::RunFile;
use isonomy::rpc::Server;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// A process with a socket.
struct Holder {
    pid: u32,
    name: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

pub(super) fn examine(file: &RunFile, runs: bool, found: &mut Vec<Finding>) {
    let (listen, rpc) = (file.listen.unwrap_or(LISTEN), file.rpc.unwrap_or(Server::ADDRESS));
    found.push(port("--listen", listen, runs));
    found.push(port("--rpc", rpc, runs));
}

fn port(flag: &str, address: SocketAddr, runs: bool) -> Finding {
    let Err(error) = TcpListener::bind(address) else {
        return Finding::ok("port", format_args!("{address} is free"));
    };
    if error.kind() != ErrorKind::AddrInUse {
        let says = format_args!("cannot listen on {address}: {error}");
        let step = format_args!("choose an address of this machine with {flag}");
        return Finding::fail("port", says, step);
    }
    let holder = holder(address.port());
    let by = holder.as_ref().map_or("a process of another user".into(), ToString::to_string);
    let ours = holder.is_none_or(|holder| holder.name == "isonomy");
    if runs && ours {
        return Finding::ok("port", format_args!("{address} is held by {by}: the node runs"));
    }
    let step =
        format_args!("stop it, or choose another address with {flag}, port 0 for a free one");
    Finding::fail("port", format_args!("{address} is taken by {by}"), step)
}

/// Who listens on this port, as far as this user may see.
fn holder(port: u16) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).ok());
    let sockets: Vec<String> =
        tables.iter().flatten().flat_map(|table| listeners(table, port)).collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.map(|entry| entry.path()).find_map(|process| {
        let pid = process.file_name()?.to_str()?.parse().ok()?;
        holds(&process, &sockets).then(|| Holder { pid, name: name(&process) })
    })
}

fn name(process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    name.trim().to_owned()
}

fn holds(process: &Path, sockets: &[String]) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    let links = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
    links.into_iter().any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))
}

/// The sockets that listen on this port, as links to them read, out of one of the kernel's tables
/// (proc(5)): local address and port in hex, state 0A, inode.
fn listeners(table: &str, port: u16) -> Vec<String> {
    let line = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (_, local) = columns.get(1)?.rsplit_once(':')?;
        let listens = columns.get(3) == Some(&"0A");
        let here = u16::from_str_radix(local, 16).ok()? == port;
        (listens && here).then_some(format!("socket:[{}]", columns.get(9)?))
    };
    table.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn the_kernels_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1CA4 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1\n\
            1: 0100007F:1CA4 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 4712 1\n\
            2: 00000000000000000000000000000000:1CA3 00000000000000000000000000000000:0000 0A 0 0 0 0 0 4713 1\n\
            torn line\n";
        assert_eq!(listeners(table, 7_332), ["socket:[4711]"]);
        assert_eq!(listeners(table, 7_331), ["socket:[4713]"]);
        assert_eq!(listeners(table, 1), Vec::<String>::new());
    }

    #[test]
    fn who_holds_a_port_is_named() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = held.local_addr().unwrap();
        let holder = holder(address.port()).unwrap();
        assert_eq!(holder.pid, std::process::id());
        for runs in [false, true] {
            let finding = port("--rpc", address, runs);
            assert_eq!(finding.verdict, Verdict::Fail, "this is no node");
            assert!(finding.found.contains(&holder.to_string()), "{finding}");
        }
        drop(held);
        assert_eq!(port("--rpc", address, false).verdict, Verdict::Ok);
        let foreign = port("--rpc", "192.0.2.1:1".parse().unwrap(), false);
        assert_eq!(foreign.verdict, Verdict::Fail, "{foreign}");
    }
}
