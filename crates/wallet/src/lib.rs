//! Hold keys, say in plain words what is about to be signed, and sign.
//!
//! Out of scope: sending what was signed (`isonomy-client`), signing blocks and votes (the host's
//! keys), asking people for passphrases (`isonomy wallet`).
//!
//! ```text
//!   Mnemonic ──▶ Store (a file, encrypted) ── wallet ──┐
//!                                                      ▼
//!   key file (0600) ──▶ Wallet ── transfer ──▶ Draft ── describe ──▶ plain words, for a person
//!                         │                      │
//!                         ├───────── sign ◀──────┘ ──▶ Transaction, for a node
//!                         │
//!   Terms ── offer ──▶ Offer ── describe, judge ──▶ plain words, or why it is over
//!                       │ ▲
//!   text, file ◀────────┘ └── sign_offer, by each wallet; the last has a Transaction
//! ```
//!
//! A [`Draft`] is one key's payment. An [`Offer`] is any transaction whose signatures are still being
//! gathered: of several accounts (a direct exchange), of several keys of one account (whose
//! [`Account`] file names them), or both. Its first signer pays the fee and has to be named, with a
//! turn of its own, since every signature covers every signer and nonce. So the maker asks the chain
//! for the taker's turn as well, on a [`spare_lane`] on which neither has anything else waiting.
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
//! An exchange, 50 coins against 30, all of it or nothing:
//! ```
//! use isonomy_types::{Amount, Nonce};
//! use isonomy_wallet::{Offer, Party, Terms, Wallet, pay, spare_lane};
//! # use isonomy_crypto::{Hash, Secret};
//! # let genesis = Hash::from_bytes([7; 32]);
//! # let maker = Wallet::new(Secret::from_bytes(&[1; 32])?);
//! # let taker = Wallet::new(Secret::from_bytes(&[2; 32])?);
//!
//! let (payer, other) = (taker.address(), maker.address());
//! let actions = vec![pay(1, payer, Amount(50)), pay(0, other, Amount(30))];
//! let lane = spare_lane(&[payer, other], &actions);
//! let nonce = Nonce { lane, seq: 0 }; // What the chain says is next.
//! let party = |account| Party { account, nonce, policy: None };
//! let parties = vec![party(payer), party(other)];
//! let terms = Terms { parties, actions, price: 2, expires: 1_000 };
//! let text = maker.sign_offer(terms.offer(genesis)?)?.to_string();
//!
//! let offer: Offer = text.parse()?;
//! println!("{}", offer.describe(Some(payer), None));
//! let signed = taker.sign_offer(offer)?.transaction()?;
//! assert!(signed.check(&genesis).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Many accounts under one passphrase, out of twelve words:
//! ```
//! use isonomy_wallet::{Argon2Cost, Mnemonic, Origin, Store, WordCount};
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("wallet");
//! # let cost = Argon2Cost::new(8, 1)?; // For this example; else Argon2Cost::default().
//!
//! let mnemonic = Mnemonic::generate(WordCount::Twelve)?;
//! println!("write down: {}", *mnemonic.words());
//! let mut store = Store::create(&path, "a long passphrase", Origin::Mnemonic(mnemonic), cost)?;
//! store.derive(Some("savings".parse()?))?;
//! store.save()?;
//!
//! let store = Store::open(&path, "a long passphrase")?;
//! let savings = store.find("savings")?;
//! let said = store.wallet(savings)?.sign_message("This address is mine.")?;
//! assert_eq!(said.verify(None), Ok(()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it guarantees
//! - An offer with a signature that does not fit its terms is no [`Offer`]: it cannot be read, and
//!   the error names whose signature it is.
//! - A description is read out of the very bytes that are signed, not out of what was asked for.
//! - A key file is written whole or not at all, for its owner alone, and never over another file.
//! - A key file or a store that others can read is refused before its secret is used.
//! - Without its passphrase a store tells nothing but what a guess costs and how long it is; a changed
//!   byte of it is noticed. A write replaces the file that was read, whole, or fails.
//! - A mnemonic alone brings back every key of its store, on any software that knows BIP39 and BIP32.
//! - A signed message is never a transaction, nor the other way round.
//! - No secret shows in `Debug`, in an error or in a log; its copies here are wiped when dropped.
//!
//! # What it does not
//! - A key file is not encrypted: whoever reads the disk, or a backup of it, has the key.
//! - Wrong passphrase and changed file cannot be told apart. A short passphrase can be guessed by whoever
//!   has the file; an older copy of the file put in its place is not noticed.
//! - Passphrases are taken as the bytes they are: one typed with another keyboard's accents differs.
//! - A store is copied into memory as a whole, keys included, while it is open. It may be swapped out.
//! - Permissions are checked where files have Unix modes, and nowhere else.
//! - It asks no node. Nonces, prices and heights are what its caller says they are.
//!
//! - That the other side of an offer can pay is not known before the block: if it cannot, the payer
//!   loses the fee and nothing else.
//! - Reading an offer says nothing of the chain; [`Offer::judge`] does, as far as the node told is
//!   honest. A wrong answer costs at most a fee: nothing moves but what was signed.
//!
//! # Limits, and the attack each stops
//! - [`OFFER_CHARS_MAX`] and [`OFFER_FILE_BYTES_MAX`]: an offer without an end.
//! - [`POLICY_FILE_BYTES_MAX`]: the same of a policy file.
//! - [`KEY_FILE_BYTES_MAX`], [`STORE_FILE_BYTES_MAX`], [`MNEMONIC_FILE_BYTES_MAX`],
//!   [`PASSPHRASE_FILE_BYTES_MAX`], [`MESSAGE_FILE_BYTES_MAX`]: a path that leads to something endless.
//! - [`ARGON2_KIB_MAX`], [`ARGON2_PASSES_MAX`]: a store that takes all memory, or minutes.
//! - [`STORE_ENTRIES_MAX`], [`LABEL_BYTES_MAX`], [`MNEMONIC_PASSPHRASE_BYTES_MAX`]: a store without an
//!   end.
//! - [`MESSAGE_TEXT_BYTES_MAX`], [`MESSAGE_CHARS_MAX`]: the same of a message.
//!
//! # Features
//! None. Needs the standard library.
mod account;
mod armour;
mod draft;
mod error;
mod facts;
mod file;
mod label;
mod message;
mod meter;
mod mnemonic;
mod offer;
mod request;
mod store;
mod terms;
mod wallet;
mod words;

pub use account::{Account, POLICY_FILE_BYTES_MAX};
pub use armour::{ArmourError, MESSAGE_CHARS_MAX, OFFER_CHARS_MAX};
pub use draft::{Draft, Transfer};
pub use error::WalletError;
pub use facts::{Facts, SignerFacts};
pub use file::KEY_FILE_BYTES_MAX;
pub use label::{LABEL_BYTES_MAX, Label, LabelError};
pub use message::{MESSAGE_FILE_BYTES_MAX, MESSAGE_TEXT_BYTES_MAX, MessageError, SignedMessage};
pub use meter::meter_for;
pub use mnemonic::{
    ACCOUNT_INDEX_END, MNEMONIC_FILE_BYTES_MAX, MNEMONIC_PASSPHRASE_BYTES_MAX, Mnemonic,
    MnemonicError, WordCount,
};
pub use offer::{OFFER_FILE_BYTES_MAX, Offer, OfferError, Unsigned};
pub use request::{Request, RequestError};
pub use store::{
    ARGON2_KIB_MAX, ARGON2_PASSES_MAX, Argon2Cost, Entry, Holder, Origin,
    PASSPHRASE_FILE_BYTES_MAX, STORE_ENTRIES_MAX, STORE_FILE_BYTES_MAX, Store, StoreError,
    read_passphrase,
};
pub use terms::{ACTION_METER, Party, Terms, act, give, hand, pay, set_policy, spare_lane};
pub use wallet::Wallet;
pub use words::deeds;
