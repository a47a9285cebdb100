//! Questions about the state after one block.
use crate::api::{
    AccountQuestion, AccountReply, AssetReply, BalanceQuestion, BalanceReply, CollectionReply,
    HoldingsQuestion, HoldingsReply, IdQuestion, ItemId, ItemQuestion, ItemReply, ItemsQuestion,
    ItemsReply, LockReply, LocksQuestion, LocksReply, ProveQuestion, SupplyQuestion, SupplyReply,
};
use crate::{Client, ClientError, Known, Proof, Proven};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Blob, Header, KEY_BYTES_MAX, List, TooLong};

impl Client {
    /// The same node, asked about the state after the best branch's block of this height: by every
    /// method from [`account`](Self::account) to [`locks`](Self::locks). A node knows the heights of
    /// the last some dozen blocks, and refuses others with
    /// [`code::NO_STATE`](crate::api::code::NO_STATE) and the range that it knows.
    #[must_use]
    pub fn at_height(&self, height: u64) -> Self {
        let mut other = self.clone();
        other.height = Some(height);
        other
    }

    /// One account.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn account(&self, address: Address) -> Result<AccountReply, ClientError> {
        self.ask("account", AccountQuestion { address, height: self.height }).await
    }

    /// What an account holds of an asset, or with `None` of the chain's coin.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn balance(
        &self,
        address: Address,
        asset: Option<Hash>,
    ) -> Result<BalanceReply, ClientError> {
        self.ask("balance", BalanceQuestion { address, asset, height: self.height }).await
    }

    /// What there is of the chain's coin.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn supply(&self) -> Result<SupplyReply, ClientError> {
        self.ask("supply", SupplyQuestion { height: self.height }).await
    }

    /// An issued asset: its terms and its supply.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn asset(&self, id: Hash) -> Result<AssetReply, ClientError> {
        self.ask("asset", IdQuestion { id, height: self.height }).await
    }

    /// A page of what an account holds beside coins, the first or the one `after` another.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn holdings(
        &self,
        address: Address,
        after: Option<Hash>,
    ) -> Result<HoldingsReply, ClientError> {
        self.ask("holdings", HoldingsQuestion { address, after, height: self.height }).await
    }

    /// A collection of unique items.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn collection(&self, id: Hash) -> Result<CollectionReply, ClientError> {
        self.ask("collection", IdQuestion { id, height: self.height }).await
    }

    /// A unique item.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn item(&self, id: ItemId) -> Result<ItemReply, ClientError> {
        let ItemId { collection, number } = id;
        self.ask("item", ItemQuestion { collection, number, height: self.height }).await
    }

    /// A page of the items that an account owns, the first or the one `after` another.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn items(
        &self,
        address: Address,
        after: Option<ItemId>,
    ) -> Result<ItemsReply, ClientError> {
        self.ask("items", ItemsQuestion { address, after, height: self.height }).await
    }

    /// A conditional payment that has not ended.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn lock(&self, id: Hash) -> Result<LockReply, ClientError> {
        self.ask("lock", IdQuestion { id, height: self.height }).await
    }

    /// A page of the conditional payments that an account made, youngest first: the first, or the one
    /// `before` another.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn locks(
        &self,
        address: Address,
        before: Option<u64>,
    ) -> Result<LocksReply, ClientError> {
        self.ask("locks", LocksQuestion { address, before, height: self.height }).await
    }

    /// What the state after a header's block holds under some keys, or that it holds nothing there:
    /// checked against the header's state root, so that the node is not believed. The header is
    /// believed: have it from where you trust, or judge it. See [`balance_key`](crate::balance_key).
    ///
    /// # Errors
    /// [`ClientError::Unproved`] if the node proves something else or nothing,
    /// [`ClientError::Keys`] for too many keys or too long ones; others see [`ClientError`].
    pub async fn prove(&self, header: &Header, keys: &[Vec<u8>]) -> Result<Proven, ClientError> {
        let blob = |key: &Vec<u8>| Blob::<KEY_BYTES_MAX>::try_from(key.clone());
        let keys: Vec<_> =
            keys.iter().map(blob).collect::<Result<_, _>>().map_err(|TooLong { got, limit }| {
                ClientError::Keys { what: "bytes of a key", got, limit }
            })?;
        let asked = List::try_from(keys.clone())
            .map_err(|TooLong { got, limit }| ClientError::Keys { what: "keys", got, limit })?;
        let question = ProveQuestion { keys: asked, height: Some(header.height) };
        let reply = self.ask("prove", question).await?;
        let proven =
            Proof::new(header, keys, reply).and_then(|it| it.check(Known::Block(header.id())));
        proven.map_err(|why| ClientError::Unproved { address: self.address(), why })
    }
}
