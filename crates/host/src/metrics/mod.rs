//! What operators watch, counted where it happens and sampled when it is asked for.
mod closes;
mod sample;

use crate::clock::Clock;
use closes::REASONS;
use isonomy_node::Job;
use isonomy_peer::CloseReason;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};
use sample::Gauges;
pub(crate) use sample::Sample;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One label and its value, out of a list that the code fixes: no peer can make more of them.
pub(crate) type Label = [(&'static str, &'static str); 1];

/// A histogram for each value of a label.
type Timed = Family<Label, Histogram, fn() -> Histogram>;

/// The metrics of one node. Nothing in them is global, so that several nodes of one process each have
/// their own.
pub(crate) struct Metrics {
    registry: Registry,
    /// Set and encoded by one at a time, so that each answer shows one moment.
    gauges: Mutex<Gauges>,
    bytes: Family<Label, Counter>,
    closes: Family<Label, Counter>,
    pub(crate) dials_failed: Counter,
    pub(crate) handshakes_failed: Counter,
    pub(crate) blocks_imported: Counter,
    reorganisations: Histogram,
    condemned: Counter,
    signatures: Signatures,
    jobs: Timed,
    pub(crate) jobs_waiting: Gauge,
    writes: Timed,
    pub(crate) commits_waiting: Gauge,
}

/// How many signatures were asked about, and how many of them were known to hold.
#[derive(Clone, Default)]
pub(crate) struct Signatures(Family<Label, Counter>);

impl Signatures {
    pub(crate) fn count(&self, asked: usize, unknown: usize) {
        let known = u64::try_from(asked.saturating_sub(unknown)).unwrap_or(u64::MAX);
        self.0.get_or_create(&[("result", "known")]).inc_by(known);
        let unknown = u64::try_from(unknown).unwrap_or(u64::MAX);
        self.0.get_or_create(&[("result", "verified")]).inc_by(unknown);
    }
}

const BYTES: &str = "Bytes of peers' messages, in and out";
const CLOSES: &str = "Links that ended, by reason; lost is the far end's doing";
const DIALS_FAILED: &str = "Addresses dialled where no node answered";
const HANDSHAKES: &str = "Strangers who dialled and got no secure connection";
const IMPORTED: &str = "Blocks executed, found valid and handed to the log";
const CONDEMNED: &str = "Blocks found invalid for good";
const REORGANISATIONS: &str = "Blocks of the former best branch that a reorganisation left";
const SIGNATURES: &str = "Signatures asked about: known to hold, or verified";
const JOB_SECONDS: &str = "Time that jobs ran, by kind; execute imports a block or makes one";
const JOBS_WAITING: &str = "Jobs that wait for a thread";
const STORE_SECONDS: &str = "Time of writes: append to the log, flush of the state";
const COMMITS_WAITING: &str = "Commits handed to the store and not yet durable";

/// Registers a metric, and gives it back to be counted.
fn add<M: Metric + Clone>(registry: &mut Registry, name: &str, meaning: &str, metric: M) -> M {
    registry.register(name, meaning, metric.clone());
    metric
}

/// From half a millisecond to sixteen seconds.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 16))
}

impl Metrics {
    pub(crate) fn new(clock: Clock) -> Self {
        let mut registry = Registry::with_prefix("isonomy");
        let book = &mut registry;
        let times = || Timed::new_with_constructor(seconds);
        let depths = Histogram::new(exponential_buckets(1.0, 2.0, 7));
        let metrics = Self {
            gauges: Mutex::new(Gauges::new(book, clock.now().wall)),
            bytes: add(book, "peer_bytes", BYTES, Family::default()),
            closes: add(book, "closes", CLOSES, Family::default()),
            dials_failed: add(book, "dials_failed", DIALS_FAILED, Counter::default()),
            handshakes_failed: add(book, "handshakes_failed", HANDSHAKES, Counter::default()),
            blocks_imported: add(book, "blocks_imported", IMPORTED, Counter::default()),
            condemned: add(book, "blocks_condemned", CONDEMNED, Counter::default()),
            reorganisations: add(book, "reorganisation_depth", REORGANISATIONS, depths),
            signatures: Signatures(add(book, "signatures", SIGNATURES, Family::default())),
            jobs: add(book, "job_seconds", JOB_SECONDS, times()),
            jobs_waiting: add(book, "jobs_waiting", JOBS_WAITING, Gauge::default()),
            writes: add(book, "store_seconds", STORE_SECONDS, times()),
            commits_waiting: add(book, "commits_waiting", COMMITS_WAITING, Gauge::default()),
            registry,
        };
        metrics.begin();
        metrics
    }

    /// Every series is there from the start, so that a rate shows its first event.
    fn begin(&self) {
        self.received(0);
        self.sent(0);
        self.signatures.count(0, 0);
        REASONS.iter().for_each(|reason| drop(self.closes.get_or_create(&[("reason", reason)])));
        JOBS.iter().for_each(|kind| drop(self.jobs.get_or_create(&[("job", kind)])));
        WRITES.iter().for_each(|kind| drop(self.writes.get_or_create(&[("write", kind)])));
    }

    pub(crate) fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes.get_or_create(&[("direction", "in")]).inc_by(bytes);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes.get_or_create(&[("direction", "out")]).inc_by(bytes);
    }

    /// The node hung up.
    pub(crate) fn closed(&self, why: &CloseReason) {
        self.closes.get_or_create(&[("reason", closes::reason(why))]).inc();
    }

    /// The far end, or the line.
    pub(crate) fn lost(&self) {
        self.closes.get_or_create(&[("reason", closes::LOST)]).inc();
    }

    /// Best moved, and so many blocks of the former best branch were left.
    pub(crate) fn best(&self, left: usize) {
        if left > 0 {
            let depth = u32::try_from(left).unwrap_or(u32::MAX);
            self.reorganisations.observe(depth.into());
        }
    }

    pub(crate) fn condemned(&self) {
        self.condemned.inc();
    }

    pub(crate) fn signatures(&self) -> Signatures {
        self.signatures.clone()
    }

    pub(crate) fn ran(&self, job: &'static str, spent: Duration) {
        self.jobs.get_or_create(&[("job", job)]).observe(spent.as_secs_f64());
    }

    pub(crate) fn appended(&self, spent: Duration) {
        self.writes.get_or_create(&[("write", "append")]).observe(spent.as_secs_f64());
    }

    pub(crate) fn flushed(&self, spent: Duration) {
        self.writes.get_or_create(&[("write", "flush")]).observe(spent.as_secs_f64());
    }

    /// All families, as OpenMetrics text without its last line.
    pub(crate) fn encode(&self, sample: &Sample) -> String {
        // Between a panic and the next sample nothing is read.
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.set(sample);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode_registry(&mut text, &self.registry);
        text
    }
}

const WRITES: [&str; 2] = ["append", "flush"];

const JOBS: [&str; 9] =
    ["follow", "body", "admit", "execute", "mine", "verify", "sign", "read_body", "read_headers"];

/// What the metrics call a job.
pub(crate) const fn job(job: &Job) -> &'static str {
    match job {
        Job::Follow(_) => "follow",
        Job::Body { .. } => "body",
        Job::Admit(_) => "admit",
        Job::Execute(_) => "execute",
        Job::Mine(_) => "mine",
        Job::Verify(_) => "verify",
        Job::Sign { .. } => "sign",
        Job::ReadBody(_) => "read_body",
        Job::ReadHeaders { .. } => "read_headers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metrics: &Metrics) -> String {
        metrics.encode(&Sample::default())
    }

    #[test]
    fn two_nodes_of_one_process_count_apart() {
        let [one, other] = [(); 2].map(|()| Metrics::new(Clock::start()));
        one.received(5);
        one.best(3);
        one.best(0);
        one.ran("execute", Duration::from_millis(3));
        let shown = text(&one);
        assert!(shown.contains("isonomy_peer_bytes_total{direction=\"in\"} 5\n"), "{shown}");
        assert!(shown.contains("isonomy_reorganisation_depth_sum 3.0\n"), "{shown}");
        assert!(shown.contains("isonomy_reorganisation_depth_count 1\n"), "{shown}");
        assert!(shown.contains("isonomy_job_seconds_count{job=\"execute\"} 1\n"), "{shown}");
        let shown = text(&other);
        assert!(shown.contains("isonomy_peer_bytes_total{direction=\"in\"} 0\n"), "{shown}");
        assert!(shown.contains("isonomy_reorganisation_depth_count 0\n"), "{shown}");
    }

    #[test]
    fn every_series_is_there_from_the_start() {
        let shown = text(&Metrics::new(Clock::start()));
        for (name, label, values) in [
            ("closes_total", "reason", &REASONS[..]),
            ("job_seconds_count", "job", &JOBS),
            ("store_seconds_count", "write", &WRITES),
            ("signatures_total", "result", &["known", "verified"]),
        ] {
            for value in values {
                let line = format!("isonomy_{name}{{{label}=\"{value}\"}} 0\n");
                assert!(shown.contains(&line), "{line} is not in {shown}");
            }
        }
    }

    #[test]
    fn signatures_that_were_known_are_told_apart() {
        let metrics = Metrics::new(Clock::start());
        metrics.signatures().count(10, 4);
        metrics.signatures().count(1, 0);
        let shown = text(&metrics);
        assert!(shown.contains("isonomy_signatures_total{result=\"known\"} 7\n"), "{shown}");
        assert!(shown.contains("isonomy_signatures_total{result=\"verified\"} 4\n"), "{shown}");
    }
}
