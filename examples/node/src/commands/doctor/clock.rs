//! This machine's clock, beside what others say. A node itself believes no other clock: this is for
//! its owner.
use super::Finding;
use crate::commands::genesis::now_ms;
use isonomy::Spec;
use isonomy::client::api::Status;
use isonomy::host::Utc;
use isonomy::types::Wall;
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A date in HTTP has whole seconds, and comes a moment later.
const DIFFERS_MS: u64 = 5_000;
/// Blocks of honest nodes may wait for so long a difference.
const FAR_MS: u64 = 60_000;
/// How long another node may take to say what time it is, and how much it may say.
const LIMIT: Duration = Duration::from_secs(3);
const HEAD_BYTES_MAX: u64 = 4_096;

const STEP: &str = "set the clock, and have the system keep it right (NTP)";

pub(super) async fn examine(
    spec: Option<&Spec>,
    node: Option<&Status>,
    others: &[String],
    found: &mut Vec<Finding>,
) {
    let now = now_ms();
    let says = |what: &str, time: u64| {
        format!("the clock says {}, {what} is of {}", Utc(Wall(now)), Utc(Wall(time)))
    };
    let known = [
        spec.map(|spec| ("the chain's first block", spec.time)),
        node.map(|node| ("the newest block", node.time.0)),
    ];
    let ahead =
        known.into_iter().flatten().find(|(_, time)| *time > now.saturating_add(DIFFERS_MS));
    if let Some((what, time)) = ahead {
        found.push(Finding::fail("clock", says(what, time), STEP));
        return;
    }
    let mut asked = false;
    for other in others {
        if let Some(time) = date(other).await {
            asked = true;
            found.push(judge(other, now_ms(), time));
        }
    }
    if !asked {
        let what = format!("{}; no other clock to compare with, see --compare", Utc(Wall(now)));
        found.push(Finding::ok("clock", what));
    }
}

fn judge(other: &str, now: u64, time: u64) -> Finding {
    let off = now.abs_diff(time);
    let way = if now > time { "ahead of" } else { "behind" };
    let says = format!("{} s {way} the clock of {other}", off / 1_000);
    match off {
        0..DIFFERS_MS => Finding::ok("clock", format_args!("the same as that of {other}")),
        DIFFERS_MS..FAR_MS => Finding::warn("clock", says, STEP),
        _ => Finding::fail("clock", says, STEP),
    }
}

/// The date in the head of any HTTP answer (RFC 9110, 6.6.1), in milliseconds since 1970.
async fn date(address: &str) -> Option<u64> {
    let address = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
    let asked = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request =
            format!("GET /health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut head = Vec::new();
        stream.take(HEAD_BYTES_MAX).read_to_end(&mut head).await.ok()?;
        read(&String::from_utf8_lossy(&head))
    };
    tokio::time::timeout(LIMIT, asked).await.ok()?
}

fn read(head: &str) -> Option<u64> {
    let date = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim())
    })?;
    let since = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_date_is_found_in_a_head() {
        let head = "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n";
        assert_eq!(read(head), Some(1_700_000_000_000));
        for head in ["", "HTTP/1.1 200 OK\r\n\r\n", "date: yesterday\r\n", "date\r\n"] {
            assert_eq!(read(head), None, "{head}");
        }
    }

    #[test]
    fn a_difference_is_judged_either_way() {
        let now = 1_700_000_000_000;
        use Verdict::{Fail, Ok, Warn};
        for (off, want) in [(0, Ok), (4_999, Ok), (5_000, Warn), (60_000, Fail), (now, Fail)] {
            assert_eq!(judge("x", now, now - off).verdict, want, "{off}");
            assert_eq!(judge("x", now - off, now).verdict, want, "-{off}");
        }
        assert!(judge("x", now, now - 7_000).found.contains("7 s ahead of"));
        assert!(judge("x", now - 7_000, now).found.contains("7 s behind"));
    }
}
