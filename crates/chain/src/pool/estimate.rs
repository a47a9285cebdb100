//! What to pay to be in soon.
use super::Pool;
use isonomy_types::{Mono, Params};

/// The most blocks ahead that an estimate looks: what waits longer is a guess about strangers, not
/// about the pool. Bounds the work that one question makes.
pub const ESTIMATE_BLOCKS_MAX: u32 = 100;

/// Full blocks in a row, whoever fills them, through which a price that was estimated stays above the
/// base fee: at an eighth a block it is four tenths more. Whoever is left out for so long was
/// outbid, and asks again.
pub const ESTIMATE_FULL_BLOCKS: u32 = 3;

/// What an estimate keeps free for the transaction that it is for: so many times the room that it
/// needs fit a block.
const ROOM: u64 = 8;

/// The block to come that is being filled with what waits.
struct Forecast {
    params: Params,
    bytes: u64,
    meter: u64,
}

impl Forecast {
    /// Takes a transaction in, if there is room beside the one that asks.
    fn take(&mut self, bytes: u64, meter: u64) -> bool {
        let (all, units) = (u64::from(self.params.body_bytes), self.params.body_meter);
        let (bytes, meter) = (self.bytes.saturating_add(bytes), self.meter.saturating_add(meter));
        let fits =
            bytes <= all.saturating_sub(all / ROOM) && meter <= units.saturating_sub(units / ROOM);
        if fits {
            (self.bytes, self.meter) = (bytes, meter);
        }
        fits
    }

    /// Ends the block. One that had no room for all counts as full; a base fee that falls is not
    /// counted on, since what waits below it comes in then and raises it again.
    fn end(&mut self, full: bool) {
        let used = if full { (u64::MAX, u64::MAX) } else { (self.bytes, self.meter) };
        let next = self.params.next_base_fee(used.0, used.1);
        self.params.base_fee = self.params.base_fee.max(next);
        (self.bytes, self.meter) = (0, 0);
    }
}

impl Pool {
    /// The least price at which a transaction of up to an eighth of a block, sent now, is in one of
    /// the next `blocks` blocks, as far as can be known: what waits goes first where it pays as much,
    /// takes its whole meter limit, and raises the base fee. What others will still send is not
    /// known.
    ///
    /// `params` bind the next block. The price covers the base fee of the block after, too, and that
    /// after [`ESTIMATE_FULL_BLOCKS`] full ones, so that a rush does not strand who pays it; and it is
    /// one that the pool accepts now. More blocks never cost more; above [`ESTIMATE_BLOCKS_MAX`] they
    /// change nothing, and none counts as one.
    #[must_use]
    pub fn estimate(&self, params: &Params, blocks: u32, now: Mono) -> u64 {
        let mut forecast = Forecast { params: params.clone(), bytes: 0, meter: 0 };
        let mut ranks = self.ranks.iter().rev().peekable();
        let mut least = u64::MAX;
        for _ in 0..blocks.clamp(1, ESTIMATE_BLOCKS_MAX) {
            let (base, mut rival) = (forecast.params.base_price(), None);
            while let Some((floor, _, id)) = ranks.peek().filter(|(floor, ..)| *floor >= base) {
                let room = self.get(id).map(|tx| (tx.bytes() as u64, tx.intent().meter_limit));
                if room.is_some_and(|(bytes, meter)| !forecast.take(bytes, meter)) {
                    rival = Some(floor.saturating_add(1));
                    break;
                }
                ranks.next();
            }
            forecast.end(rival.is_some());
            least = least.min(forecast.params.base_price().max(rival.unwrap_or_default()));
            if rival.is_none() {
                break;
            }
        }
        least.max(rushed(params)).max(self.least_price(now))
    }
}

/// The base price after a rush.
fn rushed(params: &Params) -> u64 {
    let mut params = params.clone();
    for _ in 0..ESTIMATE_FULL_BLOCKS {
        params.base_fee = params.next_base_fee(u64::MAX, u64::MAX);
    }
    params.base_price()
}
