//! Why a transaction does not wait.
use isonomy_types::{Address, Amount};

/// Why a transaction does not wait here. The pool is then as before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PoolRefused {
    /// It waits already.
    #[error("the transaction waits already")]
    Known,
    /// No block to come may hold it.
    #[error("expires at height {got}, the next block's is {limit}")]
    Expired {
        /// The last height that may hold it.
        got: u64,
        /// The next block's.
        limit: u64,
    },
    /// A block has spent this nonce.
    #[error("nonce {got} is spent, the lane's next is {limit}")]
    Spent {
        /// The counter it names.
        got: u64,
        /// The lane's next.
        limit: u64,
    },
    /// Something before it in a lane is missing: send that first.
    #[error("nonce {got} is ahead, the lane's next is {limit}")]
    Gap {
        /// The counter it names.
        got: u64,
        /// The lane's next, after all that waits and would stay.
        limit: u64,
    },
    /// It would take the place of another, and pays too little more.
    #[error("replacing takes a price of {limit}, got {got}")]
    Underpriced {
        /// Its price.
        got: u64,
        /// The least that would do.
        limit: u64,
    },
    /// It would take the place of others, and is sure to pay less than they.
    #[error("replacing these takes a fee of {limit} that is sure to be paid, got {got}")]
    Underpays {
        /// What it is sure to pay: its price for what it costs to be in a block at all.
        got: Amount,
        /// What all that it drives out are sure to pay, and a step more for its own relay.
        limit: Amount,
    },
    /// It would take the place of too many.
    #[error("{got} transactions would be replaced, limit {limit}")]
    Replaces {
        /// How many.
        got: usize,
        /// [`REPLACED_MAX`](super::REPLACED_MAX).
        limit: usize,
    },
    /// An account has enough waiting.
    #[error("{account} would have {got} transactions waiting, limit {limit}")]
    AccountFull {
        /// Whose.
        account: Address,
        /// How many.
        got: usize,
        /// [`PoolLimits::per_account`](super::PoolLimits::per_account).
        limit: usize,
    },
    /// Too many would wait on one another: send it once some are in a block.
    #[error("{got} transactions would wait on one another, limit {limit}")]
    Chained {
        /// How many it would wait for, or would wait for another with it; or more than enough.
        got: usize,
        /// [`CHAINED_MAX`](super::CHAINED_MAX).
        limit: usize,
    },
    /// An account cannot pay for all that would wait.
    #[error("what waits would take {got} from {account}, who holds {limit}")]
    Uncovered {
        /// Whose.
        account: Address,
        /// The highest fees and all that actions move by themselves.
        got: Amount,
        /// What it holds at best.
        limit: Amount,
    },
    /// Room ran out a short while ago.
    #[error("for now the price, or that of what goes before, must be at least {limit}, got {got}")]
    Cheap {
        /// The least price of the transaction and of what must go before it.
        got: u64,
        /// [`Pool::least_price`](super::Pool::least_price).
        limit: u64,
    },
    /// There is no room, and what is here pays as much.
    #[error(
        "the pool is full: the price, or that of what goes before, is {got}, must be above {limit}"
    )]
    Full {
        /// The least price of the transaction and of what must go before it.
        got: u64,
        /// The least such price that stays in the pool.
        limit: u64,
    },
}
