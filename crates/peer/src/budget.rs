use crate::bucket::Bucket;
use crate::{Limits, Violation};
use alloc::collections::BTreeMap;
use isonomy_types::{Link, Mono};

/// Frames of unknown kinds that a link may send at once, and one more a second: room for what a
/// newer peer may say, none for a flood.
pub const UNKNOWN_KINDS_MAX: u64 = 64;
/// Seconds' worth of bytes that may come at once: a few of the largest announcements.
const BYTES_BURST_S: u64 = 8;
/// Seconds' worth of messages that may come at once.
const MESSAGES_BURST_S: u64 = 4;

/// What each link may say unasked. Questions are limited where they are answered, answers by our
/// asking.
#[derive(Default)]
pub(crate) struct Budget {
    links: BTreeMap<Link, Share>,
}

struct Share {
    bytes: Bucket,
    messages: Bucket,
    unknown: Bucket,
}

impl Budget {
    pub(crate) fn ready(&mut self, now: Mono, link: Link, limits: &Limits) {
        let bucket = |rate: u64, seconds: u64| Bucket::new(now, rate, rate.saturating_mul(seconds));
        let share = Share {
            bytes: bucket(limits.bytes_per_s, BYTES_BURST_S),
            messages: bucket(limits.messages_per_s, MESSAGES_BURST_S),
            unknown: bucket(1, UNKNOWN_KINDS_MAX),
        };
        self.links.insert(link, share);
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    /// Charges a message that nobody asked for.
    pub(crate) fn charge(&mut self, now: Mono, link: Link, bytes: usize) -> Result<(), Violation> {
        let Some(share) = self.links.get_mut(&link) else { return Ok(()) };
        take(&mut share.messages, now, 1, "messages")?;
        take(&mut share.bytes, now, bytes as u64, "bytes")
    }

    /// Charges a frame that is skipped.
    pub(crate) fn skip(
        &mut self,
        now: Mono,
        link: Link,
        kind: u8,
        bytes: usize,
    ) -> Result<(), Violation> {
        self.charge(now, link, bytes)?;
        let Some(share) = self.links.get_mut(&link) else { return Ok(()) };
        let allowed = share.unknown.take(now, 1);
        let violation = Violation::UnknownKinds { got: kind, limit: UNKNOWN_KINDS_MAX };
        allowed.then_some(()).ok_or(violation)
    }
}

fn take(bucket: &mut Bucket, now: Mono, got: u64, what: &'static str) -> Result<(), Violation> {
    let limit = bucket.burst();
    bucket.take(now, got).then_some(()).ok_or(Violation::TooMuch { what, got, limit })
}
