//! A wallet of many accounts under one passphrase.
use super::{By, Cost, Send, Unlock};
use clap::{Args, Subcommand};
use isonomy::crypto::Hash;
use isonomy::types::{Address, Amount};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Wallet {
    /// Make a wallet. Its words are shown once: whoever has them has all of it.
    #[command(
        after_help = "Write the words down on paper. They bring every account back (BIP39, path \
        m/86'/1'/ACCOUNT'/0/0); the passphrase protects the file on this machine.\n\n\
        Example:\n  isonomy wallet create\n\n\
        Example, for a script:\n  isonomy wallet create --wallet alice.wallet --passphrase-file \
        passphrase --mnemonic-out words"
    )]
    Create(Create),
    /// Bring a wallet back from its words, or take a key file into one.
    #[command(
        after_help = "Example, asking for the words:\n  isonomy wallet restore --accounts 3\n\n\
        Example, a key file of `isonomy keys new`:\n  isonomy wallet restore --wallet \
        alice.wallet --key-file alice.json"
    )]
    Restore(Restore),
    /// Add the next account.
    #[command(after_help = "Example:\n  isonomy wallet derive --label savings")]
    Derive(Derive),
    /// Show all accounts and addresses.
    #[command(after_help = "Example:\n  isonomy wallet list")]
    List(Common),
    /// Give an account or an address a label. An address not yet in the wallet is somebody else's.
    #[command(after_help = "Example, in place of the number 1:\n  isonomy wallet label 1 rent\n\n\
        Example, somebody to pay:\n  isonomy wallet label ADDRESS bob")]
    Label(Label),
    /// Add an address of your own whose key is elsewhere: all reads work, signing does not.
    #[command(after_help = "Example:\n  isonomy wallet watch ADDRESS --label vault")]
    Watch(Label),
    /// Take out an address that is not of the wallet's own keys.
    #[command(after_help = "Example:\n  isonomy wallet forget bob")]
    Forget(Named),
    /// Show an account's address.
    #[command(
        after_help = "Example:\n  isonomy wallet address savings\n\nExample, for a policy of \
        several keys (`isonomy keys policy`):\n  isonomy wallet address --public"
    )]
    Address(ShowAddress),
    /// Show a code to be paid with, and the same as text.
    #[command(after_help = "The payer gives the text to `isonomy send --to`.\n\n\
        Example:\n  isonomy wallet receive savings --amount 500")]
    Receive(Receive),
    /// Show what the accounts hold, and all of it together.
    #[command(after_help = "Example:\n  isonomy wallet balance --rpc 127.0.0.1:7332")]
    Balance(Reading),
    /// Show what happened to the accounts, youngest first. The node must keep an index.
    #[command(after_help = "Amounts are what came in and went out beside the fee. Whoever made a \
        block has its transactions' fees too, which are not listed.\n\n\
        Example:\n  isonomy wallet history savings --rpc 127.0.0.1:7332 --limit 5\n\n\
        Example, everything for a script:\n  isonomy wallet history --rpc 127.0.0.1:7332 --all --json")]
    History(History),
    /// Send coins or units: the same as `isonomy send`.
    #[command(after_help = "Example:\n  isonomy wallet send --rpc 127.0.0.1:7332 --from savings \
        --to bob --amount 500 --fee high --wait")]
    Send(Box<Send>),
    /// Sign a text, to show that an address is yours.
    #[command(after_help = "Say in the text for whom and when: anyone can show it on.\n\n\
        Example:\n  isonomy wallet sign-message --from savings \"To Bob, 1 May: this is mine.\"")]
    SignMessage(SignMessage),
    /// Say who signed a text.
    #[command(after_help = "Example:\n  isonomy wallet verify-message isosaid1...")]
    VerifyMessage(VerifyMessage),
    /// A transaction of an account of several keys, from signer to signer.
    #[command(
        after_help = "A session is an offer's text or file: `isonomy exchange show` reads it too, \
        and whatever `--policy` and `--out` make anywhere else can be signed here.\n\n\
        Example:\n  isonomy wallet session make --rpc 127.0.0.1:7332 --policy club.json --to ADDRESS \
        --amount 500 --out session\n  isonomy wallet session sign session --out signed"
    )]
    Session {
        #[command(subcommand)]
        command: Session,
    },
    /// Show the wallet's words again. Whoever sees them has all of it.
    #[command(after_help = "Example:\n  isonomy wallet export")]
    Export(Export),
    /// Copy the encrypted file, and open the copy to see that it is good.
    #[command(after_help = "Example:\n  isonomy wallet backup --out /media/stick/wallet")]
    Backup(Backup),
    /// Put the wallet under another passphrase.
    #[command(after_help = "Copies made before still open with the old one.\n\n\
        Example:\n  isonomy wallet passphrase\n\n\
        Example, for a script:\n  isonomy wallet passphrase --passphrase-file old \
        --new-passphrase-file new")]
    Passphrase(Passphrase),
}

/// Which wallet, and for whom the answer is.
#[derive(Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) unlock: Unlock,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How many words.
    #[arg(long, default_value = "12", value_parser = ["12", "24"])]
    pub(crate) words: String,
    /// Write the words to a new file for its owner alone, instead of showing them.
    #[arg(long, value_name = "FILE")]
    pub(crate) mnemonic_out: Option<PathBuf>,
    /// A file with a passphrase of BIP39's, without which the words bring back other accounts.
    #[arg(long, value_name = "FILE")]
    pub(crate) mnemonic_passphrase_file: Option<PathBuf>,
    /// Without words and keys: it watches.
    #[arg(long, conflicts_with_all = ["mnemonic_out", "mnemonic_passphrase_file"])]
    pub(crate) watch_only: bool,
}

#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) common: Common,
    /// A file for its owner alone, with the words. [default: they are asked for]
    #[arg(long, value_name = "FILE")]
    pub(crate) mnemonic_file: Option<PathBuf>,
    /// A file with the passphrase of BIP39's, if the words had one.
    #[arg(long, value_name = "FILE")]
    pub(crate) mnemonic_passphrase_file: Option<PathBuf>,
    /// A key file, instead of words: the wallet holds this one key.
    #[arg(long, value_name = "FILE",
        conflicts_with_all = ["mnemonic_file", "mnemonic_passphrase_file", "accounts"])]
    pub(crate) key_file: Option<PathBuf>,
    /// How many accounts to derive.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) accounts: u16,
}

#[derive(Args)]
pub(crate) struct Derive {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Its label. [default: account N]
    #[arg(long)]
    pub(crate) label: Option<isonomy::wallet::Label>,
}

#[derive(Args)]
pub(crate) struct Label {
    /// The account's label, number or address.
    #[arg(value_name = "ACCOUNT|ADDRESS")]
    pub(crate) which: String,
    /// The label: for you alone.
    #[arg(value_name = "LABEL", required_unless_present = "named")]
    pub(crate) label: Option<isonomy::wallet::Label>,
    /// The same.
    #[arg(long = "label", value_name = "LABEL", conflicts_with = "label")]
    pub(crate) named: Option<isonomy::wallet::Label>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Args)]
pub(crate) struct Named {
    /// Its label or address.
    #[arg(value_name = "LABEL|ADDRESS")]
    pub(crate) which: String,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Args)]
pub(crate) struct Which {
    /// The account's label, number or address. [default: the first]
    #[arg(value_name = "ACCOUNT")]
    pub(crate) which: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Args)]
pub(crate) struct ShowAddress {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Show the public key instead, for policies of several keys.
    #[arg(long)]
    pub(crate) public: bool,
}

#[derive(Args)]
pub(crate) struct Receive {
    #[command(flatten)]
    pub(crate) which: Which,
    /// How much is asked for, in the smallest unit.
    #[arg(long)]
    pub(crate) amount: Option<Amount>,
    /// Of an issued asset. [default: of the coin]
    #[arg(long)]
    pub(crate) asset: Option<Hash>,
}

/// Of which accounts, and who is asked.
#[derive(Args)]
pub(crate) struct Reading {
    /// The account's label, number or address. [default: all but other people's]
    #[arg(value_name = "ACCOUNT")]
    pub(crate) which: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
}

#[derive(Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// How many entries at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) limit: u16,
    /// All there are.
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
    /// Go on where the page before ended: its last line says this, in JSON its `next`.
    #[arg(long, value_name = "NEXT")]
    pub(crate) before: Option<isonomy::index::Place>,
}

#[derive(Args)]
pub(crate) struct Passphrase {
    #[command(flatten)]
    pub(crate) common: Common,
    /// A file for its owner alone, with the new passphrase. [default: it is asked for twice]
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SignMessage {
    /// The text.
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) by: By,
    /// Sign without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct VerifyMessage {
    /// The signed message: its text, or a file that holds it.
    pub(crate) message: String,
    /// Who must have signed it.
    #[arg(long)]
    pub(crate) address: Option<Address>,
    /// A node that knows whether the key is still the account's.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Write the words to a new file for its owner alone, instead of showing them.
    #[arg(long, value_name = "FILE")]
    pub(crate) mnemonic_out: Option<PathBuf>,
    /// Without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Where to. Never overwritten.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Subcommand)]
pub(crate) enum Session {
    /// Draw up a payment out of a shared account. Nobody has signed it yet.
    #[command(
        after_help = "Example:\n  isonomy wallet session make --rpc 127.0.0.1:7332 --policy \
        club.json --to ADDRESS --amount 500 --out session"
    )]
    Make(Box<MakeSession>),
    /// Say in plain words what it does, who has signed, and whether it can still be sent.
    #[command(after_help = "Example:\n  isonomy wallet session show session --rpc 127.0.0.1:7332")]
    Show(super::Show),
    /// Sign it, after showing what it does. With a node, whatever it cannot take is refused.
    #[command(after_help = "Example:\n  isonomy wallet session sign session --from savings --rpc \
        127.0.0.1:7332 --out signed")]
    Sign(SignSession),
    /// Put the signatures of several copies together.
    #[command(after_help = "Example:\n  isonomy wallet session combine signed-by-alice \
        signed-by-bob --out all")]
    Combine(Combine),
    /// Send it once enough have signed.
    #[command(
        after_help = "Example:\n  isonomy wallet session send all --rpc 127.0.0.1:7332 --wait"
    )]
    Send(SendSession),
}

/// Where a session goes.
#[derive(Args)]
pub(crate) struct Out {
    /// A new file. [default: printed]
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct MakeSession {
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
    /// The shared account's policy file.
    #[arg(long)]
    pub(crate) policy: PathBuf,
    /// Who receives.
    #[arg(long)]
    pub(crate) to: Address,
    /// How much, in the smallest unit.
    #[arg(long)]
    pub(crate) amount: Amount,
    /// Of an issued asset. [default: of the coin]
    #[arg(long)]
    pub(crate) asset: Option<Hash>,
    #[command(flatten)]
    pub(crate) cost: Cost,
    #[command(flatten)]
    pub(crate) out: Out,
}

#[derive(Args)]
pub(crate) struct SignSession {
    /// The session: a file, or its text.
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) by: By,
    /// A node that knows whether it can still be sent.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: Option<String>,
    /// Sign without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) out: Out,
}

#[derive(Args)]
pub(crate) struct Combine {
    /// The copies: files, or their texts.
    #[arg(required = true, num_args = 2..)]
    pub(crate) sessions: Vec<String>,
    #[command(flatten)]
    pub(crate) out: Out,
}

#[derive(Args)]
pub(crate) struct SendSession {
    /// The session: a file, or its text.
    pub(crate) session: String,
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
    /// Wait until a block holds it.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
