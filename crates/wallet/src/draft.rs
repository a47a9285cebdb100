use crate::{pay, words};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Intent, List, Nonce, Signer, Version};

/// A payment in the chain's coin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Who is paid.
    pub to: Address,
    /// How much, not zero.
    pub amount: Amount,
    /// The payer's next nonce.
    pub nonce: Nonce,
    /// What a meter unit may cost, in coins. At least the chain's base fee.
    pub price: u64,
    /// The most work that is paid for, in meter units. [`meter_for`](crate::meter_for) suffices.
    pub meter_limit: u64,
    /// The last height at which a block may hold it.
    pub expires: u64,
}

/// A transaction that nobody has signed yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    genesis: Hash,
    account: Address,
    intent: Intent,
}

impl Draft {
    pub(crate) fn new(genesis: Hash, account: Address, transfer: Transfer) -> Self {
        let Transfer { to, amount, nonce, price, meter_limit, expires } = transfer;
        let intent = Intent {
            version: Version,
            signers: List::truncated(vec![Signer { account, nonce }]),
            actions: List::truncated(vec![pay(0, to, amount)]),
            meter_limit,
            price,
            expires,
        };
        Self { genesis, account, intent }
    }

    /// The chain that it is for. It is worth nothing on any other.
    #[must_use]
    pub const fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Who acts and pays.
    #[must_use]
    pub const fn account(&self) -> Address {
        self.account
    }

    /// What would be signed.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    pub(crate) fn into_intent(self) -> Intent {
        self.intent
    }

    /// What would be signed, in plain words and several lines, read out of the intent itself.
    #[must_use]
    pub fn describe(&self) -> String {
        words::describe(&self.genesis, &self.intent, &words::modules(), None)
    }
}
