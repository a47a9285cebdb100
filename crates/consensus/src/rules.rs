use crate::Broken;
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{Authority, Blob, Certificate, Header, Wall};

/// Bytes that rules may carry from block to block: an anchor or a window, never a history, so that
/// a light client and a presync hold a constant amount for each branch (attack 49).
pub const MEMORY_BYTES_MAX: usize = 64;

/// All that the check of a child needs to know of its branch. Constant size: a light client, a
/// presync, the tree and the store hold the same thing.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Trail {
    /// The block it describes.
    pub id: Hash,
    /// Id of the block before. Zeros in genesis.
    pub parent: Hash,
    /// Blocks before this one.
    pub height: u64,
    /// As the header says.
    pub time: Wall,
    /// Summed over the branch, from the trusted block on; at most 2¹²⁸ - 1.
    pub weight: u128,
    /// Hash of the authority that binds the child.
    pub next_authority: Hash,
    /// The rules' own, for example where the difficulty is anchored.
    pub memory: Blob<MEMORY_BYTES_MAX>,
}

impl Trail {
    /// A branch of one block that is believed without a check, weighing nothing.
    ///
    /// Its memory is empty. For genesis the rules give it:
    /// `Trail { memory: rules.begin(&header), ..Trail::trusted(&header) }`.
    #[must_use]
    pub fn trusted(header: &Header) -> Self {
        Self {
            id: header.id(),
            parent: header.parent,
            height: header.height,
            time: header.time,
            weight: 0,
            next_authority: header.next_authority,
            memory: Blob::default(),
        }
    }

    /// Whether this branch wins over `other`: more weight, or the same and the lower id. The order
    /// of arrival plays no part, so every node that knows both decides alike.
    #[must_use]
    pub fn outweighs(&self, other: &Self) -> bool {
        (self.weight, other.id) > (other.weight, self.id)
    }
}

/// What one valid header adds to its branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What it is worth.
    pub weight: u128,
    /// The memory that its child is checked with.
    pub memory: Blob<MEMORY_BYTES_MAX>,
}

/// What a kind of consensus demands of a header beyond [`check`].
///
/// Every method is a function of its arguments: the same answer on every machine, at any time.
// impossible: attack 47, because no clock reaches the rules: a peer's time, a majority's or our own
// cannot change a verdict. A header from the future is valid; the node waits until its time.
pub trait Rules: Send + Sync {
    /// Judges the seal, and says what it is worth. `parent` is the block before, `authority` what
    /// its header commits; [`check`] has compared both.
    ///
    /// # Errors
    /// The rule broken: [`Broken::Seal`], or [`Broken::Memory`] if `parent` is no trail of these
    /// rules.
    fn step(&self, parent: &Trail, authority: &Authority, header: &Header) -> Result<Step, Broken>;

    /// Whether `certificate` proves that `block`, which `authority` binds, is final.
    ///
    /// # Errors
    /// [`Broken::Certificate`].
    fn certified(
        &self,
        authority: &Authority,
        block: &Trail,
        certificate: &Certificate,
    ) -> Result<(), Broken>;

    /// The memory of a trusted first block: genesis.
    fn begin(&self, header: &Header) -> Blob<MEMORY_BYTES_MAX>;
}

/// Judges `header` as the child of `parent`: by the rules of every chain, then by `rules`.
///
/// Every chain demands that the header names its parent, is one higher and strictly later, and that
/// `authority` is what the parent commits.
///
/// # Errors
/// The first rule broken, in this order: parent, height, time, authority, then those of `rules`.
pub fn check(
    rules: &dyn Rules,
    parent: &Trail,
    authority: &Authority,
    header: &Header,
) -> Result<Trail, Broken> {
    if header.parent != parent.id {
        return Err(Broken::Parent);
    }
    if parent.height.checked_add(1) != Some(header.height) {
        let limit = parent.height.saturating_add(1);
        return Err(Broken::Height { got: header.height, limit });
    }
    if header.time <= parent.time {
        return Err(Broken::Time { got: header.time, limit: parent.time });
    }
    let got = authority.hash();
    if got != parent.next_authority {
        return Err(Broken::Authority { got, limit: parent.next_authority });
    }
    let Step { weight, memory } = rules.step(parent, authority, header)?;
    Ok(Trail { weight: parent.weight.saturating_add(weight), memory, ..Trail::trusted(header) })
}
