//! Buckets side by side: as many as there are lanes, of about the same size.
use crate::digits::Sorted;
use crate::field::MAX_LANES;
use alloc::vec::Vec;

/// A bucket for each lane. The lists of entries stand as columns of a table; its rows are added in
/// pairs until one is left, the buckets' sums.
pub(crate) struct Group {
    /// Which bucket each lane holds.
    pub(crate) bucket: [u32; MAX_LANES],
    /// Where each lane's entries begin.
    pub(crate) start: [u32; MAX_LANES],
    /// How many entries each lane has, the most first; a lane to spare has none.
    pub(crate) len: [u32; MAX_LANES],
    /// Rows not yet added together.
    pub(crate) rows: usize,
    /// Where its rows begin in the table.
    pub(crate) offset: usize,
}

impl Group {
    /// How many rows its rows become when added in pairs.
    pub(crate) fn pairs(&self) -> usize {
        self.rows.div_ceil(2)
    }
}

/// Makes groups of all buckets that are not empty, those with the most entries first.
pub(crate) fn groups(sorted: &Sorted, lanes: usize) -> Vec<Group> {
    let order = by_size(&sorted.starts);
    let mut offset = 0;
    let group = |buckets: &[u32]| {
        let zero = [0; MAX_LANES];
        let mut group = Group { bucket: zero, start: zero, len: zero, rows: 0, offset };
        for (lane, bucket) in buckets.iter().enumerate() {
            let (start, end) = bounds(&sorted.starts, *bucket);
            group.bucket[lane] = *bucket;
            group.start[lane] = start;
            group.len[lane] = end - start;
        }
        group.rows = group.len[0] as usize;
        offset += group.pairs();
        group
    };
    order.chunks(lanes).map(group).collect()
}

/// The buckets that are not empty by falling size, by counting.
fn by_size(starts: &[u32]) -> Vec<u32> {
    let sizes = || starts.windows(2).map(|pair| (pair[1] - pair[0]) as usize);
    let largest = sizes().max().unwrap_or_default();
    let mut places = alloc::vec![0; largest + 1];
    sizes().for_each(|size| places[size] += 1);
    let mut full = 0;
    for place in places.iter_mut().skip(1).rev() {
        (*place, full) = (full, full + *place);
    }
    let mut order = alloc::vec![0; full];
    for (bucket, size) in sizes().enumerate().filter(|(_, size)| *size > 0) {
        order[places[size]] = bucket as u32;
        places[size] += 1;
    }
    order
}

fn bounds(starts: &[u32], bucket: u32) -> (u32, u32) {
    (starts[bucket as usize], starts[bucket as usize + 1])
}
