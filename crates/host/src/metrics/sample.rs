//! What a node shows, looked at when somebody asks.
use super::{Label, add};
use isonomy_node::Node;
use isonomy_peer::{Direction, PROTOCOL_VERSION};
use isonomy_types::Wall;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::fs;

/// One look at a node, and at the process around it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sample {
    height: u64,
    headers: u64,
    target: u64,
    base: u64,
    tip_time_ms: u64,
    catching_up: bool,
    bodies: usize,
    inbound: usize,
    outbound: usize,
    links: usize,
    buffered: usize,
    mempool: usize,
    mempool_bytes: usize,
    least_price: u64,
    /// What the machine's clock says, in milliseconds since 1970.
    pub(crate) now_ms: u64,
    /// Inputs that wait for the node.
    pub(crate) inputs: usize,
}

impl Sample {
    pub(crate) fn of(node: &Node) -> Self {
        let (sync, chain, pool) = (node.sync(), node.chain(), node.pool());
        let ready = |direction: Direction| {
            let links = node.peers().links();
            links.filter(|peer| peer.ready && peer.direction == direction).count()
        };
        Self {
            height: sync.height,
            headers: sync.headers,
            target: sync.target(),
            base: chain.base().height,
            tip_time_ms: chain.best().time.0,
            catching_up: sync.is_catching_up(),
            bodies: sync.bodies,
            inbound: ready(Direction::Inbound),
            outbound: ready(Direction::Outbound),
            links: node.peers().links().count(),
            buffered: node.peers().buffered(),
            mempool: pool.len(),
            mempool_bytes: pool.bytes(),
            least_price: node.least_price(),
            now_ms: 0,
            inputs: 0,
        }
    }
}

/// Where a sample is shown.
pub(super) struct Gauges {
    height: Gauge,
    headers: Gauge,
    target: Gauge,
    base: Gauge,
    tip_time: Gauge,
    tip_age: Gauge,
    catching_up: Gauge,
    bodies: Gauge,
    peers: Family<Label, Gauge>,
    links: Gauge,
    buffered: Gauge,
    mempool: Gauge,
    mempool_bytes: Gauge,
    least_price: Gauge,
    inputs: Gauge,
    resident: Gauge,
    files: Gauge,
}

impl Gauges {
    pub(super) fn new(book: &mut Registry, now: Wall) -> Self {
        let start = gauge(book, "start_time_seconds", "When this node started, since 1970");
        start.set(whole(now.0 / 1_000));
        let build = Info::new([
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("protocol", PROTOCOL_VERSION.to_string()),
        ]);
        book.register("build", "The software's version, and its peer protocol's", build);
        Self {
            height: gauge(book, "height", "Height of the best block"),
            headers: gauge(book, "headers_height", "Height of the newest checked header"),
            target: gauge(book, "target_height", "Height that the node works towards"),
            base: gauge(book, "base_height", "Height of the state on disk"),
            tip_time: gauge(book, "tip_time_seconds", "Time of the best block, since 1970"),
            tip_age: gauge(book, "tip_age_seconds", "Time since that of the best block"),
            catching_up: gauge(book, "catching_up", "1 while the node is far behind, else 0"),
            bodies: gauge(book, "bodies_waiting", "Blocks that wait to be executed"),
            peers: add(book, "peers", "Peers ready, by who dialled", Family::default()),
            links: gauge(book, "links", "Connections, ready or not"),
            buffered: gauge(book, "peer_buffered_bytes", "Bytes held for all links together"),
            mempool: gauge(book, "mempool_transactions", "Transactions that wait"),
            mempool_bytes: gauge(book, "mempool_bytes", "Bytes of all that waits"),
            least_price: gauge(book, "mempool_least_price", "The least meter price accepted now"),
            inputs: gauge(book, "inputs_waiting", "Inputs that wait for the node"),
            resident: gauge(book, "process_resident_bytes", "Memory that the process holds"),
            files: gauge(book, "process_open_files", "Files and sockets of the process"),
        }
    }

    pub(super) fn set(&self, sample: &Sample) {
        let age = sample.now_ms.saturating_sub(sample.tip_time_ms);
        for (gauge, value) in [
            (&self.height, sample.height),
            (&self.headers, sample.headers),
            (&self.target, sample.target),
            (&self.base, sample.base),
            (&self.tip_time, sample.tip_time_ms / 1_000),
            (&self.tip_age, age / 1_000),
            (&self.catching_up, sample.catching_up.into()),
            (&self.bodies, count(sample.bodies)),
            (&self.links, count(sample.links)),
            (&self.buffered, count(sample.buffered)),
            (&self.mempool, count(sample.mempool)),
            (&self.mempool_bytes, count(sample.mempool_bytes)),
            (&self.least_price, sample.least_price),
            (&self.inputs, count(sample.inputs)),
            (&self.resident, resident_bytes()),
            (&self.files, open_files()),
        ] {
            gauge.set(whole(value));
        }
        for (direction, peers) in [("inbound", sample.inbound), ("outbound", sample.outbound)] {
            self.peers.get_or_create(&[("direction", direction)]).set(whole(count(peers)));
        }
    }
}

fn gauge(book: &mut Registry, name: &str, meaning: &str) -> Gauge {
    add(book, name, meaning, Gauge::default())
}

fn count(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// What Linux says; 0 elsewhere.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0);
    kib.saturating_mul(1_024)
}

/// What Linux says; 0 elsewhere.
fn open_files() -> u64 {
    fs::read_dir("/proc/self/fd").map_or(0, |files| count(files.count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_holds_memory_and_files() {
        assert!(resident_bytes() > 100_000);
        assert!(open_files() > 2);
    }

    #[test]
    fn a_tip_of_the_future_has_no_age_and_no_number_overflows() {
        let gauges = Gauges::new(&mut Registry::default(), Wall(u64::MAX));
        let most =
            Sample { height: u64::MAX, tip_time_ms: 9_000, now_ms: 5_000, ..Sample::default() };
        gauges.set(&most);
        assert_eq!((gauges.height.get(), gauges.tip_age.get()), (i64::MAX, 0));
        gauges.set(&Sample { now_ms: 12_500, ..most });
        assert_eq!(gauges.tip_age.get(), 3);
    }
}
