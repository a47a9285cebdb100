use crate::exit::Failure;
use crate::limits::LimitsFile;
use clap::Args;
use isonomy::types::Address;
use serde::Deserialize;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;

/// What flags and file can say of a node. A flag wins over the file.
#[derive(Args, Deserialize, Default, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunFile {
    /// Where to accept peers; port 0 takes a free one. [default: 0.0.0.0:7331]
    #[arg(long, value_name = "IP:PORT", value_parser = crate::cli::socket)]
    pub(crate) listen: Option<SocketAddr>,
    /// Where to answer questions; keep it on loopback. [default: 127.0.0.1:7332]
    #[arg(long, value_name = "IP:PORT", value_parser = crate::cli::socket)]
    pub(crate) rpc: Option<SocketAddr>,
    /// A node to connect to. Repeat for more; one is enough, nodes tell of each other.
    #[arg(long, value_name = "IP:PORT", value_parser = crate::cli::socket)]
    #[serde(default)]
    pub(crate) peer: Vec<SocketAddr>,
    /// Connections to keep up. [default: 8]
    #[arg(long)]
    pub(crate) outbound: Option<usize>,
    /// Make blocks.
    #[arg(long)]
    #[serde(default)]
    pub(crate) mine: bool,
    /// Who is paid for them.
    #[arg(long)]
    pub(crate) producer: Option<Address>,
    /// Hashes a second at most. [default: all of one core]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) hash_rate: Option<u64>,
    /// Threads for checking. [default: one for each core]
    #[arg(long)]
    pub(crate) workers: Option<usize>,
    /// What peers may take, and the node in all. In the file alone.
    #[arg(skip)]
    #[serde(default)]
    pub(crate) limits: LimitsFile,
}

impl RunFile {
    /// Reads the file, if there is one, and lets `self`, the flags, win.
    pub(crate) fn over(self, file: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(self) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        let wrong = |error: &dyn Display| Failure::usage(format!("in {}: {error}", path.display()));
        let file: Self = toml::from_str(&text).map_err(|error| wrong(&error))?;
        file.limits.limits().check().map_err(|error| wrong(&format!("[limits] {error}")))?;
        Ok(Self {
            listen: self.listen.or(file.listen),
            rpc: self.rpc.or(file.rpc),
            peer: if self.peer.is_empty() { file.peer } else { self.peer },
            outbound: self.outbound.or(file.outbound),
            mine: self.mine || file.mine,
            producer: self.producer.or(file.producer),
            hash_rate: self.hash_rate.or(file.hash_rate),
            workers: self.workers.or(file.workers),
            limits: file.limits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = file("listen = \"127.0.0.1:1\"\noutbound = 3\nmine = true\n");
        let listen = Some("127.0.0.1:2".parse().unwrap());
        let flags = RunFile { listen, ..RunFile::default() };
        let merged = flags.over(Some(file.path())).ok().unwrap();
        assert_eq!(merged.listen, listen);
        assert_eq!((merged.outbound, merged.mine), (Some(3), true));
    }

    /// Samples cut, flipped and mixed: a file is read, or what is wrong is said.
    #[test]
    fn any_file_is_read_or_refused() {
        let sample = "listen = \"127.0.0.1:1\"\nrpc = \"[::1]:2\"\npeer = [\"192.0.2.1:3\"]\n\
                      outbound = 3\nmine = true\nhash_rate = 1\nworkers = 0\n";
        let producer = format!("producer = \"{}\"\nmine = false\n", Address::default());
        let samples = [sample.to_owned().into_bytes(), producer.into_bytes()];
        let (mut read, mut refused) = (0, 0);
        for case in isonomy_fuzz::cases(&samples, 5_000, 1) {
            let Ok(text) = String::from_utf8(case) else { continue };
            match toml::from_str::<RunFile>(&text) {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            }
        }
        assert!(read > 0 && refused > read);
    }

    #[test]
    fn limits_are_read_and_what_is_not_named_stays() {
        let file = file("[limits]\ninbound = 5\nslow_ms = 60000\njobs = 10\n");
        let limits = RunFile::default().over(Some(file.path())).ok().unwrap().limits.limits();
        assert_eq!((limits.peers.inbound, limits.peers.slow_ms), (5, 60_000));
        assert_eq!((limits.jobs, limits.link_jobs), (10, 10));
        let others = isonomy::peer::Limits { inbound: 112, slow_ms: 30_000, ..limits.peers };
        assert_eq!(others, isonomy::peer::Limits::default());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let file = file("lisen = \"127.0.0.1:1\"\n");
        assert!(RunFile::default().over(Some(file.path())).is_err());
    }
}
