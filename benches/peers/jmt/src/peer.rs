//! The peer, with BLAKE3, over maps in memory.
use jmt::proof::SparseMerkleProof;
use jmt::storage::{LeafNode, Node, NodeKey, TreeReader};
use jmt::{JellyfishMerkleTree, KeyHash, OwnedValue, RootHash, SimpleHasher, Version};
use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Peer {
    store: Store,
    /// Of the next update.
    version: Version,
    root: Option<RootHash>,
}

/// That a key has a value.
pub(crate) type Proof = SparseMerkleProof<Blake3>;

#[derive(Default)]
struct Store {
    nodes: HashMap<NodeKey, Node>,
    values: HashMap<KeyHash, (Version, OwnedValue)>,
}

pub(crate) struct Blake3(blake3::Hasher);

impl SimpleHasher for Blake3 {
    fn new() -> Self {
        Self(blake3::Hasher::new())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

impl TreeReader for Store {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.get(key).cloned())
    }

    fn get_value_option(&self, limit: Version, key: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        let found = self.values.get(&key).filter(|(version, _)| *version <= limit);
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

impl Peer {
    /// Computes the new root and writes the batch down, without what it makes stale.
    pub(crate) fn update(&mut self, pairs: Vec<([u8; 32], [u8; 64])>) -> anyhow::Result<()> {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(&self.store);
        let writes = pairs.into_iter().map(|(key, value)| (KeyHash(key), Some(value.to_vec())));
        let (root, batch) = tree.put_value_set(writes, self.version)?;
        let nodes = batch.node_batch.nodes();
        self.store.nodes.extend(nodes.iter().map(|(key, node)| (key.clone(), node.clone())));
        for stale in &batch.stale_node_index_batch {
            self.store.nodes.remove(&stale.node_key);
        }
        for ((version, key), value) in batch.node_batch.values() {
            let Some(value) = value else { continue };
            self.store.values.insert(*key, (*version, value.clone()));
        }
        self.version += 1;
        self.root = Some(root);
        Ok(())
    }

    pub(crate) fn prove(&self, key: [u8; 32]) -> anyhow::Result<Proof> {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(&self.store);
        Ok(tree.get_with_proof(KeyHash(key), self.version - 1)?.1)
    }

    pub(crate) fn verify(
        &self,
        proof: &Proof,
        key: [u8; 32],
        value: [u8; 64],
    ) -> anyhow::Result<()> {
        let root = self.root.ok_or_else(|| anyhow::anyhow!("an empty tree proves nothing"))?;
        proof.verify_existence(root, KeyHash(key), value)
    }
}
