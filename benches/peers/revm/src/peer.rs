//! The peer: `CacheDB`, committed after each transfer.
use crate::Pair;
use revm::context::{BlockEnv, CfgEnv, Context, Journal, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetEvm;
use revm::primitives::{Address, TxKind, U256};
use revm::state::AccountInfo;
use revm::{ExecuteCommitEvm, MainBuilder, MainContext};
use std::error::Error;

type State = CacheDB<EmptyDB>;

pub(crate) struct Peer {
    evm: MainnetEvm<Context<BlockEnv, TxEnv, CfgEnv, State, Journal<State>>>,
    nonces: Vec<u64>,
}

impl Peer {
    pub(crate) fn new(accounts: u64) -> Self {
        let mut state = CacheDB::new(EmptyDB::default());
        for number in 0..accounts {
            let rich = AccountInfo { balance: U256::from(u64::MAX), ..Default::default() };
            state.insert_account_info(address(number), rich);
        }
        let evm = Context::mainnet().with_db(state).build_mainnet();
        Self { evm, nonces: vec![0; accounts as usize] }
    }

    pub(crate) fn transfers(&mut self, pairs: &[Pair]) -> Result<Vec<TxEnv>, Box<dyn Error>> {
        let mut transfers = Vec::new();
        for (from, to) in pairs {
            let nonce = self.nonces.get_mut(*from as usize).ok_or("no such account")?;
            let transfer = TxEnv::builder()
                .caller(address(*from))
                .kind(TxKind::Call(address(*to)))
                .value(U256::from(5))
                .gas_limit(21_000)
                .gas_price(0)
                .nonce(*nonce);
            *nonce += 1;
            transfers.push(transfer.build().map_err(|why| format!("{why:?}"))?);
        }
        Ok(transfers)
    }

    pub(crate) fn run(&mut self, transfers: Vec<TxEnv>) -> Result<(), Box<dyn Error>> {
        for transfer in transfers {
            let result = self.evm.transact_commit(transfer)?;
            if !result.is_success() {
                return Err("the peer refuses a transfer".into());
            }
        }
        Ok(())
    }
}

/// Spread over all bytes, as hashes are.
fn address(number: u64) -> Address {
    Address::from_slice(&blake3::hash(&number.to_le_bytes()).as_bytes()[..20])
}
