//! Whoever asks cannot fill the log (attack 78).
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{exchange, head, serve_with, stopped};
use isonomy_client::Token;
use isonomy_rpc::{Access, Role, Server};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::Level;

const SECRET: &str = "hunter2-hunter2-hunter2";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn subscribe(level: Level) -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(move || writer.clone());
    (log, tracing::subscriber::set_default(lines.finish()))
}

async fn attack() {
    let token = Token::new(SECRET).unwrap();
    let access = Access::at(Server::ADDRESS).with_rate(3).with_token(&token, Role::Read);
    let (address, _) = serve_with(stopped(), access).await;
    let good = r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#;
    let upgrade = format!("GET /ws?token={SECRET} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let with_token = head(address, good.len()).replace(
        "\r\n\r\n",
        &format!("\r\nauthorization: Bearer {SECRET}x\r\ncookie: isonomy_token={SECRET}\r\n\r\n"),
    );
    for _ in 0..20 {
        for bytes in [
            head(address, good.len()) + good,
            head(address, 9) + "[{\"a\": \u{1b}",
            head(address, 99_999_999),
            head(address, 1_000) + "cut off",
            upgrade.clone(),
            with_token.clone() + good,
            "\u{16}\u{3}\u{1}".into(),
            "GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n".into(),
        ] {
            let all = exchange(address, bytes.as_bytes());
            let _ = tokio::time::timeout(std::time::Duration::from_millis(50), all).await;
        }
    }
}

#[tokio::test]
async fn attack_78_hostile_requests_write_no_line_that_is_shown_by_default() {
    let (log, _guard) = subscribe(Level::INFO);
    attack().await;
    let lines = log.0.lock().unwrap().clone();
    assert_eq!(String::from_utf8(lines).unwrap(), "");
}

#[tokio::test]
async fn attack_79_no_line_at_any_level_shows_a_token() {
    let (log, _guard) = subscribe(Level::TRACE);
    attack().await;
    let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!lines.contains("hunter2"), "{lines}");
}
