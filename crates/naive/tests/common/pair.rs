//! The chain, its store and its pool on one side, the validator on the other.
use super::draw::Draw;
use super::harbour::{self, COUNCIL, Council, HARBOUR, Harbour};
use super::mutant::{Coin, Mutant};
use super::people::{ADDRESSES, PEOPLE, address};
use super::{Counts, Difference, plan};
use crate::same;
use isonomy_chain::*;
use isonomy_consensus::{Broken, MEMORY_BYTES_MAX, Rules, Step, Trail};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::Asset;
use isonomy_ledger::locks::Locks;
use isonomy_ledger::unique::Unique;
use isonomy_ledger::*;
use isonomy_naive as naive;
use isonomy_naive::Rule;
use isonomy_store::{Memory, Store};
use isonomy_types::*;
use std::collections::BTreeMap;
use std::sync::Arc;

pub type Shared = Arc<Transaction<Checked>>;

const LIMITS: PoolLimits = PoolLimits { transactions: 400, bytes: 4_000_000, per_account: 400 };

/// Rules for tests: any header goes.
struct Free;

impl Rules for Free {
    fn step(&self, _: &Trail, _: &Authority, _: &Header) -> Result<Step, Broken> {
        Ok(Step { weight: 1_u64.into(), memory: Blob::default() })
    }

    fn certified(&self, _: &Authority, _: &Trail, _: &Certificate) -> Result<(), Broken> {
        Err(Broken::Certificate("there are none"))
    }

    fn begin(&self, _: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::default()
    }
}

pub struct Pair {
    pub chain: Chain,
    pub store: Box<dyn Store>,
    pub pool: Pool,
    /// What the validator says of every block there ever was.
    pub naive: BTreeMap<Hash, naive::Chain>,
    pub blocks: BTreeMap<Hash, Block>,
    pub counts: Counts,
    pub mutant: Mutant,
    pub now: Mono,
    modules: Arc<Modules>,
    /// Blocks that may be built on.
    live: Vec<Hash>,
    /// Tells blocks of equal content apart.
    salt: u64,
    /// What the last flush wrote.
    flushed: Arc<Layer>,
}

pub fn modules(mutant: Mutant) -> Arc<Modules> {
    let coin = Coin(mutant, 0.into());
    let modules = Modules::default().with(assets::ID, coin).unwrap().purse(assets::ID).unwrap();
    let modules = modules.with(unique::ID, Unique).unwrap().with(locks::ID, Locks).unwrap();
    let modules = modules.with(HARBOUR, Harbour).unwrap().with(COUNCIL, Council).unwrap();
    Arc::new(modules)
}

/// Rich, poor and penniless people.
fn allocations() -> Vec<(Address, u128)> {
    let holds = |n: usize| if n.is_multiple_of(3) { 100_000 } else { 1_000_000_000 };
    (0..PEOPLE - 1).map(|n| (address(n), holds(n))).collect()
}

const REWARD: u128 = 50;

/// Forks of the base's tree in memory: so few that most is read from the store after each flush.
const TREE_FORKS: usize = 1;

fn genesis(modules: &Arc<Modules>) -> Flush {
    let amount = |(to, amount): (Address, u128)| (to, Amount(amount));
    let allocations: Vec<_> = allocations().into_iter().map(amount).collect();
    let allocations = allocations.try_into().unwrap();
    let config = assets::Config { allocations, reward: Amount(REWARD) };
    let genesis = Genesis {
        name: Text::try_from(String::from("naive")).unwrap(),
        time: Wall(1_000),
        params: Params::default(),
        authority: Authority::default(),
        settings: Blob::default(),
        modules: vec![
            (assets::ID, config.encode()),
            (unique::ID, Vec::new()),
            (locks::ID, Vec::new()),
            (HARBOUR, Vec::new()),
            (COUNCIL, Vec::new()),
        ],
    };
    genesis.build(&Free, modules.clone()).unwrap()
}

fn naive_genesis(id: Hash) -> naive::Chain {
    let calls: [(ModuleId, naive::Call); 2] =
        [(HARBOUR, harbour::naive), (COUNCIL, harbour::naive_council)];
    let genesis = naive::Genesis {
        time: Wall(1_000),
        allocations: allocations(),
        reward: REWARD,
        calls: calls.into(),
        trusted: true,
        ..naive::Genesis::default()
    };
    naive::Chain::new(id, genesis)
}

impl Pair {
    pub fn new(mutant: Mutant) -> Self {
        Self::on(mutant, |genesis| Box::new(Memory::new(genesis)))
    }

    pub fn on(mutant: Mutant, store: impl FnOnce(&Flush) -> Box<dyn Store>) -> Self {
        let modules = modules(mutant);
        let first = genesis(&modules);
        let mut store = store(&first);
        let id = first.tip.trail.id;
        let chain = Self::recovered(&mut *store, &modules, id);
        Self {
            chain,
            store,
            pool: Pool::new(LIMITS),
            naive: BTreeMap::from([(id, naive_genesis(id))]),
            blocks: BTreeMap::new(),
            counts: Counts::new(),
            mutant,
            now: Mono(0),
            modules,
            live: vec![id],
            salt: 0,
            flushed: Arc::default(),
        }
    }

    fn recovered(store: &mut dyn Store, modules: &Arc<Modules>, genesis: Hash) -> Chain {
        let Recovered { tip, below, view, tree, .. } = store.recover().unwrap();
        let chain = Chain::new(Arc::new(Free), modules.clone(), genesis, tip, below, view, tree);
        chain.with_tree_forks(TREE_FORKS)
    }

    pub fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    /// One thing that may happen to a chain.
    pub fn step(&mut self, draw: &mut Draw) -> Result<(), Difference> {
        self.now = self.now.plus(1_000);
        self.wait(draw)?;
        match draw.below(24) {
            0 => self.lie(draw)?,
            1 | 2 => self.flush(draw)?,
            3 => self.unwind(draw)?,
            4..=7 => {
                let id = *draw.pick(&self.live.clone());
                self.adopt(id)?;
            }
            _ => {
                let best = self.chain.best().id;
                let parent = if draw.once_in(5) { *draw.pick(&self.live.clone()) } else { best };
                let id = self.grow(draw, parent)?;
                if parent == best || draw.once_in(2) {
                    self.adopt(id)?;
                }
            }
        }
        Ok(())
    }

    /// A block out of random transactions on `parent`: as a template, then as a block.
    pub fn grow(&mut self, draw: &mut Draw, parent: Hash) -> Result<Hash, Difference> {
        let (template, time, producer) = self.template(draw, parent)?;
        let block = self.block(parent, time, producer, &template);
        let id = self.bring(&block)?;
        let next = self.naive[&parent].next(&block);
        let next = next.map_err(|broken| format!("the validator refuses a block: {broken:?}"))?;
        self.naive.insert(id, next);
        self.blocks.insert(id, block);
        self.live.push(id);
        self.count("blocks");
        self.compare(id)?;
        Ok(id)
    }

    fn template(
        &mut self,
        draw: &mut Draw,
        parent: Hash,
    ) -> Result<(Executed, Wall, Address), Difference> {
        self.salt += 1;
        let before = &self.naive[&parent];
        let (time, producer) = (Wall(before.time.0 + self.salt), *draw.pick(&ADDRESSES));
        let (height, mut draft) = (before.height + 1, before.draft(time, producer));
        let mut offered = Vec::new();
        if parent == self.chain.best().id {
            offered = self.pool.candidates(100_000, 9_000_000);
        }
        let mut judged: Vec<_> = offered.iter().map(|tx| draft.add(&tx.to_unchecked())).collect();
        for _ in 0..draw.below(60) {
            let state = draft.book().state.clone();
            let next = |of: &Address, lane: u16| naive::accounts::next(&state, of, lane);
            let transaction = plan::transaction(draw, &draft, height, &next);
            judged.push(draft.add(&transaction));
            self.count("drawn");
            offered.push(Arc::new(transaction.trust_own_log()));
        }
        let work = self.chain.template(parent, time, producer, offered.clone());
        let done = work.ok_or("no template")?.run().map_err(|error| error.to_string())?;
        self.judge(&offered, &judged, &done)?;
        Ok((done, time, producer))
    }

    /// What the template says of each transaction is what the validator says.
    fn judge(
        &mut self,
        offered: &[Shared],
        judged: &[Result<naive::Receipt, Vec<Rule>>],
        done: &Executed,
    ) -> Result<(), Difference> {
        let mut receipts = done.receipts.iter();
        let mut refused = done.refused.iter();
        for (transaction, judged) in offered.iter().zip(judged) {
            self.count("offered");
            match judged {
                Ok(receipt) => {
                    let ours = receipts.next().ok_or("a receipt is missing")?;
                    same!(ours.encode(), receipt.encode(), "a receipt");
                    self.count(format!("code {}", receipt.code));
                    if let [alone] = &transaction.intent().actions[..] {
                        self.count(format!("module {} code {}", alone.module, receipt.code));
                    }
                    for event in &receipt.events {
                        let kind = event.payload.first().copied().unwrap_or_default();
                        self.count(format!("module {} event {kind}", event.module));
                    }
                    let signers = transaction.intent().signers.len();
                    self.count(if signers > 1 { "several signers" } else { "one signer" });
                }
                Err(rules) => {
                    let (id, why) = refused.next().ok_or("a refusal is missing")?;
                    same!(*id, transaction.id(), format!("who is refused, for {rules:?}"));
                    same!(rules.contains(&rule(why)), true, format!("{why:?} among {rules:?}"));
                    self.count(name(why));
                }
            }
        }
        same!(refused.count(), 0, "what else is refused");
        Ok(())
    }

    fn block(&self, parent: Hash, time: Wall, producer: Address, done: &Executed) -> Block {
        let transactions: Vec<_> = done.included.iter().map(|tx| tx.to_unchecked()).collect();
        let body = Body { transactions: transactions.try_into().unwrap() };
        let header = Header {
            version: Version,
            parent,
            height: self.naive[&parent].height + 1,
            time,
            producer,
            body_root: body.root(),
            state_root: done.tree.root(),
            receipts_root: done.receipts_root,
            next_authority: done.next_authority.hash(),
            next_params: done.next_params.hash(),
            seal: Seal::default(),
        };
        Block { header, body }
    }

    /// Header, body and execution, as from a peer.
    pub fn bring(&mut self, block: &Block) -> Result<Hash, Difference> {
        match self.offer(block) {
            Outcome::Executed { .. } => Ok(block.header.id()),
            outcome => Err(format!("the chain refuses a block: {outcome:?}")),
        }
    }

    fn offer(&mut self, block: &Block) -> Outcome {
        let header = block.header.clone();
        let entry = Entry { header, authority: None, certificate: None };
        let followed = self.chain.follow(vec![entry]).unwrap().run();
        self.chain.import(followed.valid.into_iter().next().unwrap()).unwrap();
        let transactions = block.body.transactions.iter();
        let transactions: Vec<Shared> =
            transactions.map(|tx| Arc::new(tx.clone().trust_own_log())).collect();
        let id = block.header.id();
        assert!(self.chain.import_body(id, transactions.into()));
        let result = self.chain.execute(id).unwrap().run();
        self.chain.executed(id, result)
    }

    /// A block with one thing wrong: both must refuse it.
    fn lie(&mut self, draw: &mut Draw) -> Result<(), Difference> {
        let parent = *draw.pick(&self.live);
        let (template, time, producer) = self.template(draw, parent)?;
        let mut block = self.block(parent, time, producer, &template);
        let header = &mut block.header;
        match draw.below(5) {
            0 => header.state_root = parent,
            1 => header.receipts_root = parent,
            2 => header.next_params = parent,
            3 => header.next_authority = parent,
            _ => {
                let mut twice = block.body.transactions.to_vec();
                let Some(last) = twice.last().cloned() else { return Ok(()) };
                twice.push(last);
                block.body.transactions = twice.try_into().unwrap();
                header.body_root = block.body.root();
            }
        }
        let outcome = self.offer(&block);
        same!(matches!(outcome, Outcome::Condemned { .. }), true, "a lie is condemned");
        same!(self.naive[&parent].next(&block).is_err(), true, "a lie is refused");
        self.count("lies");
        Ok(())
    }

    /// A block is on best's branch or it is not, however high it stands (attack 30).
    fn check_branches(&self) -> Result<(), Difference> {
        let best = self.chain.best().id;
        let branch = self.branch(best);
        for id in self.live.iter().filter(|id| **id != self.chain.base().id) {
            same!(
                self.chain.contains_on_best(id),
                branch.contains(id),
                "whether best holds a block"
            );
        }
        same!(self.chain.contains_on_best(&best), true, "whether best holds itself");
        Ok(())
    }

    /// Everything that can be asked about the state after a block.
    pub fn compare(&mut self, id: Hash) -> Result<(), Difference> {
        let naive = &self.naive[&id];
        let view = self.chain.view(&id).ok_or("a view is missing")?;
        let pairs: Result<Vec<_>, _> = view.scan(&Span::all(), Order::Up).collect();
        let pairs = pairs.map_err(|failed| failed.to_string())?.into_iter();
        let pairs: naive::State =
            pairs.map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        same!(pairs, naive.state, "the state");
        same!(
            self.chain.header(&id).map(|header| header.state_root),
            Some(naive.state_root()),
            "the state root"
        );
        if let Some(receipts) = self.chain.receipts(&id) {
            let ours: Vec<_> = receipts.iter().map(Encode::encode).collect();
            let theirs: Vec<_> = naive.receipts.iter().map(Encode::encode).collect();
            same!(ours, theirs, "the receipts");
        }
        self.ask(id, &view)
    }

    /// Balances, supply, policies and lanes, through the doors that everyone uses.
    fn ask(&self, id: Hash, view: &Arc<dyn View>) -> Result<(), Difference> {
        let naive = &self.naive[&id];
        let env = self.chain.next_env(&id, naive.time, Address::default()).ok_or("no env")?;
        same!(env.params, naive.params, "the next params");
        let mut sum = 0;
        let locked = naive::locks::own();
        for of in ADDRESSES.iter().chain([&locked]) {
            let held: Amount =
                self.query(id, assets::ID, &assets::Query::Balance(*of, Asset::Coin))?;
            same!(held.0, naive.balance(of), "a balance");
            sum += held.0;
            let Account { policy, lanes } = account(&**view, of).map_err(|why| why.to_string())?;
            let current = naive::accounts::policy(&naive.state, of);
            same!(policy.unwrap_or(of.0), current, "a policy");
            same!(lanes, naive::accounts::lanes(&naive.state, of), "the lanes");
            let owned = unique::Query::Owned { of: *of, after: None };
            let owned: Page<unique::ItemId> = self.query(id, unique::ID, &owned)?;
            let mut index = naive::unique::owned(&naive.state, of);
            index.truncate(PAGE_MAX);
            same!(owned.to_vec(), index, "the index of what one owns");
        }
        // Invariant 7, in its own words: genesis and rewards without what was burned.
        let genesis: u128 = allocations().into_iter().map(|(_, amount)| amount).sum();
        let minted = genesis + REWARD * u128::from(naive.height);
        same!(sum, minted - naive.burned, "what there is");
        let supply: Amount = self.query(id, assets::ID, &assets::Query::Supply(Asset::Coin))?;
        same!(supply.0, sum, "the supply");
        for (asset, described) in naive::assets::issued(&naive.state) {
            let supply = assets::Query::Supply(Asset::Issued(asset));
            let supply: Amount = self.query(id, assets::ID, &supply)?;
            same!(supply.0, described.supply, "an asset's supply");
            same!(
                supply.0,
                naive::assets::counted(&naive.state, Some(asset)),
                "what there is of it"
            );
        }
        self.check_owners(id)
    }

    /// Items and their index say the same; each collection counts its items; what all locks hold of
    /// an asset is there.
    fn check_owners(&self, id: Hash) -> Result<(), Difference> {
        let state = &self.naive[&id].state;
        let items = naive::unique::items(state);
        for (item, owner) in &items {
            same!(naive::unique::owned(state, owner).contains(item), true, "an owner's index");
        }
        for (collection, described) in naive::unique::collections(state) {
            let of = |(item, _): &&(unique::ItemId, Address)| item.0 == collection;
            same!(items.iter().filter(of).count() as u64, described.items, "how many items");
        }
        let indexed = ADDRESSES.iter().map(|owner| naive::unique::owned(state, owner).len());
        same!(indexed.sum::<usize>(), items.len(), "how many are indexed");
        let mut held = BTreeMap::new();
        for (_, lock) in naive::locks::locks(state) {
            *held.entry(lock.asset).or_insert(0) += lock.amount;
        }
        for (asset, held) in held {
            let there = naive::assets::holds(state, &naive::locks::own(), asset);
            same!(there >= held, true, "what is locked is there");
        }
        Ok(())
    }

    fn query<T: Decode>(
        &self,
        id: Hash,
        module: ModuleId,
        question: &impl Encode,
    ) -> Result<T, Difference> {
        let env = self.chain.next_env(&id, Wall(0), Address::default()).ok_or("no env")?;
        let view = self.chain.view(&id).ok_or("no view")?;
        let answer = query(&env, &self.modules, view, module, &question.encode());
        let answer = answer.map_err(|fault| fault.to_string())?;
        T::decode_exact(&answer).map_err(|error| error.to_string())
    }

    /// From `from` down to and without the base, oldest first.
    pub fn branch(&self, from: Hash) -> Vec<Hash> {
        let mut branch = Vec::new();
        let mut at = from;
        while at != self.chain.base().id {
            branch.push(at);
            at = self.blocks[&at].header.parent;
        }
        branch.reverse();
        branch
    }

    /// The base moves up along best's branch.
    fn flush(&mut self, draw: &mut Draw) -> Result<(), Difference> {
        let branch = self.branch(self.chain.best().id);
        if branch.is_empty() {
            return Ok(());
        }
        let id = *draw.pick(&branch);
        let flush = self.chain.finalise(id).ok_or("nothing to flush")?;
        let flush = Flush { layer: self.mutant.spoil(&flush.layer), ..flush };
        let view = self.store.flush(&flush).unwrap();
        self.flushed = Arc::new(flush.layer);
        self.chain.rebase(id, view);
        let tree = self.chain.tree(&id).ok_or("the base has no tree")?;
        let forks = tree.forks_in_memory();
        if forks > TREE_FORKS {
            return Err(format!("{forks} forks of the base's tree in memory"));
        }
        let chain = &self.chain;
        self.live.retain(|id| chain.view(id).is_some());
        self.count("flushes");
        self.compare(id)
    }

    /// What was flushed is taken back; the node starts again from there, and may bring back the
    /// blocks it had.
    fn unwind(&mut self, draw: &mut Draw) -> Result<(), Difference> {
        let (base, best) = (self.chain.base().clone(), self.chain.best().id);
        let height = draw.below(base.height + 1);
        let above = self.branch(best);
        assert!(self.store.unwind(height).unwrap());
        self.chain = Self::recovered(&mut *self.store, &self.modules, self.chain.genesis());
        self.spoil_undo();
        let id = self.chain.base().id;
        self.live = vec![id];
        self.compare(id)?;
        self.count(if id == base.id { "restarts" } else { "undone" });
        let back = [self.branch(base.id), above].concat();
        let left: Vec<_> = back.iter().map(|id| (*id, self.transactions(*id))).collect();
        self.moved(&left, &[])?;
        if draw.once_in(2) {
            for id in &back {
                self.bring(&self.blocks[id].clone())?;
                self.live.push(*id);
                self.compare(*id)?;
                self.count("executed again");
            }
            self.adopt(best)?;
        }
        Ok(())
    }

    fn spoil_undo(&mut self) {
        if self.mutant == Mutant::UndoForgotten {
            let tip = self.store.recover().unwrap();
            let layers = vec![self.flushed.clone()];
            let view = Arc::new(Stack { layers, base: tip.view });
            let (genesis, rules) = (self.chain.genesis(), Arc::new(Free));
            let modules = self.modules.clone();
            self.chain = Chain::new(rules, modules, genesis, tip.tip, tip.below, view, tip.tree);
        }
    }

    fn transactions(&self, id: Hash) -> Transactions {
        let transactions = self.blocks[&id].body.transactions.iter();
        transactions.map(|tx| Arc::new(tx.clone().trust_own_log())).collect()
    }

    pub fn adopt(&mut self, id: Hash) -> Result<(), Difference> {
        let before = self.chain.best().id;
        let Some(Adopted { left, joined }) = self.chain.adopt(id) else {
            return Err("a live block is not adopted".into());
        };
        if !left.is_empty() && !joined.is_empty() {
            self.count("reorganisations");
        }
        self.check_branches()?;
        same!(left.is_empty() && joined.is_empty(), before == id, "whether best moved");
        self.compare(id)?;
        self.moved(&left, &joined)
    }

    pub fn env(&self, id: Hash) -> Env {
        let naive = &self.naive[&id];
        self.chain.next_env(&id, Wall(naive.time.0 + 1), Address::default()).unwrap()
    }

    pub fn admit(&self, transaction: &Shared) -> Result<Standing, AdmitError> {
        let id = self.chain.best().id;
        let (env, modules, view) = (self.env(id), self.modules.clone(), self.chain.view(&id));
        let (view, transaction) = (view.unwrap(), transaction.clone());
        Admit { env, modules, view, transaction }.run()
    }
}

/// The same rule in the validator's words.
pub fn rule(why: &Inadmissible) -> Rule {
    match why {
        Inadmissible::Bytes { .. } => Rule::Bytes,
        Inadmissible::Signers { .. } => Rule::Signers,
        Inadmissible::Actions { .. } => Rule::Actions,
        Inadmissible::Payload { action, .. } => Rule::Payload(*action),
        Inadmissible::Expired { .. } => Rule::Expired,
        Inadmissible::Policy { signer } => Rule::Policy(*signer),
        Inadmissible::Nonce { signer, .. } => Rule::Nonce(*signer),
        Inadmissible::Price { .. } => Rule::Price,
        Inadmissible::Meter { .. } => Rule::Meter,
        Inadmissible::BlockMeter { .. } => Rule::BlockMeter,
        Inadmissible::BlockBytes { .. } => Rule::BlockBytes,
        Inadmissible::Payer { .. } => Rule::Payer,
    }
}

fn name(why: &Inadmissible) -> String {
    format!("{why:?}").split(' ').next().unwrap_or_default().to_owned()
}
