use crate::Hash;
use crate::block::{self, BLOCK_BYTES, Batch};
use alloc::vec::Vec;
use borsh::io;

/// One use of hashing.
///
/// It is BLAKE3 in keyed mode, whose key is the domain's name padded with zeros: that costs no extra
/// compression, and 64 bytes of input (a tree node) are exactly one. Two names never share a
/// digest, so what is hashed for one use cannot stand for another.
///
/// A domain is used with **one shape of input only**, and that shape must be injective: one canonical
/// encoding, or a fixed number of hashes. Two shapes need two domains.
///
/// ```
/// use isonomy_crypto::Domain;
///
/// const LEAF: Domain = Domain::new("example leaf 1");
/// const NODE: Domain = Domain::new("example node 1");
/// let leaf = LEAF.hash(b"leaf");
/// assert_ne!(NODE.join(&[leaf, leaf]), LEAF.join(&[leaf, leaf]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Domain(pub(crate) [u8; 32]);

impl Domain {
    /// Names a domain. By custom the name ends in a version: `"isonomy list node 1"`.
    ///
    /// # Panics
    /// When `name` is not 1 to 32 printable ASCII characters. In a `const` that is a build error.
    pub const fn new(name: &str) -> Self {
        let name = name.as_bytes();
        assert!(!name.is_empty() && name.len() <= 32, "a domain's name has 1 to 32 characters");
        let mut key = [0; 32];
        let mut at = 0;
        while at < name.len() {
            assert!(matches!(name[at], b' '..=b'~'), "a domain's name is printable ASCII");
            key[at] = name[at];
            at += 1;
        }
        Self(key)
    }

    /// Hashes one canonical byte string.
    pub fn hash(&self, bytes: &[u8]) -> Hash {
        let mut block = [0; block::BLOCK_BYTES];
        let (Some(room), Ok(len)) = (block.get_mut(..bytes.len()), u8::try_from(bytes.len()))
        else {
            return Hash::from_bytes(*blake3::keyed_hash(&self.0, bytes).as_bytes());
        };
        room.copy_from_slice(bytes);
        block::hash_short(&self.0, &block, len)
    }

    /// Hashes hashes, one after another. Their number must be fixed by the domain.
    ///
    /// Two of them, a tree node, take the short way of one compression with nothing around it.
    pub fn join(&self, hashes: &[Hash]) -> Hash {
        if let [left, right] = hashes {
            return block::hash_short(&self.0, &block::pair(&[*left, *right]), 64);
        }
        let mut hasher = self.hasher();
        for hash in hashes {
            hasher.update(hash.as_bytes());
        }
        hasher.finalize()
    }

    /// [`join`](Self::join) of each pair, given to `out` in the order of the pairs.
    ///
    /// Many tree nodes at once cost a fraction of what they cost one by one, since the processor's
    /// vectors hash up to 16 side by side. The pairs may lie anywhere: each is copied once.
    ///
    /// ```
    /// use isonomy_crypto::{Domain, Hash};
    ///
    /// const NODE: Domain = Domain::new("example node 1");
    /// let row = [Hash::ZERO, NODE.hash(b"a"), NODE.hash(b"b"), Hash::ZERO];
    /// let (pairs, _) = row.as_chunks();
    /// let mut above = Vec::new();
    /// NODE.join_all(pairs.iter().copied(), |node| above.push(node));
    /// assert_eq!(above, [NODE.join(&row[..2]), NODE.join(&row[2..])]);
    /// ```
    pub fn join_all(&self, pairs: impl IntoIterator<Item = [Hash; 2]>, out: impl FnMut(Hash)) {
        let mut batch = Batch::new(&self.0, out);
        pairs.into_iter().for_each(|nodes| batch.push(block::pair(&nodes)));
        batch.flush();
    }

    /// Hashes an encoding padded with zeros to whole blocks of 64 bytes, at least one. Since padding
    /// adds zeros, the encoding must say by itself where it ends.
    ///
    /// ```
    /// use isonomy_crypto::Domain;
    ///
    /// const NAME: Domain = Domain::new("example padded name 1");
    /// let mut block = [0; 64];
    /// block[..4].copy_from_slice(b"\x03ada");
    /// assert_eq!(NAME.hash_padded(b"\x03ada".to_vec()), NAME.hash(&block));
    /// ```
    pub fn hash_padded(&self, mut encoding: Vec<u8>) -> Hash {
        encoding.resize(padded_len(encoding.len()), 0);
        self.hash(&encoding)
    }

    /// [`hash_padded`](Self::hash_padded) of each item's encoding, given to `out` in the order of the
    /// items.
    ///
    /// `encode` adds an item's encoding to the bytes. Items in a row whose encodings take as many
    /// blocks, up to eight, are hashed side by side, at a fraction of what they cost one by one.
    ///
    /// ```
    /// use isonomy_crypto::Domain;
    ///
    /// const NAME: Domain = Domain::new("example padded name 1");
    /// let counted = |name: &&str, to: &mut Vec<u8>| {
    ///     to.push(name.len() as u8);
    ///     to.extend_from_slice(name.as_bytes());
    /// };
    /// let mut hashes = Vec::new();
    /// NAME.hash_all_padded(["ada", "emmy"], counted, |hash| hashes.push(hash));
    /// assert_eq!(hashes[1], NAME.hash_padded(b"\x04emmy".to_vec()));
    /// ```
    pub fn hash_all_padded<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        mut encode: impl FnMut(&T, &mut Vec<u8>),
        mut out: impl FnMut(Hash),
    ) {
        let (mut bytes, mut row) = (Vec::new(), 0);
        for item in items {
            let start = bytes.len();
            encode(&item, &mut bytes);
            let len = padded_len(bytes.len() - start);
            bytes.resize(start + len, 0);
            if len != row {
                block::hash_rows(&self.0, &bytes[..start], row, &mut out);
                bytes.drain(..start);
                row = len;
            }
            if bytes.len() >= PADDED_BYTES {
                block::hash_rows(&self.0, &bytes, row, &mut out);
                bytes.clear();
            }
        }
        block::hash_rows(&self.0, &bytes, row, &mut out);
    }

    /// Hashes a byte string that comes in parts. Where it is cut does not matter.
    pub fn hasher(&self) -> Hasher {
        Hasher { domain: *self, short: [0; SHORT_BYTES], len: 0, long: None }
    }
}

fn padded_len(len: usize) -> usize {
    len.next_multiple_of(BLOCK_BYTES).max(BLOCK_BYTES)
}

/// Bytes of padded encodings that are gathered before they are hashed: 32 of four blocks each, which
/// still lie in the fastest cache.
const PADDED_BYTES: usize = 8 * 1_024;

/// Bytes that are gathered before hashing begins: most values are shorter, and hashing them at once
/// is much faster than part by part. One chunk of BLAKE3.
const SHORT_BYTES: usize = 1_024;

/// A [`Domain`] taking in one byte string, part by part.
///
/// Values can be encoded straight into it, through [`borsh::io::Write`], which never fails here.
#[derive(Clone, Debug)]
pub struct Hasher {
    domain: Domain,
    short: [u8; SHORT_BYTES],
    /// Of `short`, in use.
    len: usize,
    /// Has taken in all before `short`.
    long: Option<blake3::Hasher>,
}

impl Hasher {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.short.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
            self.len = end;
            return self;
        }
        let long = self.long.get_or_insert_with(|| blake3::Hasher::new_keyed(&self.domain.0));
        long.update(&self.short[..self.len]).update(bytes);
        self.len = 0;
        self
    }

    /// The digest of all bytes so far.
    pub fn finalize(&self) -> Hash {
        let short = &self.short[..self.len];
        let Some(long) = &self.long else { return self.domain.hash(short) };
        Hash::from_bytes(*long.clone().update(short).finalize().as_bytes())
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
