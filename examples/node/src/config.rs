use crate::exit::Failure;
use crate::limits::LimitsFile;
use crate::log::LogFile;
use clap::Args;
use isonomy::types::Address;
use serde::Deserialize;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::Path;

/// Threads for checking at most: more than any machine has use for, fewer than exhaust it.
pub(crate) const WORKERS_MAX: usize = 256;

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
    /// Keep an index: address history, events by key, asset holders.
    #[arg(long)]
    #[serde(default)]
    pub(crate) index: bool,
    /// Make blocks.
    #[arg(long)]
    #[serde(default)]
    pub(crate) mine: bool,
    /// Who is paid for them.
    #[arg(long)]
    pub(crate) producer: Option<Address>,
    /// Hashes a second at most. [default: all of one core]
    #[arg(long)]
    pub(crate) hash_rate: Option<NonZeroU64>,
    /// Threads for checking, 256 at most. [default: one for each core]
    #[arg(long)]
    pub(crate) workers: Option<usize>,
    /// What peers may take, and the node in all. In the file alone.
    #[arg(skip)]
    #[serde(default)]
    pub(crate) limits: LimitsFile,
    /// What is logged. In the file alone.
    #[arg(skip)]
    #[serde(default)]
    pub(crate) log: LogFile,
}

impl RunFile {
    /// Reads the file, if there is one, lets `self`, the flags, win, and checks what comes of it.
    pub(crate) fn over(self, file: Option<&Path>) -> Result<Self, Failure> {
        let merged = match file {
            Some(path) => self.over_file(path)?,
            None => self,
        };
        merged.check()?;
        Ok(merged)
    }

    fn check(&self) -> Result<(), Failure> {
        let paid = self.producer.is_some() || self.hash_rate.is_some();
        if paid && !self.mine {
            return Err(Failure::usage(
                "producer and hash rate mean nothing to a node that does not mine: add --mine, or \
                 leave them out",
            ));
        }
        match self.workers {
            Some(got) if got > WORKERS_MAX => {
                Err(Failure::usage(format!("workers = {got}, expected 0 to {WORKERS_MAX}")))
            }
            _ => Ok(()),
        }
    }

    fn over_file(self, path: &Path) -> Result<Self, Failure> {
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
            index: self.index || file.index,
            mine: self.mine || file.mine,
            producer: self.producer.or(file.producer),
            hash_rate: self.hash_rate.or(file.hash_rate),
            workers: self.workers.or(file.workers),
            limits: file.limits,
            log: file.log,
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
        let file = file("listen = \"127.0.0.1:1\"\noutbound = 3\nmine = true\nindex = true\n");
        let listen = Some("127.0.0.1:2".parse().unwrap());
        let flags = RunFile { listen, ..RunFile::default() };
        let merged = flags.over(Some(file.path())).ok().unwrap();
        assert_eq!(merged.listen, listen);
        assert_eq!((merged.outbound, merged.mine, merged.index), (Some(3), true, true));
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
    fn the_file_is_held_to_what_the_flags_are() {
        let producer = Address::default();
        for text in [
            "mine = true\nhash_rate = 0\n".to_owned(),
            "workers = 257\n".to_owned(),
            "hash_rate = 5\n".to_owned(),
            format!("producer = \"{producer}\"\n"),
        ] {
            let file = file(&text);
            assert!(RunFile::default().over(Some(file.path())).is_err(), "{text}");
        }
        let file = file(&format!("producer = \"{producer}\"\nhash_rate = 5\nworkers = 256\n"));
        let flags = RunFile { mine: true, ..RunFile::default() };
        assert_eq!(flags.over(Some(file.path())).ok().unwrap().hash_rate, NonZeroU64::new(5));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let file = file("lisen = \"127.0.0.1:1\"\n");
        assert!(RunFile::default().over(Some(file.path())).is_err());
    }
}
