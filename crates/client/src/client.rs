use crate::api::{
    BlockAt, BlockReply, BranchBlock, BranchesQuestion, DecodeQuestion, DecodeReply, DialQuestion,
    EstimateQuestion, EstimateReply, FindQuestion, Found, HeaderReply, KeyQuestion, LinksReply,
    MempoolReply, PeerReply, SeriesEntry, SeriesQuestion, Status, SubmitQuestion, SubmitReply,
    TipReply, TransactionQuestion, TransactionReply,
};
use crate::{ClientError, Token, exchange};
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
    pub(crate) time_limit: Duration,
    pub(crate) token: Option<Token>,
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
        let time_limit = Duration::from_millis(TIME_LIMIT_MS);
        Self { http, uri, time_limit, token: None, height: None }
    }

    /// Where it asks.
    pub(crate) fn address(&self) -> String {
        self.uri.to_string()
    }

    /// `HOST:PORT`.
    pub(crate) fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// Shows this token with each question, for what not everyone may ask.
    #[must_use]
    pub fn with_token(self, token: Token) -> Self {
        Self { token: Some(token), ..self }
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

    /// Where branches end, the heaviest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn tips(&self) -> Result<Vec<TipReply>, ClientError> {
        self.ask("tips", ()).await
    }

    /// The newest blocks of all branches, down to `depth` below the best one.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn branches(&self, depth: Option<u64>) -> Result<Vec<BranchBlock>, ClientError> {
        self.ask("branches", BranchesQuestion { depth }).await
    }

    /// The newest blocks of the best branch in numbers.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn series(&self, blocks: u64) -> Result<Vec<SeriesEntry>, ClientError> {
        self.ask("series", SeriesQuestion { blocks }).await
    }

    /// What has this name: a height, an id, an address, or `COLLECTION/NUMBER`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn find(&self, text: &str) -> Result<Vec<Found>, ClientError> {
        self.ask("find", FindQuestion { text: text.into() }).await
    }

    /// What a transaction says in plain words, as this node reads it. Nothing is checked.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn decode(&self, transaction: &Transaction) -> Result<DecodeReply, ClientError> {
        let large = |TooLong { got, limit }| ClientError::Large { got, limit };
        let transaction = transaction.encode().try_into().map_err(large)?;
        self.ask("decode", DecodeQuestion { transaction }).await
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

    /// Who the node is, and whom it refuses. Like the three below, for whoever has the role
    /// [`Admin`](crate::api::Role::Admin): others are refused with
    /// [`code::DENIED`](crate::api::code::DENIED).
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
        let answer = exchange::exchange(&self.http, &self.uri, self.token.as_ref(), method, params);
        tokio::time::timeout(self.time_limit, answer).await.unwrap_or_else(|_| Err(self.late()))
    }

    pub(crate) fn late(&self) -> ClientError {
        let limit_ms = u64::try_from(self.time_limit.as_millis()).unwrap_or(u64::MAX);
        ClientError::TimeLimit { address: self.address(), limit_ms }
    }
}
