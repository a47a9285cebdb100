//! The least price rises when room runs out, and falls with time.
use isonomy_types::Mono;

/// By how much the least price is above that of what was driven out, in units a meter unit: the
/// smallest step there is. What replaces others pays so much more for its own relay, too.
pub const LEAST_PRICE_STEP: u64 = 1;

/// Milliseconds after which the least price is half of what it was: ten minutes. Long enough that
/// whoever fills the pool and is driven out cannot do it again at once for the same price, which all
/// nodes would relay for nothing; short enough that a rush is forgotten within hours. Bitcoin Core's
/// (`ROLLING_FEE_HALFLIFE`) is 12 hours on blocks of ten minutes, as many blocks as this is on blocks
/// of eight seconds.
pub const LEAST_PRICE_HALF_LIFE_MS: u64 = 10 * 60 * 1_000;

/// A price that was asked at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeastPrice {
    price: u64,
    since: Mono,
}

impl LeastPrice {
    pub(super) const NONE: Self = Self { price: 0, since: Mono(0) };

    pub(super) const fn at(&self, now: Mono) -> u64 {
        let halvings = now.since(self.since) / LEAST_PRICE_HALF_LIFE_MS;
        if halvings < u64::BITS as u64 { self.price >> halvings } else { 0 }
    }

    /// One of this floor was driven out.
    pub(super) const fn raise(&mut self, floor: u64, now: Mono) {
        let price = floor.saturating_add(LEAST_PRICE_STEP);
        if price > self.at(now) {
            *self = Self { price, since: now };
        }
    }
}
