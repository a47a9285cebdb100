//! Regtest blocks, each on the one before.
use crate::Failure;
use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::constants::genesis_block;
use bitcoin::hashes::Hash;
use bitcoin::script::{Builder, PushBytes};
use bitcoin::{
    Amount, Block, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxMerkleNode, TxOut,
    Witness, transaction,
};

/// Of a block, below the height at which it halves.
const SUBSIDY_SATS: u64 = 50_0000_0000;
/// Between two blocks.
const INTERVAL_S: u32 = 600;
/// What the witness commitment's output begins with (BIP141).
const COMMITMENT: [u8; 4] = [0xaa, 0x21, 0xa9, 0xed];
const RESERVED: [u8; 32] = [0; 32];

#[derive(Clone)]
pub(crate) struct Miner {
    tip: Header,
    height: u32,
}

impl Miner {
    pub(crate) fn new() -> Self {
        Self { tip: genesis_block(Network::Regtest).header, height: 0 }
    }

    pub(crate) fn block(
        &mut self,
        transactions: Vec<Transaction>,
        to: &ScriptBuf,
    ) -> Result<Block, Failure> {
        self.height += 1;
        let header = Header {
            version: Version::from_consensus(1 << 29),
            prev_blockhash: self.tip.block_hash(),
            merkle_root: TxMerkleNode::all_zeros(),
            time: self.tip.time + INTERVAL_S,
            ..self.tip
        };
        let mut txdata = vec![self.coinbase(to)];
        txdata.extend(transactions);
        let mut block = Block { header, txdata };
        let committed = commitment(&block)?;
        block.txdata[0].output.push(committed);
        block.header.merkle_root = block.compute_merkle_root().ok_or("an empty block")?;
        while !block.header.target().is_met_by(block.header.block_hash()) {
            block.header.nonce += 1;
        }
        self.tip = block.header;
        Ok(block)
    }

    fn coinbase(&self, to: &ScriptBuf) -> Transaction {
        let script_sig = Builder::new().push_int(self.height.into()).push_int(0).into_script();
        let mut witness = Witness::new();
        witness.push(RESERVED);
        let previous_output = OutPoint::null();
        let output = TxOut { value: Amount::from_sat(SUBSIDY_SATS), script_pubkey: to.clone() };
        Transaction {
            version: transaction::Version::TWO,
            lock_time: LockTime::ZERO,
            input: vec![TxIn { previous_output, script_sig, sequence: Sequence::MAX, witness }],
            output: vec![output],
        }
    }
}

fn commitment(block: &Block) -> Result<TxOut, Failure> {
    let root = block.witness_root().ok_or("an empty block")?;
    let commitment = Block::compute_witness_commitment(&root, &RESERVED);
    let bytes = [&COMMITMENT[..], commitment.as_byte_array()].concat();
    let script_pubkey = ScriptBuf::new_op_return(<&PushBytes>::try_from(&bytes[..])?);
    Ok(TxOut { value: Amount::ZERO, script_pubkey })
}
