use crate::api::{
    BlockAt, BlockReply, DialQuestion, EstimateQuestion, EstimateReply, HeaderReply, KeyQuestion,
    LinksReply, MempoolReply, PeerReply, Status, SubmitQuestion, SubmitReply, TransactionQuestion,
    TransactionReply,
};
use crate::{ClientError, exchange};
use http_body_util::Full;
use hyper::{Uri, body::Bytes};
use hyper_util::client::legacy::{Client as Http, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use isonomy_crypto::Hash;
use isonomy_types::{Encode, NodeKey, TooLong, Transaction};
use serde::{Serialize, de::DeserializeOwned};
use std::net::SocketAddr;
use std::time::Duration;

/// Milliseconds for one question, connecting included: a little longer than a node gives itself, so
/// that its own explanation arrives. Stops a peer that never answers from holding its asker.
pub const TIME_LIMIT_MS: u64 = 10_000;

/// One node to ask. Cheap to clone; clones share connections.
///
/// Every method waits for one answer, [`TIME_LIMIT_MS`] at the most, and fails with
/// [`ClientError`].
#[derive(Clone, Debug)]
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    uri: Uri,
    time_limit: Duration,
    /// Which state is asked about. `None`: the best block's.
    pub(crate) height: Option<u64>,
}

impl From<SocketAddr> for Client {
    fn from(address: SocketAddr) -> Self {
        let authority = address.to_string();
        let uri = Uri::builder().scheme("http").authority(authority).path_and_query("/").build();
        Self::to(uri.unwrap_or_default())
    }
}

impl Client {
    /// Asks the node at `HOST:PORT` or `http://HOST:PORT`. Does not connect yet.
    ///
    /// # Errors
    /// [`ClientError::Address`].
    pub fn new(address: &str) -> Result<Self, ClientError> {
        let wrong = |why: String| ClientError::Address { got: address.into(), why };
        let scheme = if address.contains("://") { "" } else { "http://" };
        let uri: Uri =
            format!("{scheme}{address}").parse().map_err(|why| wrong(format!("{why}")))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("a node speaks plain http".into()));
        }
        if uri.port().is_none() {
            return Err(wrong("the port is missing, or above 65535".into()));
        }
        Ok(Self::to(uri))
    }

    fn to(uri: Uri) -> Self {
        let http = Http::builder(TokioExecutor::new()).build_http();
        Self { http, uri, time_limit: Duration::from_millis(TIME_LIMIT_MS), height: None }
    }

    /// Where it asks.
    pub(crate) fn address(&self) -> String {
        self.uri.to_string()
    }

    /// Waits for so long instead of [`TIME_LIMIT_MS`].
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// How the node is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.ask("status", ()).await
    }

    /// One header, by its id or by its height on the best branch.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn header(&self, at: impl Into<BlockAt>) -> Result<HeaderReply, ClientError> {
        self.ask("header", at.into()).await
    }

    /// One block, by its id or by its height on the best branch.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn block(&self, at: impl Into<BlockAt>) -> Result<BlockReply, ClientError> {
        self.ask("block", at.into()).await
    }

    /// One transaction that waits or is on the best branch.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn transaction(&self, id: Hash) -> Result<TransactionReply, ClientError> {
        self.ask("transaction", TransactionQuestion { id }).await
    }

    /// The node's connections.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn peers(&self) -> Result<Vec<PeerReply>, ClientError> {
        self.ask("peers", ()).await
    }

    /// What waits in the node's mempool.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn mempool(&self) -> Result<MempoolReply, ClientError> {
        self.ask("mempool", ()).await
    }

    /// What a meter unit should pay to be in one of the next `blocks` blocks.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn estimate(&self, blocks: u32) -> Result<EstimateReply, ClientError> {
        self.ask("estimate", EstimateQuestion { blocks }).await
    }

    /// Hands a transaction to the node, and answers with its id once it waits in the mempool.
    ///
    /// # Errors
    /// See [`ClientError`]. After [`ClientError::Unreachable`] or [`ClientError::TimeLimit`] ask for
    /// the transaction by its id: it may have arrived.
    pub async fn submit(&self, transaction: &Transaction) -> Result<SubmitReply, ClientError> {
        let large = |TooLong { got, limit }| ClientError::Large { got, limit };
        let transaction = transaction.encode().try_into().map_err(large)?;
        self.ask("submit", SubmitQuestion { transaction }).await
    }

    /// Who the node is, and whom it refuses. Like the three below, for nodes of a network of tests:
    /// any other refuses with [`code::METHOD`](crate::api::code::METHOD).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn links(&self) -> Result<LinksReply, ClientError> {
        self.ask("links", ()).await
    }

    /// Has the node hang up on a peer, and refuse it until it is healed.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn cut(&self, key: NodeKey) -> Result<LinksReply, ClientError> {
        self.ask("cut", KeyQuestion { key }).await
    }

    /// Has the node refuse a peer no longer.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn heal(&self, key: NodeKey) -> Result<LinksReply, ClientError> {
        self.ask("heal", KeyQuestion { key }).await
    }

    /// Has the node call an address now. It may come to nothing.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn dial(&self, address: SocketAddr) -> Result<LinksReply, ClientError> {
        self.ask("dial", DialQuestion { address }).await
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, ClientError> {
        let answer = exchange::exchange(&self.http, &self.uri, method, params);
        tokio::time::timeout(self.time_limit, answer).await.unwrap_or_else(|_| {
            let limit_ms = u64::try_from(self.time_limit.as_millis()).unwrap_or(u64::MAX);
            Err(ClientError::TimeLimit { address: self.address(), limit_ms })
        })
    }
}
