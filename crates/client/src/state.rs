//! Questions about the state after one block.
use crate::api::{
    AccountQuestion, AccountReply, AssetReply, At, BalanceQuestion, BalanceReply, BlockAt,
    CollectionReply, HoldingsQuestion, HoldingsReply, IdQuestion, ItemId, ItemQuestion, ItemReply,
    ItemsQuestion, ItemsReply, LockReply, LocksQuestion, LocksReply, ProveQuestion, ProveReply,
    SupplyQuestion, SupplyReply,
};
use crate::{Client, ClientError, Known, Proof, ProofError, Proven};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Blob, Header, KEY_BYTES_MAX, List, TooLong};

/// How often a chain may move while one proof is asked for, before the asker is told. Stops a node
/// that never settles from keeping its asker.
const MOVED_MAX: u32 = 2;

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
    /// [`ClientError::Moved`] if its best branch has another block of this height,
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
        let reply: ProveReply = self.ask("prove", question).await?;
        let (At { height, block: got }, want) = (reply.at, header.id());
        if height == header.height && got != want {
            return Err(ClientError::Moved { address: self.address(), height, got, want });
        }
        let proven = Proof::new(header, keys, reply).and_then(|it| it.check(Known::Block(want)));
        proven.map_err(|why| self.unproved(why))
    }

    /// Asks for a header, and has [proved](Self::prove) what the state after its block holds. Asks for
    /// both again, twice at most, if the chain moves between the two. The header is the node's word but
    /// for the id or the height asked about.
    ///
    /// # Errors
    /// As [`prove`](Self::prove), and [`ClientError::Unproved`] for another header than the one asked
    /// about.
    pub async fn prove_at(
        &self,
        at: impl Into<BlockAt>,
        keys: &[Vec<u8>],
    ) -> Result<Proven, ClientError> {
        let (at, mut again) = (at.into(), MOVED_MAX);
        loop {
            let header = self.header_at(at).await?;
            match self.prove(&header, keys).await {
                Err(ClientError::Moved { .. }) if again > 0 => again -= 1,
                proven => return proven,
            }
        }
    }

    /// The header that was asked about, and no other.
    async fn header_at(&self, at: BlockAt) -> Result<Header, ClientError> {
        let header = self.header(at).await?.header;
        let wrong = match at {
            BlockAt::Id(want) => {
                let got = header.id();
                (got != want).then_some(ProofError::Block { got, want })
            }
            BlockAt::Height(want) => {
                let got = header.height;
                (got != want).then_some(ProofError::Height { got, want })
            }
        };
        wrong.map_or(Ok(header), |why| Err(self.unproved(why)))
    }

    fn unproved(&self, why: ProofError) -> ClientError {
        ClientError::Unproved { address: self.address(), why }
    }
}
