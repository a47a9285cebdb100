//! Hold keys, say in plain words what is about to be signed, and sign.
//!
//! Out of scope: sending what was signed (`isonomy-client`), signing blocks and votes (the host's
//! keys), accounts of several keys, passphrases and word lists (a key file is as safe as the disk it
//! lies on).
//!
//! ```text
//!   key file (0600) ──▶ Wallet ── transfer ──▶ Draft ── describe ──▶ plain words, for a person
//!                         │                      │
//!                         └───────── sign ◀──────┘ ──▶ Transaction, for a node
//! ```
//!
//! ```
//! use isonomy_types::{Address, Amount, Nonce};
//! use isonomy_wallet::{Transfer, Wallet};
//! # use isonomy_crypto::Hash;
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("key.json");
//! # let (genesis, to) = (Hash::from_bytes([7; 32]), Address(Hash::from_bytes([8; 32])));
//!
//! let wallet = Wallet::create(&path)?;
//! assert_eq!(Wallet::open(&path)?.address(), wallet.address());
//!
//! let mut transfer = Transfer {
//!     to,
//!     amount: Amount(500),
//!     nonce: Nonce { lane: 0, seq: 3 },
//!     price: 2,
//!     meter_limit: 0,
//!     expires: 1_000,
//! };
//! transfer.meter_limit = isonomy_wallet::meter_for(&transfer);
//!
//! let draft = wallet.transfer(genesis, transfer);
//! println!("{}", draft.describe());
//! let signed = wallet.sign(draft)?;
//! assert!(signed.check(&genesis).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it guarantees
//! - A description is read out of the very bytes that are signed, not out of what was asked for.
//! - A key file is written whole or not at all, for its owner alone, and never over another file.
//! - A key file that others can read is refused before its secret is used.
//! - No secret shows in `Debug`, in an error or in a log; its copies here are wiped when dropped.
//!
//! # What it does not
//! - A key file is not encrypted: whoever reads the disk, or a backup of it, has the key.
//! - Permissions are checked where files have Unix modes, and nowhere else.
//! - It asks no node. Nonces, prices and heights are what its caller says they are.
//!
//! # Limits, and the attack each stops
//! - [`KEY_FILE_BYTES_MAX`]: a path that leads to something endless.
//!
//! # Features
//! None. Needs the standard library.
mod draft;
mod error;
mod file;
mod meter;
mod wallet;

pub use draft::{Draft, Transfer};
pub use error::WalletError;
pub use file::KEY_FILE_BYTES_MAX;
pub use meter::meter_for;
pub use wallet::Wallet;
