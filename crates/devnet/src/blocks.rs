//! The last blocks of the best branch, as a person watches them come.
use crate::{DevnetError, Network};
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Wall};
use std::collections::VecDeque;

/// Blocks that are kept, the youngest: what a terminal shows of them, with room.
pub const BLOCKS_KEPT: usize = 240;
/// Blocks asked for in one look, so that a look stays short.
const ASKED_MAX: usize = 24;

/// A block in a few words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    /// Its height.
    pub height: u64,
    /// Its id.
    pub id: Hash,
    /// Its parent's id.
    pub parent: Hash,
    /// The time in its header.
    pub time: Wall,
    /// How many transactions it holds.
    pub transactions: u64,
    /// Length of its body, in bytes.
    pub size: u64,
    /// The node that made it, if it can be told.
    pub by: Option<usize>,
}

/// The last blocks, the oldest first. Each is the parent of the next.
#[derive(Default)]
pub(crate) struct Blocks(VecDeque<Block>);

impl Blocks {
    /// Adds a block, or takes away the last one if the block does not stand on it.
    fn put(&mut self, block: Block) {
        match self.0.back() {
            Some(last) if last.id != block.parent => drop(self.0.pop_back()),
            _ => self.0.push_back(block),
        }
        while self.0.len() > BLOCKS_KEPT {
            self.0.pop_front();
        }
    }

    /// The height to ask for next, with the best block at `tip`; `None` if all are there.
    fn wanted(&mut self, height: u64, tip: Hash) -> Option<u64> {
        while self.0.back().is_some_and(|last| last.height >= height && last.id != tip) {
            self.0.pop_back();
        }
        let lowest = height.saturating_sub(BLOCKS_KEPT as u64).saturating_add(1);
        if self.0.back().is_some_and(|last| last.height.saturating_add(1) < lowest) {
            self.0.clear();
        }
        match self.0.back() {
            Some(last) if last.id == tip => None,
            Some(last) => Some(last.height.saturating_add(1)),
            None => Some(lowest),
        }
        .filter(|wanted| *wanted <= height)
    }

    async fn follow(
        &mut self,
        client: &Client,
        by: impl Fn(&Address) -> Option<usize>,
    ) -> Result<(), ClientError> {
        let status = client.status().await?;
        for _ in 0..ASKED_MAX {
            let Some(wanted) = self.wanted(status.height, status.tip) else { break };
            let reply = client.block(wanted).await?;
            self.put(Block {
                height: wanted,
                id: reply.id,
                parent: reply.header.parent,
                time: reply.header.time,
                transactions: reply.transactions.len() as u64,
                size: reply.size,
                by: by(&reply.header.producer),
            });
        }
        Ok(())
    }
}

impl Network {
    /// The last blocks of the best branch of the first node that runs, the oldest first: up to
    /// [`BLOCKS_KEPT`]. What a node does not answer is asked for the next time.
    ///
    /// # Errors
    /// If a node has ended by itself.
    pub async fn follow(&mut self) -> Result<Vec<Block>, DevnetError> {
        self.alive().await?;
        if let Some(child) = self.children.values().next() {
            let (producers, members) = (&self.producers, &self.keys);
            let by = |producer: &Address| maker(producers, members.keys().copied(), producer);
            // It may be busy, or about to be killed.
            let _ = self.blocks.follow(&child.client, by).await;
        }
        Ok(self.blocks.0.iter().copied().collect())
    }
}

/// The one node that mines for this address, if it is one.
fn maker(
    producers: &[Address],
    members: impl Iterator<Item = usize>,
    producer: &Address,
) -> Option<usize> {
    let place = |number: usize| number.saturating_sub(1).checked_rem(producers.len());
    let paid = |number: usize| producers.get(place(number)?);
    let mut makers = members.filter(|number| paid(*number) == Some(producer));
    makers.next().filter(|_| makers.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(height: u64, branch: u8, parent: u8) -> Block {
        let id = |height: u64, branch| {
            let mut bytes = [branch; 32];
            bytes[..8].copy_from_slice(&height.to_le_bytes());
            Hash::from_bytes(bytes)
        };
        let (id, parent) = (id(height, branch), id(height - 1, parent));
        Block { height, id, parent, time: Wall(height), transactions: 0, size: 4, by: None }
    }

    fn feed(blocks: &mut Blocks, chain: &[Block]) -> usize {
        let tip = chain.last().unwrap();
        for asked in 0..100 {
            let Some(wanted) = blocks.wanted(tip.height, tip.id) else { return asked };
            blocks.put(chain[wanted as usize - 1]);
        }
        panic!("it never has them all");
    }

    #[test]
    fn blocks_are_asked_for_once_and_a_reorganisation_takes_back_what_left() {
        let mut blocks = Blocks::default();
        let mut chain: Vec<Block> = (1..=6).map(|height| block(height, 0, 0)).collect();
        assert_eq!(feed(&mut blocks, &chain), 6);
        assert_eq!(blocks.0, chain);
        assert_eq!(feed(&mut blocks, &chain), 0);
        // Heights 4 to 6 leave for a longer branch, …
        chain.truncate(3);
        chain.extend([block(4, 1, 0), block(5, 1, 1), block(6, 1, 1), block(7, 1, 1)]);
        feed(&mut blocks, &chain);
        assert_eq!(blocks.0, chain);
        // … and then for a shorter, heavier one.
        chain.truncate(4);
        chain.push(block(5, 2, 1));
        feed(&mut blocks, &chain);
        assert_eq!(blocks.0, chain);
    }

    #[test]
    fn only_the_youngest_are_kept() {
        let mut blocks = Blocks::default();
        for height in 1..=BLOCKS_KEPT as u64 + 50 {
            blocks.put(block(height, 0, 0));
        }
        assert_eq!((blocks.0.len(), blocks.0[0].height), (BLOCKS_KEPT, 51));
        let tip = block(5_000, 0, 0);
        let wanted = blocks.wanted(tip.height, tip.id);
        assert_eq!(wanted, Some(5_001 - BLOCKS_KEPT as u64), "what lies between is skipped");
        assert!(blocks.0.is_empty());
        assert_eq!(Blocks::default().wanted(0, tip.id), None, "genesis is no news");
    }

    #[test]
    fn a_block_is_its_makers_unless_two_share_an_address() {
        let address = |n| Address(Hash::from_bytes([n; 32]));
        let producers = [address(1), address(2)];
        let by = |nodes: usize, n| maker(&producers, 1..=nodes, &address(n));
        assert_eq!((by(2, 1), by(2, 2), by(2, 3)), (Some(1), Some(2), None));
        assert_eq!((by(3, 1), by(3, 2)), (None, Some(2)), "node 3 mines for the first address");
        assert_eq!(maker(&[], 1..=3, &address(1)), None);
    }
}
