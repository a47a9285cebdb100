use crate::{Event, price};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Authority, Decode, Encode, ModuleId, Params, Policy, Wall};
use std::collections::BTreeMap;

/// All that there is, by key. A key begins with its module's id, big-endian.
pub type State = BTreeMap<Vec<u8>, Vec<u8>>;

/// What a module does with a call: changes the book, or fails with a receipt's code. Then the book is
/// as it was.
pub type Call = fn(&mut Desk, Address, &[u8]) -> Result<(), u16>;

/// Everything that a transaction can change.
#[derive(Clone, Debug)]
pub struct Book {
    /// The pairs.
    pub state: State,
    /// What was said since the last receipt.
    pub events: Vec<Event>,
    /// Of the next block.
    pub params: Params,
    /// Of the next block.
    pub authority: Authority,
}

/// What a block tells its transactions.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The chain's id.
    pub genesis: Hash,
    /// The block's.
    pub height: u64,
    /// The block's.
    pub time: Wall,
    /// Bind the block.
    pub params: Params,
}

/// Where a module works: on its own keys, for so many units.
pub struct Desk {
    /// What it may change.
    pub book: Book,
    /// What it is told.
    pub facts: Facts,
    pub(crate) module: ModuleId,
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

impl Desk {
    /// Spends units. Whatever is spent stays spent.
    ///
    /// # Errors
    /// 1, beyond the limit.
    pub fn charge(&mut self, units: u64) -> Result<(), u16> {
        self.used += units;
        if self.used > self.limit { Err(1) } else { Ok(()) }
    }

    /// The value under a key of the module.
    ///
    /// # Errors
    /// 1, beyond the limit; 9, too long a key.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, u16> {
        let found = self.book.state.get(&self.full(key)?).cloned();
        self.charge(price::read(found.as_ref().map_or(0, Vec::len)))?;
        Ok(found)
    }

    /// Puts a value under a key of the module. No bytes remove it.
    ///
    /// # Errors
    /// 1, beyond the limit; 9, too long a key; 10, too long a value.
    pub fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), u16> {
        let key = self.full(key)?;
        if value.len() > self.facts.params.value_bytes as usize {
            return Err(10);
        }
        self.charge(price::write(key.len() + value.len()))?;
        match value {
            [] => self.book.state.remove(&key),
            value => self.book.state.insert(key, value.to_vec()),
        };
        Ok(())
    }

    /// Says what happened.
    ///
    /// # Errors
    /// 1, beyond the limit; 11, too long; 12, one too many.
    pub fn emit(&mut self, payload: Vec<u8>) -> Result<(), u16> {
        self.tell(Vec::new(), payload)
    }

    /// Says what happened, to be found under `keys`.
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub fn tell(&mut self, keys: Vec<Vec<u8>>, payload: Vec<u8>) -> Result<(), u16> {
        let bytes = keys.concat().len() + payload.len();
        self.charge(price::event(keys.len(), bytes))?;
        if bytes > self.facts.params.event_bytes as usize {
            return Err(11);
        }
        if self.book.events.len() >= self.facts.params.events as usize {
            return Err(12);
        }
        self.book.events.push(Event { module: self.module, keys, payload });
        Ok(())
    }

    /// Decides what binds the next block, but for the base fee, which goes on from this block's.
    ///
    /// # Errors
    /// 1, beyond the limit; 13, for params that no chain may have.
    pub fn set_params(&mut self, mut next: Params) -> Result<(), u16> {
        self.charge(price::write(next.encode().len()))?;
        next.base_fee = price::bounded(&next, self.facts.params.base_fee);
        next.check().map_err(|_| 13_u16)?;
        self.book.params = next;
        Ok(())
    }

    /// Runs `work`; if it fails, the book is as before.
    ///
    /// # Errors
    /// What `work` returns; 1, beyond the limit.
    pub fn savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, u16>,
    ) -> Result<T, u16> {
        self.charge(price::SAVEPOINT)?;
        let copy = self.book.clone();
        let done = work(self);
        if done.is_err() {
            self.book = copy;
        }
        done
    }

    /// Runs `work` as another module, in this one's name and in a savepoint; charges for the call.
    ///
    /// # Errors
    /// What `work` returns; 1, beyond the limit.
    pub fn visit<T>(
        &mut self,
        module: ModuleId,
        work: impl FnOnce(&mut Self, Address) -> Result<T, u16>,
    ) -> Result<T, u16> {
        self.charge(price::CALL)?;
        let (own, copy) = (self.module, self.book.clone());
        self.module = module;
        let done = work(self, Policy::Module(own).address());
        self.module = own;
        if done.is_err() {
            self.book = copy;
        }
        done
    }

    /// A new id: of the chain, its maker and how many the maker had, counted under `prefix`.
    pub(crate) fn next_id(
        &mut self,
        domain: &Domain,
        prefix: u8,
        maker: Address,
    ) -> Result<Hash, u16> {
        let key = [&[prefix][..], &maker.encode()].concat();
        let count: u64 = self.read(&key)?.unwrap_or(0);
        self.set(&key, &(count + 1).encode())?;
        Ok(domain.hash(&(self.facts.genesis, maker, count).encode()))
    }

    /// The value under a key, as what it is. What a module wrote, it can read.
    pub(crate) fn read<T: Decode>(&mut self, key: &[u8]) -> Result<Option<T>, u16> {
        let bytes = self.get(key)?;
        bytes.map(|bytes| T::decode_exact(&bytes).map_err(|_| 8)).transpose()
    }

    fn full(&self, key: &[u8]) -> Result<Vec<u8>, u16> {
        let long = key.len() > self.facts.params.key_bytes as usize;
        if long { Err(9) } else { Ok([&self.module.to_be_bytes(), key].concat()) }
    }
}
