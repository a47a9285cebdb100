use crate::shared::{Memo, NAME_BYTES_MAX};
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, List, Text};
use serde::{Deserialize, Serialize};

/// Accounts that genesis can endow: a bound on what the first block makes every node do.
pub const ALLOCATIONS_MAX: usize = 65_536;
/// Bytes of a symbol: what fits beside a number.
pub const SYMBOL_BYTES_MAX: usize = 12;
/// Decimals of an asset: ten to this power still fits 128 bits, so that there can be one whole unit.
pub const DECIMALS_MAX: u8 = 38;

/// What is held and sent.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Asset {
    /// The chain's own coin.
    Coin,
    /// What somebody issued, by its id. Two assets may share a name and a symbol, never an id.
    Issued(Hash),
}

impl fmt::Display for Asset {
    /// As it stands behind a number: `5 coins`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coin => f.write_str("coins"),
            Self::Issued(id) => write!(f, "units of the asset {id}"),
        }
    }
}

/// What genesis says of the coin.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The first balances: each account once, none of zero.
    pub allocations: List<(Address, Amount), ALLOCATIONS_MAX>,
    /// Minted to the producer of each block, as long as the supply fits 128 bits.
    pub reward: Amount,
}

/// What may be done with an asset beside sending it. Declared when it is issued, then only ever
/// fewer.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(deny_unknown_fields, default)]
pub struct Rights {
    /// The issuer may make more, up to the cap.
    pub mint: bool,
    /// Whoever holds units may destroy them. Nobody ever destroys another's.
    pub burn: bool,
    /// The issuer may freeze accounts for this asset. An account is frozen only while this right is
    /// in force: renouncing it frees all.
    pub freeze: bool,
}

/// A new asset.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Short, for display: 1 to 12 of the characters A to Z and 0 to 9. Not unique.
    pub symbol: Text<SYMBOL_BYTES_MAX>,
    /// In full: not blank, no control characters. Not unique.
    pub name: Text<NAME_BYTES_MAX>,
    /// How many digits of an amount stand behind the point: at most [`DECIMALS_MAX`].
    pub decimals: u8,
    /// The most that may exist at one time; what was burned makes room. `None`: 2¹²⁸ - 1.
    pub cap: Option<Amount>,
    /// What may be done with it.
    pub rights: Rights,
    /// What exists at once. Zero only where more can be minted.
    pub amount: Amount,
    /// Who receives that.
    pub to: Address,
}

/// An asset as it stands.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Description {
    /// Who exercises the rights. They may be handed over.
    pub issuer: Address,
    /// As issued.
    pub symbol: Text<SYMBOL_BYTES_MAX>,
    /// As issued.
    pub name: Text<NAME_BYTES_MAX>,
    /// As issued.
    pub decimals: u8,
    /// As issued.
    pub cap: Option<Amount>,
    /// Those not renounced.
    pub rights: Rights,
    /// What was minted less what was burned: the sum of all balances.
    pub supply: Amount,
}

/// What an account can do.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Moves coins or units from the caller. To oneself it changes nothing, but one must hold them.
    Transfer {
        /// What.
        asset: Asset,
        /// Who receives.
        to: Address,
        /// How much, not zero.
        amount: Amount,
        /// For the receiver; all can read it.
        #[serde(default)]
        memo: Memo,
    },
    /// Makes an asset. Returns its id.
    Issue(Issue),
    /// The issuer makes more.
    Mint {
        /// Of which asset.
        asset: Hash,
        /// Who receives.
        to: Address,
        /// How much, not zero.
        amount: Amount,
    },
    /// Destroys units of the caller's own.
    Burn {
        /// Of which asset.
        asset: Hash,
        /// How much, not zero.
        amount: Amount,
    },
    /// The issuer keeps an account from giving and receiving.
    Freeze {
        /// Which asset.
        asset: Hash,
        /// Whose.
        account: Address,
    },
    /// The issuer ends that.
    Thaw {
        /// Which asset.
        asset: Hash,
        /// Whose.
        account: Address,
    },
    /// The issuer gives rights up for good.
    Renounce {
        /// On which asset.
        asset: Hash,
        /// Those that end: at least one, and all of them in force.
        rights: Rights,
    },
    /// The issuer makes another account the issuer.
    HandOver {
        /// Of which asset.
        asset: Hash,
        /// The next issuer.
        to: Address,
    },
}

impl Call {
    /// What an encoded transfer begins with.
    pub(super) const TRANSFER: u8 = 0;

    /// Sends coins, without a memo.
    #[must_use]
    pub fn pay(to: Address, amount: Amount) -> Self {
        Self::Transfer { asset: Asset::Coin, to, amount, memo: Memo::default() }
    }
}

/// What can be asked.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// What an account holds of an asset: an [`Amount`].
    Balance(Address, Asset),
    /// What there is of an asset: an [`Amount`], zero if there is no such asset.
    Supply(Asset),
    /// An asset as it stands: an `Option` of a [`Description`].
    Issued(Hash),
    /// What an account holds beside coins, in the order of the assets' ids: a
    /// [`Page`](crate::Page) of ids and [`Amount`]s.
    Holdings {
        /// Whose.
        of: Address,
        /// The last id of the page before.
        after: Option<Hash>,
    },
    /// Whether an account is frozen for an asset: a `bool`.
    Frozen {
        /// Which asset.
        asset: Hash,
        /// Whose.
        account: Address,
    },
}

/// What happened. An event is found under the keys of the table: accounts first, then the asset's id.
///
/// | event | keys |
/// |---|---|
/// | transfer of coins | who gave, who received |
/// | transfer of units | who gave, who received, the asset |
/// | reward | the producer |
/// | issue | the issuer, the asset |
/// | mint | who received, the asset |
/// | burn | whose they were, the asset |
/// | freeze, thaw | whose, the asset |
/// | renounce | the asset |
/// | hand-over | the next issuer, the asset |
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetsEvent {
    /// Coins or units moved.
    Transfer {
        /// What.
        asset: Asset,
        /// Who gave.
        from: Address,
        /// Who received.
        to: Address,
        /// How much.
        amount: Amount,
        /// What was said.
        memo: Memo,
    },
    /// Coins were minted for a block.
    Reward {
        /// Its producer.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// There is a new asset. What exists of it at once follows as [`Mint`](Self::Mint).
    Issue {
        /// Its id.
        asset: Hash,
        /// Its issuer.
        issuer: Address,
    },
    /// Units were made.
    Mint {
        /// Of which asset.
        asset: Hash,
        /// Who received.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// Units were destroyed.
    Burn {
        /// Of which asset.
        asset: Hash,
        /// Whose they were.
        from: Address,
        /// How much.
        amount: Amount,
    },
    /// An account was frozen.
    Freeze {
        /// For which asset.
        asset: Hash,
        /// Whose.
        account: Address,
    },
    /// An account was thawed.
    Thaw {
        /// For which asset.
        asset: Hash,
        /// Whose.
        account: Address,
    },
    /// Rights ended.
    Renounce {
        /// On which asset.
        asset: Hash,
        /// Those that ended.
        rights: Rights,
    },
    /// An asset has another issuer.
    HandOver {
        /// Which asset.
        asset: Hash,
        /// The next issuer.
        to: Address,
    },
}
