//! A fork as bytes, for a store.
//!
//! ```text
//! page   version 1, then   0 and a piece      at the root alone, of a state that fits in one
//!                     or   1 and eight children
//! child  255, hash, leaves below (u64, little-endian)    has a page of its own
//!        otherwise a piece
//! piece  number of leaves (u8), then of each its path and its value's hash, by path
//! ```
use super::few::{FEW_MAX, Few, Piece};
use super::fork::{Below, FORK_BITS, FORK_WIDTH, Fork, Subtree, by_slot};
use super::joins::{Joins, Node};
use crate::ReadFailed;
use crate::root::Leaf;
use alloc::{sync::Arc, vec::Vec};
use core::array::from_fn;
use isonomy_crypto::Hash;

const VERSION: u8 = 1;
const PIECE: u8 = 0;
const FORK: u8 = 1;
/// In place of a child's number of leaves.
const ELSEWHERE: u8 = u8::MAX;

/// The page of a piece or of a fork. What is stored has its page already.
pub(super) fn encode(below: &Below) -> Option<Vec<u8>> {
    let mut page = Vec::from([VERSION]);
    match below {
        Below::Few(few) => {
            page.push(PIECE);
            put_piece(&mut page, few.leaves());
        }
        Below::Fork(fork) => {
            page.push(FORK);
            for (hash, child) in fork.hashes.iter().zip(&fork.below) {
                put_child(&mut page, hash, child);
            }
        }
        Below::Stored { .. } => return None,
    }
    Some(page)
}

fn put_child(page: &mut Vec<u8>, hash: &Hash, child: &Below) {
    if let Below::Few(few) = child {
        return put_piece(page, few.leaves());
    }
    page.push(ELSEWHERE);
    page.extend(hash.as_bytes());
    page.extend((child.len() as u64).to_le_bytes());
}

/// At most [`FEW_MAX`] leaves, so their number is below [`ELSEWHERE`].
fn put_piece(page: &mut Vec<u8>, leaves: &[Leaf]) {
    page.push(u8::try_from(leaves.len()).unwrap_or_default());
    page.extend(leaves.as_flattened().iter().flat_map(|hash| hash.as_bytes()));
}

/// What lies at `depth` and has this page, with the hash that follows from it.
pub(super) fn decode(page: &[u8], depth: usize) -> Result<Subtree, ReadFailed> {
    let mut joins = Joins::default();
    match parse(page)? {
        Below::Few(few) => {
            let nodes = eighths(&few, depth, &mut joins);
            let top = joins.fold(&mut nodes.clone());
            joins.run();
            let few = few.with(nodes.into_iter().map(|node| joins.hash(node)));
            Ok(Subtree { hash: joins.hash(top), below: Below::Few(few) })
        }
        Below::Fork(mut fork) => {
            let hash = Arc::get_mut(&mut fork).map(|fork| hash_pieces(fork, depth, joins));
            Ok(Subtree { hash: hash.ok_or(ReadFailed)?, below: Below::Fork(fork) })
        }
        Below::Stored { .. } => Err(ReadFailed),
    }
}

/// The nodes of a piece's eight subtrees. It lies at `depth`.
fn eighths(few: &Few, depth: usize, joins: &mut Joins) -> [Option<Node>; FORK_WIDTH] {
    let leaves = by_slot(few.leaves(), |[path, _]| path, depth);
    leaves.map(|leaves| joins.over(leaves, depth.saturating_add(FORK_BITS)))
}

/// Makes the hashes that a page leaves out, and answers with the fork's own.
fn hash_pieces(fork: &mut Fork, depth: usize, mut joins: Joins) -> Hash {
    let below = depth.saturating_add(FORK_BITS);
    let pieces = from_fn::<_, FORK_WIDTH, _>(|place| match &fork.below[place] {
        Below::Few(few) => eighths(few, below, &mut joins),
        _ => [None; FORK_WIDTH],
    });
    let nodes = from_fn::<_, FORK_WIDTH, _>(|place| match &fork.below[place] {
        Below::Few(_) => joins.fold(&mut pieces[place].clone()),
        other => joins.given(fork.hashes[place], other.len()),
    });
    let top = joins.fold(&mut nodes.clone());
    joins.run();
    fork.hashes = nodes.map(|node| joins.hash(node));
    for (child, nodes) in fork.below.iter_mut().zip(pieces) {
        if let Below::Few(few) = child {
            let few = core::mem::take(few).with(nodes.into_iter().map(|node| joins.hash(node)));
            *child = Below::Few(few);
        }
    }
    joins.hash(top)
}

/// What a page says, without hashes of pieces.
fn parse(page: &[u8]) -> Result<Below, ReadFailed> {
    let mut page = Bytes(page);
    if page.byte()? != VERSION {
        return Err(ReadFailed);
    }
    let below = match page.byte()? {
        PIECE => {
            let count = page.byte()?;
            Below::Few(page.piece(count)?)
        }
        FORK => Below::Fork(Arc::new(page.fork()?)),
        _ => return Err(ReadFailed),
    };
    if page.0.is_empty() { Ok(below) } else { Err(ReadFailed) }
}

/// The places below a page's own of those of its children that have pages: by these a store knows what
/// has vanished, when a page that it writes names fewer than the one before.
///
/// # Errors
/// When `page` has not the outline of one. What its leaves and hashes say is not looked at.
pub fn tree_page_forks(page: &[u8]) -> Result<Vec<u8>, ReadFailed> {
    let (mut page, mut forks) = (Bytes(page), Vec::new());
    let (version, kind) = (page.byte()?, page.byte()?);
    let places = match (version, kind) {
        (VERSION, PIECE) => 0..1,
        (VERSION, FORK) => 0..FORK_WIDTH as u8,
        _ => return Err(ReadFailed),
    };
    for place in places {
        match page.byte()? {
            ELSEWHERE if kind == FORK => {
                page.take::<{ Hash::LEN + size_of::<u64>() }>()?;
                forks.push(place);
            }
            // A store asks this of every page that it writes, and of the one before: no leaf is read.
            count if usize::from(count) <= FEW_MAX => {
                page.skip(usize::from(count).saturating_mul(size_of::<Leaf>()))?;
            }
            _ => return Err(ReadFailed),
        }
    }
    if page.0.is_empty() { Ok(forks) } else { Err(ReadFailed) }
}

/// What of a page is still to be read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ReadFailed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(ReadFailed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn skip(&mut self, len: usize) -> Result<(), ReadFailed> {
        self.0 = self.0.get(len..).ok_or(ReadFailed)?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, ReadFailed> {
        self.take().map(|[byte]| byte)
    }

    fn hash(&mut self) -> Result<Hash, ReadFailed> {
        self.take().map(Hash::from_bytes)
    }

    /// Without its hashes as yet.
    fn piece(&mut self, count: u8) -> Result<Few, ReadFailed> {
        if usize::from(count) > FEW_MAX {
            return Err(ReadFailed);
        }
        let mut piece = Piece::default();
        let leaves = piece.begin();
        for _ in 0..count {
            leaves.push([self.hash()?, self.hash()?]);
        }
        let sorted = piece.leaves().is_sorted_by(|[path, _], [next, _]| path < next);
        if sorted { Ok(piece.end()) } else { Err(ReadFailed) }
    }

    fn fork(&mut self) -> Result<Fork, ReadFailed> {
        let mut fork = Fork::default();
        for (hash, child) in fork.hashes.iter_mut().zip(&mut fork.below) {
            *child = match self.byte()? {
                ELSEWHERE => {
                    *hash = self.hash()?;
                    let len = u64::from_le_bytes(self.take()?);
                    let len = usize::try_from(len).ok().filter(|len| *len > FEW_MAX);
                    Below::Stored { len: len.ok_or(ReadFailed)? }
                }
                count => Below::Few(self.piece(count)?),
            };
            fork.len = fork.len.checked_add(child.len()).ok_or(ReadFailed)?;
        }
        if fork.len > FEW_MAX { Ok(fork) } else { Err(ReadFailed) }
    }
}
