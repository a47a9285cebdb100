//! A chain whose transactions write many keys, and its blocks as a miner makes them.
use crate::load::batch;
use anyhow::Context as _;
use isonomy_chain::{Chain, Flush, Genesis};
use isonomy_consensus::pow::{Mine, Schedule, Target, Work, WorkSeal};
use isonomy_crypto::{Hash, Secret, list_root};
use isonomy_ledger::{Context, Executed, Fault, Module, Modules};
use isonomy_types::{
    Action, Address, Authority, Blob, Body, Entry, Header, Intent, Nonce, Params, Policy, Signer,
    Transaction, Version, Wall, Witness,
};
use std::sync::Arc;

const ID: u16 = 1;
const PAIR_BYTES: usize = 72;
/// Pairs of one transaction: its payload is near the largest.
const PAIRS: usize = 900;

/// Writes what it is told to.
struct Bulk;

impl Module for Bulk {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        for pair in payload.chunks_exact(PAIR_BYTES) {
            let (key, value) = pair.split_at(32);
            ctx.set(key, value)?;
        }
        Ok(Vec::new())
    }

    fn describe(&self, payload: &[u8]) -> String {
        format!("write {} values", payload.len() / PAIR_BYTES)
    }
}

/// What makes the chain.
pub(crate) struct World {
    secret: Secret,
    pub(crate) work: Work,
    pub(crate) modules: Arc<Modules>,
    pub(crate) genesis: Flush,
}

impl World {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let easy = Target::for_work(16).compact();
        let schedule =
            Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy };
        let work = Work { schedule };
        let modules = Arc::new(Modules::default().with(ID, Bulk)?);
        let genesis = Genesis {
            name: String::from("durable").try_into()?,
            time: Wall(0),
            params: Params {
                body_bytes: 4 << 20,
                body_meter: 1 << 40,
                base_fee: 1,
                base_fee_floor: 1,
                base_fee_ceiling: 1,
                ..Params::default()
            },
            authority: Authority::default(),
            settings: Blob::default(),
            modules: vec![(ID, Vec::new())],
        };
        let genesis = genesis.build(&work, modules.clone())?;
        Ok(Self { secret: Secret::from_bytes(&[1; 32])?, work, modules, genesis })
    }

    /// The child of the best block. `seq` is that of its first transaction.
    pub(crate) fn child(&self, chain: &Chain, seq: u64) -> anyhow::Result<(Entry, Body)> {
        let parent = chain.best().clone();
        let pairs: Vec<_> = batch(parent.height + 1).into_iter().collect();
        let payloads = pairs.chunks(PAIRS).map(|pairs| {
            pairs.iter().flat_map(|(key, value)| [&key[..], value].concat()).collect::<Vec<u8>>()
        });
        let transactions = payloads.zip(seq..).map(|(payload, seq)| self.transaction(payload, seq));
        let transactions = transactions.collect::<anyhow::Result<Vec<_>>>()?;
        let body = Body { transactions: transactions.clone().try_into()? };
        let checked = Transaction::check_all(transactions, &chain.genesis())?;
        let checked = checked.into_iter().map(Arc::new).collect();
        let time = Wall((parent.height + 1) * 1_000);
        let template = chain.template(parent.id, time, Address::default(), checked);
        let done = template.context("no template")?.run()?;
        anyhow::ensure!(done.refused.is_empty(), "a transaction is refused");
        let header = self.header(chain, time, &done)?;
        Ok((Entry { header, authority: None, certificate: None }, body))
    }

    fn transaction(&self, payload: Vec<u8>, seq: u64) -> anyhow::Result<Transaction> {
        let policy = Policy::Key(self.secret.public());
        let signer = Signer { account: policy.address(), nonce: Nonce { lane: 0, seq } };
        let intent = Intent {
            version: Version,
            signers: vec![signer].try_into()?,
            actions: vec![Action { module: ID, by: 0, payload: payload.try_into()? }].try_into()?,
            meter_limit: 1 << 30,
            price: 1,
            expires: u64::MAX,
        };
        let digest = intent.signing_digest(&self.genesis.tip.trail.id);
        let signature = self.secret.sign(&digest, &[0; 32])?;
        let witness = Witness { policy, signatures: vec![Some(signature)].try_into()? };
        Ok(Transaction::new(intent, vec![witness].try_into()?))
    }

    fn header(&self, chain: &Chain, time: Wall, done: &Executed) -> anyhow::Result<Header> {
        let parent = chain.best();
        let leaves: Vec<Hash> = done.included.iter().map(|tx| tx.leaf()).collect();
        let mut header = Header {
            version: Version,
            parent: parent.id,
            height: parent.height + 1,
            time,
            producer: Address::default(),
            body_root: list_root(&leaves),
            state_root: done.tree.root(),
            receipts_root: done.receipts_root,
            next_authority: done.next_authority.hash(),
            next_params: done.next_params.hash(),
            seal: WorkSeal::default().seal(),
        };
        let (target, seal_hash) = (self.work.target(parent)?, header.seal_hash());
        let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
        header.seal = WorkSeal { nonce: mine.run().context("no nonce")?, extra: 0 }.seal();
        Ok(header)
    }
}
