use crate::{
    Env, Fault, Modules, ReadFailed, View, accounts, cost,
    fee::{claims, means, reserve},
    session::Session,
};
use alloc::{sync::Arc, vec::Vec};
use isonomy_types::{Amount, Checked, Params, Signer, Transaction};

/// Bytes of an encoded body beside its transactions: their count.
pub(crate) const BODY_OVERHEAD_BYTES: u64 = 4;

/// Why a transaction may stand in no block, or not in this one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Inadmissible {
    /// Its time has passed.
    #[error("expired at height {got}, now {limit}")]
    Expired {
        /// The last height that may hold it.
        got: u64,
        /// The block's height.
        limit: u64,
    },
    /// A signer's witness reveals a policy that is not the account's.
    #[error("signer {signer}'s policy is not the account's")]
    Policy {
        /// The signer's place.
        signer: usize,
    },
    /// A nonce is not its lane's next.
    #[error("signer {signer}'s nonce is {got}, the lane's next is {limit}")]
    Nonce {
        /// The signer's place.
        signer: usize,
        /// The counter it names.
        got: u64,
        /// The lane's next counter.
        limit: u64,
    },
    /// It is larger than the chain takes.
    #[error("{got} bytes, the chain takes {limit}")]
    Bytes {
        /// Length of its encoding, in bytes.
        got: u64,
        /// [`Params::transaction_bytes`](isonomy_types::Params::transaction_bytes).
        limit: u64,
    },
    /// It has more signers than the chain takes.
    #[error("{got} signers, the chain takes {limit}")]
    Signers {
        /// How many.
        got: u64,
        /// [`Params::signers`](isonomy_types::Params::signers).
        limit: u64,
    },
    /// It has more actions than the chain takes.
    #[error("{got} actions, the chain takes {limit}")]
    Actions {
        /// How many.
        got: u64,
        /// [`Params::actions`](isonomy_types::Params::actions).
        limit: u64,
    },
    /// An action's payload is larger than the chain takes.
    #[error("action {action} has a payload of {got} bytes, the chain takes {limit}")]
    Payload {
        /// The action's place.
        action: usize,
        /// The payload's length, in bytes.
        got: u64,
        /// [`Params::payload_bytes`](isonomy_types::Params::payload_bytes).
        limit: u64,
    },
    /// It pays less than the chain asks.
    #[error("{got} a meter unit, the chain asks {limit}")]
    Price {
        /// What it pays a unit.
        got: u64,
        /// [`Params::base_price`](isonomy_types::Params::base_price).
        limit: u64,
    },
    /// Its meter limit does not even cover what it costs to be there.
    #[error("a meter limit of {got}, being there costs {limit}")]
    Meter {
        /// Its meter limit.
        got: u64,
        /// [`cost::intrinsic`].
        limit: u64,
    },
    /// Its meter limit does not fit what the block has left.
    #[error("the block's meter could reach {got}, limit {limit}")]
    BlockMeter {
        /// What the block used so far, and the transaction's limit.
        got: u64,
        /// [`Params::body_meter`](isonomy_types::Params::body_meter).
        limit: u64,
    },
    /// It makes the body too large.
    #[error("the body would have {got} bytes, limit {limit}")]
    BlockBytes {
        /// Length of the encoded body with it, in bytes.
        got: u64,
        /// [`Params::body_bytes`](isonomy_types::Params::body_bytes).
        limit: u64,
    },
    /// The first signer cannot cover the highest fee.
    #[error("the payer cannot cover a fee of {limit}: {fault}")]
    Payer {
        /// The highest fee.
        limit: Amount,
        /// What the purse says.
        fault: Fault,
    },
}

/// What a block holds so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Load {
    pub(crate) bytes: u64,
    pub(crate) meter: u64,
}

/// What the state says of a transaction that wants to wait in a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The next counter of each signer's lane, in the signers' order. A transaction with a higher one
    /// waits for those between.
    pub next: Vec<u64>,
    /// What each signer holds in the chain's purse, in the signers' order. On a chain without a purse
    /// as much as there can be.
    pub holds: Vec<Amount>,
    /// The most that the transaction takes from each: the payer's highest fee, and what its actions
    /// move by themselves.
    pub pays: Vec<Amount>,
}

/// Judges one transaction for a pool: every rule of a block, except that a nonce may be ahead and
/// that the block is otherwise empty.
pub struct Admit {
    /// Of the block that would come next.
    pub env: Env,
    /// The chain's modules.
    pub modules: Arc<Modules>,
    /// The state now.
    pub view: Arc<dyn View>,
    /// The transaction.
    pub transaction: Arc<Transaction<Checked>>,
}

/// Why a pool should not take a transaction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdmitError {
    /// It breaks a rule.
    #[error(transparent)]
    Inadmissible(#[from] Inadmissible),
    /// Not a verdict.
    #[error(transparent)]
    Read(#[from] ReadFailed),
}

impl Admit {
    /// Judges. The next block judges again: what is true of this state may not be of that.
    ///
    /// # Errors
    /// The first rule broken, or a read that failed.
    pub fn run(&self) -> Result<Standing, AdmitError> {
        let seed = self.transaction.id();
        let mut session =
            Session::new(self.env.clone(), self.modules.clone(), self.view.clone(), seed);
        let (modules, transaction) = (&*self.modules, &*self.transaction);
        let mut next = Vec::new();
        judge(&mut session, transaction, Load::default(), |limit| next.push(limit))?;
        let holds = means(&mut session, modules, transaction)?;
        reserve(&mut session, modules, transaction)?;
        Ok(Standing { next, holds, pays: claims(modules, transaction) })
    }
}

/// Admits a transaction to the block under way: its nonces are spent, its highest fee is reserved.
pub(crate) fn admit(
    session: &mut Session,
    modules: &Modules,
    transaction: &Transaction<Checked>,
    load: Load,
) -> Result<(), AdmitError> {
    let mut gap = None;
    let mut signers = transaction.intent().signers.iter().enumerate();
    judge(session, transaction, load, |limit| {
        let ahead = signers.next().filter(|(_, signer)| signer.nonce.seq != limit);
        let ahead = ahead.map(|(signer, Signer { nonce, .. })| (signer, nonce.seq, limit));
        gap = gap.or(ahead);
    })?;
    match gap {
        Some((signer, got, limit)) => Err(Inadmissible::Nonce { signer, got, limit }.into()),
        None => reserve(session, modules, transaction),
    }
}

/// Every rule but the payer's and that of gaps. Spends the nonces, and tells what each signer's lane
/// had as its next one.
fn judge(
    session: &mut Session,
    transaction: &Transaction<Checked>,
    load: Load,
    mut tell: impl FnMut(u64),
) -> Result<(), AdmitError> {
    bounds(&session.env, transaction, load)?;
    for (index, Signer { account, nonce }) in transaction.intent().signers.iter().enumerate() {
        let first = accounts::First::read(session, account)?;
        if transaction.policies().get(index) != Some(&first.policy.unwrap_or(account.0)) {
            return Err(Inadmissible::Policy { signer: index }.into());
        }
        let limit = first.next(session, account, nonce.lane)?;
        let next = nonce.seq.checked_add(1).filter(|_| nonce.seq >= limit);
        let next = next.ok_or(Inadmissible::Nonce { signer: index, got: nonce.seq, limit })?;
        first.spend(session, account, nonce.lane, next);
        tell(limit);
    }
    Ok(())
}

/// The rules that need no state but the block's.
pub(crate) fn bounds(
    env: &Env,
    transaction: &Transaction<Checked>,
    load: Load,
) -> Result<(), Inadmissible> {
    let (intent, params) = (transaction.intent(), &env.params);
    if intent.expires < env.height {
        return Err(Inadmissible::Expired { got: intent.expires, limit: env.height });
    }
    sizes(transaction, params)?;
    let limit = params.base_price();
    if intent.price < limit {
        return Err(Inadmissible::Price { got: intent.price, limit });
    }
    let least = cost::intrinsic(transaction);
    if intent.meter_limit < least {
        return Err(Inadmissible::Meter { got: intent.meter_limit, limit: least });
    }
    let meter = load.meter.saturating_add(intent.meter_limit);
    if meter > params.body_meter {
        return Err(Inadmissible::BlockMeter { got: meter, limit: params.body_meter });
    }
    let bytes = BODY_OVERHEAD_BYTES.saturating_add(load.add(transaction));
    if bytes > params.body_bytes.into() {
        return Err(Inadmissible::BlockBytes { got: bytes, limit: params.body_bytes.into() });
    }
    Ok(())
}

/// The chain's own limits on a transaction's shape.
fn sizes(transaction: &Transaction<Checked>, params: &Params) -> Result<(), Inadmissible> {
    let intent = transaction.intent();
    let (got, limit) = (transaction.bytes() as u64, params.transaction_bytes.into());
    if got > limit {
        return Err(Inadmissible::Bytes { got, limit });
    }
    let (got, limit) = (intent.signers.len() as u64, params.signers.into());
    if got > limit {
        return Err(Inadmissible::Signers { got, limit });
    }
    let (got, limit) = (intent.actions.len() as u64, params.actions.into());
    if got > limit {
        return Err(Inadmissible::Actions { got, limit });
    }
    let limit = params.payload_bytes.into();
    let sizes = intent.actions.iter().map(|action| action.payload.len() as u64);
    match sizes.enumerate().find(|(_, got)| *got > limit) {
        Some((action, got)) => Err(Inadmissible::Payload { action, got, limit }),
        None => Ok(()),
    }
}

impl Load {
    /// Bytes of the transactions, with one more.
    pub(crate) const fn add(&self, transaction: &Transaction<Checked>) -> u64 {
        self.bytes.saturating_add(transaction.bytes() as u64)
    }
}
