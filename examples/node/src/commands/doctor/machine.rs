//! What the system lets the process have.
use super::Finding;
use crate::config::RunFile;
use isonomy::host::HANDSHAKES_MAX;
use isonomy::rpc::CONNECTIONS_MAX;
use rustix::process::{Resource, getrlimit};

/// Files beside sockets: log segments, database, terminals, and some to spare.
const FILES: usize = 64;
/// With less memory a node of a small chain may be ended by the system, …
const MEMORY_LEAST_MIB: u64 = 256;
/// … and with less than this one of a larger chain.
const MEMORY_GOOD_MIB: u64 = 1_024;

pub(super) fn examine(file: &RunFile, found: &mut Vec<Finding>) {
    found.push(files(file.limits.limits().peers.links, getrlimit(Resource::Nofile).current));
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    found.extend(available_mib(&meminfo).map(memory));
}

fn files(links: usize, limit: Option<u64>) -> Finding {
    let needed = links.saturating_add(HANDSHAKES_MAX + CONNECTIONS_MAX + FILES);
    let needed = u64::try_from(needed).unwrap_or(u64::MAX);
    match limit {
        Some(limit) if limit < needed => Finding::fail(
            "files",
            format_args!("{limit} open files allowed, a node with {links} links wants {needed}"),
            format_args!(
                "run `ulimit -n {needed}` before the node, put LimitNOFILE={needed} into its \
                 service file, or lower links in [limits]"
            ),
        ),
        Some(limit) => Finding::ok("files", format_args!("{limit} allowed, {needed} wanted")),
        None => Finding::ok("files", format_args!("no limit, {needed} wanted")),
    }
}

fn available_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1_024)
}

fn memory(mib: u64) -> Finding {
    let says = format!("{mib} MiB available");
    let step = "end other programs, add memory, or lower tree_forks and bytes in [limits]";
    match mib {
        0..MEMORY_LEAST_MIB => Finding::fail("memory", says, step),
        MEMORY_LEAST_MIB..MEMORY_GOOD_MIB => Finding::warn("memory", says, step),
        _ => Finding::ok("memory", says),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn too_few_files_are_told_with_the_number_that_does() {
        let few = files(128, Some(256));
        assert_eq!(few.verdict, Verdict::Fail);
        let step = few.step.unwrap();
        let needed: u64 = step
            .split_whitespace()
            .find_map(|word| word.trim_end_matches('`').parse().ok())
            .unwrap();
        assert_eq!(files(128, Some(needed)).verdict, Verdict::Ok);
        assert_eq!(files(128, Some(needed - 1)).verdict, Verdict::Fail);
        assert_eq!(files(usize::MAX, None).verdict, Verdict::Ok);
    }

    #[test]
    fn memory_is_read_and_judged() {
        let text = "MemTotal: 8000000 kB\nMemAvailable:    524288 kB\nSwap: 0 kB\n";
        assert_eq!(available_mib(text), Some(512));
        for text in ["", "MemAvailable:", "MemAvailable: much"] {
            assert_eq!(available_mib(text), None, "{text}");
        }
        let verdicts = [0, 255, 256, 1_023, 1_024].map(|mib| memory(mib).verdict);
        use Verdict::{Fail, Ok, Warn};
        assert_eq!(verdicts, [Fail, Fail, Warn, Warn, Ok]);
    }
}
