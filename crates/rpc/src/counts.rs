//! What operators watch of a server.
#![allow(clippy::disallowed_methods)] // Answers are timed.
use crate::error::Refusal;
use crate::methods::METHODS;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Instant;

/// What a request for a method that there is not counts as: names are the asker's to choose, and
/// each would stay for ever.
const UNKNOWN: &str = "unknown";

type Labels<const COUNT: usize> = [(&'static str, String); COUNT];

/// Requests of one server, by method and by what became of them.
pub(crate) struct Counts {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    sockets: Gauge,
}

impl Counts {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("isonomy_rpc");
        let (requests, seconds) = (Family::default(), Family::new_with_constructor(seconds as _));
        let meaning = "Requests by method, and by code: 0 is an answer, else the refusal's";
        registry.register("requests", meaning, requests.clone());
        registry.register("seconds", "Time until the answer, by method", seconds.clone());
        let sockets = Gauge::default();
        registry.register("sockets", "WebSockets that are open", sockets.clone());
        Self { registry, requests, seconds, sockets }
    }

    /// Counts what became of a request that came at `began`.
    pub(crate) fn answered(&self, method: &str, began: Instant, refused: Option<&Refusal>) {
        let code = refused.map_or(0, |refusal| refusal.code);
        let known = METHODS.iter().find(|known| known.name == method);
        let method = known.map_or(UNKNOWN, |known| known.name);
        let labels = [("method", method.to_owned()), ("code", code.to_string())];
        self.requests.get_or_create(&labels).inc();
        let labels = [("method", method.to_owned())];
        self.seconds.get_or_create(&labels).observe(began.elapsed().as_secs_f64());
    }

    /// All families while so many WebSockets are open, as OpenMetrics text without its last line.
    pub(crate) fn encode(&self, sockets: usize) -> String {
        self.sockets.set(i64::try_from(sockets).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode_registry(&mut text, &self.registry);
        text
    }
}

/// From a tenth of a millisecond to three seconds.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 2.0, 16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_client::api::code;

    #[test]
    fn attack_79_no_asker_makes_series_without_end() {
        let counts = Counts::new();
        for number in 0..1_000 {
            for code in [code::METHOD, code::REQUEST, code::UNREADY, -1] {
                let refusal = Refusal::new(code, "no");
                counts.answered(&format!("method{number}"), Instant::now(), Some(&refusal));
            }
        }
        counts.answered("status", Instant::now(), None);
        counts.answered("status", Instant::now(), Some(&Refusal::unready()));
        let shown = counts.encode(3);
        let line = format!("requests_total{{method=\"unknown\",code=\"{}\"}} 1000\n", code::METHOD);
        assert!(shown.contains(&line), "{shown}");
        assert!(shown.contains("requests_total{method=\"status\",code=\"0\"} 1\n"), "{shown}");
        let line = format!("requests_total{{method=\"status\",code=\"{}\"}} 1\n", code::UNREADY);
        assert!(shown.contains(&line), "{shown}");
        assert!(shown.contains("sockets 3\n"), "{shown}");
        assert!(shown.lines().count() < 60, "{shown}");
    }
}
