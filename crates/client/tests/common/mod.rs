#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, dead_code)]
use isonomy_client::Client;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the far end does once it has read a question.
pub(crate) enum Then {
    /// Answers this and hangs up.
    Say(Vec<u8>),
    /// Says nothing and stays.
    Stay,
}

/// A far end for one question, which it gives back as text.
pub(crate) async fn far_end(then: Then) -> (Client, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::from(listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let question = question(&mut stream).await;
        match then {
            Then::Say(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
            Then::Stay => tokio::time::sleep(Duration::from_secs(60)).await,
        }
        question
    });
    (client, served)
}

/// A far end that answers one question with this JSON.
pub(crate) async fn answering(json: &str) -> (Client, JoinHandle<String>) {
    far_end(Then::Say(http("200 OK", json))).await
}

/// A far end that answers so many questions, one with each JSON, and gives them back.
pub(crate) async fn answering_each(answers: Vec<String>) -> (Client, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::from(listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut questions = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            questions.push(question(&mut stream).await);
            let answer = http("200 OK\r\nconnection: close", &answer);
            stream.write_all(&answer).await.unwrap_or_default();
        }
        questions
    });
    (client, served)
}

pub(crate) fn http(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn question(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap().parse().unwrap() {
                return text;
            }
        }
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "the question ends early");
        bytes.extend_from_slice(&part[..read]);
    }
}
