use isonomy_crypto::Hash;
use isonomy_ledger::{Module, assets, locks, unique};
use isonomy_types::{Action, Address, Amount, Blob, Encode, Intent, List, Nonce, Signer, Version};
use std::fmt::Write;

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
        let payload = Blob::truncated(assets::Call::pay(to, amount).encode());
        let action = Action { module: assets::ID, by: 0, payload };
        let intent = Intent {
            version: Version,
            signers: List::truncated(vec![Signer { account, nonce }]),
            actions: List::truncated(vec![action]),
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
        let Intent { signers, actions, meter_limit, price, expires, .. } = &self.intent;
        let mut text = String::new();
        for Signer { account, nonce: Nonce { lane, seq } } in signers.iter() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{account} will, as its transaction {seq} on lane {lane},");
        }
        for action in actions.iter() {
            let _ = writeln!(text, "  {}", deed(action));
        }
        let (fee, genesis, unit) = (self.intent.max_fee(), self.genesis, price);
        let _ = write!(
            text,
            "and pay a fee of at most {fee} coins ({meter_limit} meter units at {unit} each),\n\
             in a block up to height {expires} of the chain {genesis}.",
        );
        text
    }
}

fn deed(action: &Action) -> String {
    match action.module {
        assets::ID => assets::Assets.describe(&action.payload),
        unique::ID => unique::Unique.describe(&action.payload),
        locks::ID => locks::Locks.describe(&action.payload),
        other => format!("call module {other} with bytes that this wallet cannot read"),
    }
}
