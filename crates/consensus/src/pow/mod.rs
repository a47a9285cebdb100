//! Proof of work: the heaviest branch wins.
mod asert;
mod branches;
mod engine;
mod mine;
mod miner;
mod target;
mod work;

pub use asert::{Schedule, ScheduleError};
pub use branches::{BASE_DEPTH_MAX, WANT_MAX};
pub use engine::{Pow, Settings};
pub use mine::Mine;
pub use miner::{PROPOSE_AGAIN_MS, PROPOSE_LOST_MS, PROPOSE_RETRY_MS};
pub use target::{Compact, CompactError, Target};
pub use work::{Work, WorkSeal, work_hash};
