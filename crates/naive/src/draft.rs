use crate::{Book, Call, Chain, Desk, Facts, Receipt, Rule};
use crate::{accounts, assets, list_root, locks, price, unique};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Encode, ModuleId, Params, Transaction, Wall};

const BLOCK: Domain = Domain::new("isonomy block receipt 1");

/// A block under way.
#[derive(Clone)]
pub struct Draft {
    pub(crate) chain: Chain,
    pub(crate) book: Book,
    pub(crate) params: Params,
    pub(crate) height: u64,
    pub(crate) bytes: u64,
    pub(crate) meter: u64,
    time: Wall,
    producer: Address,
    fees: u128,
    receipts: Vec<Receipt>,
}

impl Draft {
    pub(crate) fn new(chain: &Chain, time: Wall, producer: Address) -> Self {
        let book = Book {
            state: chain.state.clone(),
            events: Vec::new(),
            params: chain.params.clone(),
            authority: chain.authority.clone(),
        };
        Self {
            chain: chain.clone(),
            book,
            params: chain.params.clone(),
            height: chain.height + 1,
            time,
            producer,
            bytes: 0,
            meter: 0,
            fees: 0,
            receipts: Vec::new(),
        }
    }

    /// What there is so far.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// What binds this block.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// Takes the transaction in, and says what became of it. Signatures are not looked at.
    ///
    /// # Errors
    /// Every rule that it breaks; then nothing has changed.
    pub fn add(&mut self, transaction: &Transaction) -> Result<Receipt, Vec<Rule>> {
        let broken = self.broken(transaction);
        if !broken.is_empty() {
            return Err(broken);
        }
        let intent = transaction.intent();
        for signer in intent.signers.iter() {
            accounts::spend(&mut self.book.state, &signer.account, signer.nonce);
        }
        let Some(payer) = intent.signers.first().map(|signer| signer.account) else {
            return Err(vec![Rule::NoSigner]);
        };
        self.pay(&payer, intent.max_fee().0, false);
        let (code, meter) = self.act(transaction);
        let fee = u128::from(meter) * u128::from(intent.price);
        self.pay(&payer, intent.max_fee().0 - fee, true);
        self.bytes += transaction.encode().len() as u64;
        self.meter += meter;
        self.fees += fee;
        let events = std::mem::take(&mut self.book.events);
        let receipt = Receipt { transaction: intent.id(), code, meter, fee, events };
        self.receipts.push(receipt.clone());
        Ok(receipt)
    }

    fn pay(&mut self, account: &Address, amount: u128, to: bool) {
        let held = assets::balance(&self.book.state, account);
        let held = if to { held + amount } else { held - amount };
        assets::put(&mut self.book.state, account, held);
    }

    /// All actions or none. Returns the receipt's code and the units used.
    fn act(&mut self, transaction: &Transaction) -> (u16, u64) {
        let (intent, book) = (transaction.intent(), self.book.clone());
        let (used, limit) = (price::intrinsic(transaction), intent.meter_limit);
        let genesis = self.chain.genesis;
        let params = self.params.clone();
        let facts = Facts { genesis, height: self.height, time: self.time, params };
        let mut desk = Desk { book, facts, module: 0, used, limit };
        let done = intent.actions.iter().try_for_each(|action| {
            desk.charge(price::CALL)?;
            let by = intent.signers.get(usize::from(action.by)).ok_or(6_u16)?;
            desk.module = action.module;
            self.call(action.module).ok_or(4_u16)?(&mut desk, by.account, &action.payload)
        });
        let used = desk.used;
        let done = done.and(if used > limit { Err(1) } else { Ok(()) });
        if done.is_ok() {
            self.book = desk.book;
        }
        (done.err().unwrap_or(0), used.min(limit))
    }

    fn call(&self, module: ModuleId) -> Option<Call> {
        match module {
            accounts::ID => Some(accounts::call),
            assets::ID => Some(assets::call),
            unique::ID => Some(unique::call),
            locks::ID => Some(locks::call),
            other => self.chain.calls.get(&other).copied(),
        }
    }

    /// Ends the block: a share of the fees is burned, the producer gets the rest and the reward, the
    /// base fee moves. The chain's id is its parent's until a header gives it one.
    #[must_use]
    pub fn finish(mut self) -> Chain {
        let producer = self.producer;
        let burned = price::burned(&self.params, self.meter);
        assets::burn_fees(&mut self.book.state, burned);
        self.pay(&producer, self.fees - burned, true);
        if let Some(event) = assets::reward(&mut self.book.state, producer) {
            let transaction = (self.chain.genesis, self.height).digest(&BLOCK);
            let events = vec![event];
            self.receipts.push(Receipt { transaction, code: 0, meter: 0, fee: 0, events });
        }
        let base_fee = price::next_base_fee(&self.params, 4 + self.bytes, self.meter);
        let Book { state, mut params, authority, .. } = self.book;
        params.base_fee = price::bounded(&params, base_fee);
        let burned = self.chain.burned + burned;
        let (height, time, receipts) = (self.height, self.time, self.receipts);
        Chain { state, params, authority, height, time, receipts, burned, ..self.chain }
    }
}

/// The root over the leaves of receipts.
pub(crate) fn receipts_root(receipts: &[Receipt]) -> Hash {
    list_root(&receipts.iter().map(Receipt::leaf).collect::<Vec<_>>())
}
