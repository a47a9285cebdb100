//! What a node tells of itself, over a WebSocket.
use crate::api::{Notice, SubscribeQuestion, SubscribeReply, Told, UnsubscribeQuestion};
use crate::exchange::{Answer, Failure, Question};
use crate::{ANSWER_BYTES_MAX, Client, ClientError, Token};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Notices kept while an answer is waited for. Stops a node from filling its asker's memory.
pub const NOTICES_MAX: usize = 4_096;
/// Bytes read or gathered at a time.
const BUFFER_BYTES: usize = 4 * 1024;

/// One connection to a node, and what it subscribed to there.
///
/// The node closes a connection whose notices are not read, or that answers no pings: keep calling
/// [`next`](Self::next). After any error, connect and subscribe anew, and ask for what was missed.
///
/// ```no_run
/// use isonomy_client::{Client, ClientError, api::{Notice, Topic}};
///
/// async fn watch(node: &Client) -> Result<(), ClientError> {
///     let mut told = node.subscriptions().await?;
///     told.subscribe(Topic::Heads).await?;
///     loop {
///         if let Notice::Heads(head) = told.next().await?.notice {
///             println!("block {} of height {}", head.id, head.height);
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Subscriptions {
    stream: WebSocketStream<TcpStream>,
    address: String,
    time_limit: Duration,
    last: u64,
    /// What came while an answer was waited for.
    waiting: VecDeque<Told>,
}

/// A notice, or an answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Heard {
    Notice { params: Told },
    Answer { id: u64, result: Option<serde_json::Value>, error: Option<Failure> },
}

impl Client {
    /// Opens a connection on which the node tells what happens. Nothing is subscribed to yet.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`] and [`ClientError::TimeLimit`]; [`ClientError::BadAnswer`] if the
    /// node does not take it: its places may be taken, or the token not good.
    pub async fn subscriptions(&self) -> Result<Subscriptions, ClientError> {
        let address = self.address();
        let bad = |why: String| ClientError::BadAnswer { address: address.clone(), why };
        let authority = self.authority();
        let mut request = format!("ws://{authority}/ws")
            .into_client_request()
            .map_err(|error| bad(error.to_string()))?;
        if let Some(value) = self.token.as_ref().and_then(Token::header) {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(ANSWER_BYTES_MAX))
            .max_frame_size(Some(ANSWER_BYTES_MAX))
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES);
        let opened = async {
            let stream = TcpStream::connect(authority).await.map_err(|error| {
                ClientError::Unreachable { address: address.clone(), why: error.to_string() }
            })?;
            let opened = client_async_with_config(request, stream, Some(config)).await;
            opened.map_err(|error| match error {
                tungstenite::Error::Http(answer) => bad(format!("HTTP status {}", answer.status())),
                error => bad(error.to_string()),
            })
        };
        let late = |_| self.late();
        let (stream, _) = tokio::time::timeout(self.time_limit, opened).await.map_err(late)??;
        let (time_limit, waiting) = (self.time_limit, VecDeque::new());
        Ok(Subscriptions { stream, address, time_limit, last: 0, waiting })
    }
}

impl Subscriptions {
    /// Subscribes, and gives back the number with which the notices come: of what happens from now
    /// on.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn subscribe(
        &mut self,
        to: impl Into<SubscribeQuestion>,
    ) -> Result<u64, ClientError> {
        let reply: SubscribeReply = self.ask("subscribe", to.into()).await?;
        Ok(reply.subscription)
    }

    /// Ends a subscription; says whether there was one. Notices from before may still come.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn unsubscribe(&mut self, subscription: u64) -> Result<bool, ClientError> {
        self.ask("unsubscribe", UnsubscribeQuestion { subscription }).await
    }

    /// The next notice of any subscription, however long it takes. Nothing is lost if this is not
    /// waited for to its end.
    ///
    /// # Errors
    /// [`ClientError::Closed`], [`ClientError::Unreachable`], [`ClientError::BadAnswer`].
    pub async fn next(&mut self) -> Result<Told, ClientError> {
        if let Some(told) = self.waiting.pop_front() {
            return Ok(told);
        }
        loop {
            // An answer that nobody waits for any more is let go.
            if let Heard::Notice { params } = self.hear().await? {
                return Ok(params);
            }
        }
    }

    /// Asks anything on this connection, as a [`Client`] does.
    async fn ask<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, ClientError> {
        let limit = self.time_limit;
        let asked = tokio::time::timeout(limit, self.asked(method, params));
        let answered = asked.await.ok();
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let late = || ClientError::TimeLimit { address: self.address.clone(), limit_ms };
        answered.unwrap_or_else(|| Err(late()))
    }

    async fn asked<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, ClientError> {
        self.last = self.last.wrapping_add(1);
        let asked = self.last;
        let question = Question::text(asked, method, params);
        let question = question.map_err(|error| self.bad(error.to_string()))?;
        let sent = self.stream.send(Message::text(question)).await;
        sent.map_err(|error| self.broken(error))?;
        loop {
            match self.hear().await? {
                Heard::Notice { .. } if self.waiting.len() >= NOTICES_MAX => {
                    return Err(self.bad(format!("{NOTICES_MAX} notices and no answer")));
                }
                Heard::Notice { params } => self.waiting.push_back(params),
                Heard::Answer { id, result, error } if id == asked => {
                    let result = result.map(serde_json::from_value).transpose();
                    let result = result.map_err(|error| self.bad(error.to_string()))?;
                    let bad = |why: &str| self.bad(why.into());
                    return Answer { result, error }.read(bad);
                }
                Heard::Answer { .. } => {}
            }
        }
    }

    async fn hear(&mut self) -> Result<Heard, ClientError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let heard = serde_json::from_str(&text);
                    return heard.map_err(|error| self.bad(error.to_string()));
                }
                Some(Ok(Message::Close(close))) => {
                    let (code, why) = close.map_or((1_005, String::new()), |it| {
                        (it.code.into(), it.reason.to_string())
                    });
                    return Err(ClientError::Closed { address: self.address.clone(), code, why });
                }
                // Pings are answered by the carrier itself.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.broken(error)),
                None => return Err(self.broken(tungstenite::Error::ConnectionClosed)),
            }
        }
    }

    fn bad(&self, why: String) -> ClientError {
        ClientError::BadAnswer { address: self.address.clone(), why }
    }

    fn broken(&self, error: tungstenite::Error) -> ClientError {
        ClientError::Unreachable { address: self.address.clone(), why: error.to_string() }
    }
}

impl Told {
    /// Whether it is of this subscription, and what it says if so.
    #[must_use]
    pub fn of(self, subscription: u64) -> Option<Notice> {
        (self.subscription == subscription).then_some(self.notice)
    }
}
