use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// What opens an address in the user's browser.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
/// Milliseconds after which an opener that still runs has opened something.
const OPEN_MS: u64 = 2_000;

/// Opens an address. A browser that does not open is told of, and is no failure.
pub(super) async fn open(url: &str) {
    let mut command = Command::new(OPENER);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let why = match command.spawn() {
        Ok(mut process) => match timeout(Duration::from_millis(OPEN_MS), process.wait()).await {
            Ok(Ok(status)) if !status.success() => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(_)) | Err(_) => return,
        },
        Err(error) => error.to_string(),
    };
    eprintln!("no browser opened ({OPENER}: {why}): open {url} yourself");
}
