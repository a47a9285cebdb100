//! Questions to a node that keeps an index.
use crate::api::{
    EventsQuestion, EventsReply, HistoryQuestion, HistoryReply, HoldersQuestion, HoldersReply,
};
use crate::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Blob, EVENT_KEY_BYTES_MAX, ModuleId};

impl Client {
    /// A page of the transactions that concerned an address, youngest first: the first page, or the
    /// one that `next` of another names. A node that keeps no index refuses this and the two below
    /// with [`code::METHOD`](crate::api::code::METHOD).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn history(
        &self,
        address: Address,
        next: Option<String>,
    ) -> Result<HistoryReply, ClientError> {
        self.ask("history", HistoryQuestion { address, before: next, limit: None }).await
    }

    /// A page of the events under a key, of one module or of all, youngest first: the first page, or
    /// the one that `next` of another names.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn events(
        &self,
        module: Option<ModuleId>,
        key: Blob<EVENT_KEY_BYTES_MAX>,
        next: Option<String>,
    ) -> Result<EventsReply, ClientError> {
        self.ask("events", EventsQuestion { module, key, before: next, limit: None }).await
    }

    /// A page of those who hold an asset, or with `None` the chain's coin, by address: the first page,
    /// or the one that `next` of another names.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn holders(
        &self,
        asset: Option<Hash>,
        next: Option<String>,
    ) -> Result<HoldersReply, ClientError> {
        self.ask("holders", HoldersQuestion { asset, after: next, limit: None }).await
    }
}
