//! Buckets side by side: as many as there are lanes, of about the same size.
use crate::field::MAX_LANES;
use alloc::vec;
use alloc::vec::Vec;

/// A bucket for each lane. The lists of entries stand as columns of a table; its rows are added in
/// pairs until one is left, the buckets' sums.
pub(crate) struct Group {
    /// Which bucket each lane holds.
    pub(crate) bucket: [u32; MAX_LANES],
    /// How many entries each lane has, the most first; a lane to spare has none.
    pub(crate) len: [u32; MAX_LANES],
    /// Rows not yet added together.
    pub(crate) rows: usize,
    /// How many pairs of rows the groups before it began with.
    pub(crate) offset: usize,
}

impl Group {
    /// How many rows its rows become when added in pairs.
    pub(crate) fn pairs(&self) -> usize {
        self.rows.div_ceil(2)
    }
}

/// Makes groups of all buckets that are not empty, given each one's size: those with the most entries
/// first.
pub(crate) fn groups(sizes: &[u32], lanes: usize) -> Vec<Group> {
    let mut offset = 0;
    let group = |buckets: &[u32]| {
        let mut group = Group { bucket: [0; MAX_LANES], len: [0; MAX_LANES], rows: 0, offset };
        for (lane, bucket) in buckets.iter().enumerate() {
            group.bucket[lane] = *bucket;
            group.len[lane] = sizes[*bucket as usize];
        }
        group.rows = group.len[0] as usize;
        offset += group.pairs();
        group
    };
    by_size(sizes).chunks(lanes).map(group).collect()
}

/// The buckets that are not empty by falling size, by counting.
fn by_size(sizes: &[u32]) -> Vec<u32> {
    let largest = sizes.iter().max().copied().unwrap_or_default();
    let mut places = vec![0; largest as usize + 1];
    sizes.iter().for_each(|size| places[*size as usize] += 1);
    let mut full = 0;
    for place in places.iter_mut().skip(1).rev() {
        (*place, full) = (full, full + *place);
    }
    let mut order = vec![0; full];
    for (bucket, size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0) {
        let place = &mut places[*size as usize];
        order[*place] = bucket as u32;
        *place += 1;
    }
    order
}
