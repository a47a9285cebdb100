mod asking;
mod asset;
mod devnet;
mod exchange;
mod item;
mod keyring;
mod lock;
mod ops;
mod wallet;

pub(crate) use asking::{Account, Asking, CheckProof, MakeProof, Proof, client};
pub(crate) use asset::{
    Asset, AssetRights, Burn, Freeze, HandOver, Issue, Mint, Renounce, Show as ShowById,
};
pub(crate) use devnet::{Devnet, INTERVAL_MS, LAPSE_INTERVAL_MS};
pub(crate) use exchange::{
    Accept, Act, Cancel, Exchange, Move, Offer, Quantity, Show, Signing, Thing,
};
pub(crate) use item::{
    BurnItem, Collection, CollectionRights, Create, Item, MakeItem, RenounceCollection, SendItem,
    ShowItem, Which,
};
pub(crate) use keyring::{By, Cost, Fee, Recipient, Unlock, agreed};
pub(crate) use lock::{ClaimLock, Lock, MakeLock, RefundLock};
pub(crate) use ops::{Completions, Doctor, Man};
pub(crate) use wallet::{
    Backup, Combine, Common as WalletCommon, Create as CreateWallet, Derive, Export, History,
    Label, MakeSession, Named, Out, Passphrase, Reading, Receive, Restore, SendSession, Session,
    ShowAddress, SignMessage, SignSession, VerifyMessage, Wallet, Which as WalletAccount,
};

use crate::config::RunFile;
use crate::log::LogFormat;
use clap::{Args, Parser, Subcommand};
use isonomy::crypto::{Hash, PublicKey};
use isonomy::types::{Address, Amount};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Run a node of a peer-to-peer blockchain, and talk to one.
#[derive(Parser)]
#[command(name = "isonomy", version, after_help = crate::exit::HELP)]
pub(crate) struct Cli {
    /// Say more on standard error; twice for everything. ISONOMY_LOG sets levels by target.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How log lines look on standard error.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make and show keys.
    #[command(after_help = "Example:\n  isonomy keys new --out alice.json")]
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// A wallet: many accounts under one passphrase, and back from twelve words.
    #[command(after_help = "The passphrase is asked for, or read from --passphrase-file or \
        ISONOMY_PASSPHRASE; never an argument. Wherever a command takes --key FILE it takes a wallet: \
        --wallet FILE, --from ACCOUNT.\n\n\
        Example:\n  isonomy wallet create\n  isonomy wallet receive\n  isonomy wallet send --rpc \
        127.0.0.1:7332 --to ADDRESS --amount 500 --wait")]
    Wallet {
        #[command(subcommand)]
        command: Wallet,
    },
    /// Write the file that makes a chain that chain and no other.
    #[command(after_help = "Example, a chain with a block a minute:\n  isonomy genesis --out \
        genesis.toml --name harbour --interval-ms 60000 --hashes 600000000 --allocate \
        ADDRESS=1000000")]
    Genesis(Genesis),
    /// Run a node until Ctrl-C.
    #[command(after_help = "Example, a node that mines and connects to another:\n  isonomy run \
        --genesis genesis.toml --dir data --mine --producer ADDRESS --peer 203.0.113.7:7331\n\n\
        A file given with --config holds the same names (listen, rpc, peer, outbound, mine, \
        producer, hash_rate, workers); flags win over it. Its section [limits] holds what peers may \
        take (links, inbound, bytes_per_s, messages_per_s, answers_per_s, link_bytes, bytes, \
        handshake_ms, slow_ms, least_bytes_per_s), how many jobs run (jobs, link_jobs) and how many forks of \
        the state's tree stay in memory (tree_forks: some 5 kB each). Its section [log] holds a level \
        (off, error, warn, info, debug, trace) for each target, as in isonomy_host = \"debug\", and one \
        for default.\n\nOn SIGHUP the file is read again: log levels and peers change at once, the \
        rest when the node is started again; of a file with a fault nothing is taken. SIGTERM or \
        Ctrl-C stops the node with everything on disk; a second one ends it at once.")]
    Run(Box<Run>),
    /// Send coins, or units of an issued asset.
    #[command(after_help = "Example:\n  isonomy send --rpc 127.0.0.1:7332 --key alice.json --to \
        ADDRESS --amount 500 --wait\n\nExample, out of a wallet, in a hurry:\n  isonomy send --rpc \
        127.0.0.1:7332 --from savings --to bob --amount 500 --fee high")]
    Send(Box<Send>),
    /// Issue assets, show them, and exercise the rights on them.
    #[command(after_help = "Example:\n  isonomy asset show --rpc 127.0.0.1:7332 ASSET")]
    Asset {
        #[command(subcommand)]
        command: Asset,
    },
    /// Collections of unique items.
    #[command(after_help = "Example:\n  isonomy collection show --rpc 127.0.0.1:7332 COLLECTION")]
    Collection {
        #[command(subcommand)]
        command: Collection,
    },
    /// Unique items.
    #[command(after_help = "Example:\n  isonomy item show --rpc 127.0.0.1:7332 COLLECTION 7")]
    Item {
        #[command(subcommand)]
        command: Item,
    },
    /// Conditional payments: for a secret, or else they go back.
    #[command(after_help = "Example:\n  isonomy lock show --rpc 127.0.0.1:7332 LOCK")]
    Lock {
        #[command(subcommand)]
        command: Lock,
    },
    /// Show what an account holds, now or a few blocks ago.
    #[command(after_help = "Example:\n  isonomy account --rpc 127.0.0.1:7332 ADDRESS")]
    Account(Account),
    /// Prove to others what an account holds, and check such a proof.
    #[command(after_help = "Example:\n  isonomy proof check proof.json --block ID")]
    Proof {
        #[command(subcommand)]
        command: Proof,
    },
    /// Exchange directly: one transaction that several accounts sign, all of it or nothing.
    #[command(
        after_help = "Example:\n  isonomy exchange offer --rpc 127.0.0.1:7332 --key alice.json \
        --taker BOB --give 50 --get 30 --out offer.txt\n  isonomy exchange accept --rpc \
        127.0.0.1:7332 --key bob.json offer.txt"
    )]
    Exchange {
        #[command(subcommand)]
        command: Exchange,
    },
    /// Ask a node how it is.
    #[command(after_help = "Example:\n  isonomy status --rpc 127.0.0.1:7332")]
    Status(Status),
    /// Take a stopped node's state back, to follow a branch that forks off deep.
    #[command(
        after_help = "A node halts rather than reorganise below the state on its disk. Rewound \
        to below the fork and started again, it follows the heavier branch: what lies above is \
        fetched from peers and executed anew. Blocks that no peer has are lost.\n\n\
        Example:\n  isonomy rewind --genesis genesis.toml --dir data --to 5000"
    )]
    Rewind(Rewind),
    /// Compare all that a stopped node stored of the state with what its blocks commit.
    #[command(
        after_help = "A node checks what it reads of the state's tree while it runs, and at its start \
        the root alone. This reads everything: a value that the disk changed is named by its key. \
        Nothing is changed.\n\n\
        Example:\n  isonomy check --genesis genesis.toml --dir data"
    )]
    Check(Check),
    /// Look for what may keep a node from running well, and say what to do about it.
    #[command(
        after_help = "What is not given is not looked at. Exit code 1 if something is wrong.\n\n\
        Example:\n  isonomy doctor --config node.toml --genesis genesis.toml --dir data --compare \
        203.0.113.7:7332"
    )]
    Doctor(Doctor),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  isonomy completions bash > \
        ~/.local/share/bash-completion/completions/isonomy")]
    Completions(Completions),
    /// Print the manual page, or write one for each command.
    #[command(after_help = "Examples:\n  isonomy man > isonomy.1\n  isonomy man --out \
        ~/.local/share/man/man1")]
    Man(Man),
    /// Start a whole network on this machine, with real transfers.
    #[command(after_help = devnet::HELP)]
    Devnet(Box<Devnet>),
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Make a key file that its owner alone can read. Keep a copy: nobody can restore it.
    #[command(after_help = "Example:\n  isonomy keys new --out alice.json")]
    New {
        /// Where to write it. Never overwritten.
        #[arg(long)]
        out: PathBuf,
    },
    /// Show a key file's address.
    #[command(after_help = "Example:\n  isonomy keys show alice.json")]
    Show {
        /// The key file.
        file: PathBuf,
        /// Show the public key instead, for policies of several keys.
        #[arg(long)]
        public: bool,
    },
    /// Make the policy file of an account of several keys, or of one whose key is to change.
    #[command(
        after_help = "A policy file holds no secret; everyone who signs for the account has a \
        copy. The keys are those that `isonomy keys show --public` prints.\n\n\
        Example, an account that any 2 of 3 keys act for:\n  isonomy keys policy --needed 2 --public \
        KEY1 --public KEY2 --public KEY3 --out club.json"
    )]
    Policy {
        /// How many of the keys must sign.
        #[arg(long, default_value_t = 1)]
        needed: u8,
        /// A public key. Repeat for more; their order does not matter.
        #[arg(long, required = true, value_parser = public_key)]
        public: Vec<PublicKey>,
        /// The account, if it is there already and its policy is to change. [default: a new one]
        #[arg(long)]
        account: Option<Address>,
        /// Where to write it. Never overwritten.
        #[arg(long)]
        out: PathBuf,
    },
    /// Put an account under other keys. Its address stays; the old keys sign this one last time.
    #[command(
        after_help = "Make sure first that the new keys are there and have copies: nobody can \
        take this back without them.\n\n\
        Example, from alice.json to new.json:\n  isonomy keys policy --public KEY --account ADDRESS \
        --out alice-policy.json\n  isonomy keys rotate --rpc 127.0.0.1:7332 --key alice.json --to \
        alice-policy.json --wait\n  isonomy send --rpc 127.0.0.1:7332 --key new.json --policy \
        alice-policy.json --to ADDRESS --amount 500"
    )]
    Rotate(Box<Rotate>),
}

#[derive(Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    pub(crate) signing: Signing,
    /// The policy file that the account is to have.
    #[arg(long)]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) cost: Cost,
}

#[derive(Args)]
pub(crate) struct Genesis {
    /// Where to write it. Never overwritten.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// The chain's name.
    #[arg(long, default_value = "isonomy")]
    pub(crate) name: String,
    /// First balances, in the smallest unit. Repeat for more accounts.
    #[arg(long, value_name = "ADDRESS=AMOUNT", value_parser = allocation)]
    pub(crate) allocate: Vec<(Address, Amount)>,
    /// Coins minted for each block.
    #[arg(long, default_value = "50")]
    pub(crate) reward: Amount,
    /// Hashes that the first block takes on average, and the easiest later one.
    #[arg(long, default_value_t = 100_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) hashes: u64,
    /// The average time between blocks, in milliseconds.
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) interval_ms: u64,
}

#[derive(Args)]
pub(crate) struct Run {
    /// The chain's genesis file.
    #[arg(long)]
    pub(crate) genesis: PathBuf,
    /// Where the node keeps its data. Made if it is missing.
    #[arg(long)]
    pub(crate) dir: PathBuf,
    /// A TOML file with settings of the flags below.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// What the file can say too.
    #[command(flatten)]
    pub(crate) flags: RunFile,
    /// Print one JSON object instead of a sentence once the node runs.
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop when standard input ends: for parents that must not leave nodes behind.
    #[arg(long)]
    pub(crate) exit_with_parent: bool,
    /// Let every program of this machine cut and heal this node's links by RPC, without a token and on
    /// loopback alone: for networks of tests.
    #[arg(long)]
    pub(crate) admin: bool,
    /// Tell whoever asks where coins of this chain are given away: for networks of tests.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) faucet_url: Option<String>,
}

#[derive(Args)]
pub(crate) struct Send {
    #[command(flatten)]
    pub(crate) signing: Signing,
    /// Who receives: an address, a request of `isonomy wallet receive`, or a label of the wallet's.
    #[arg(long, value_parser = keyring::recipient)]
    pub(crate) to: Recipient,
    /// How much, in the smallest unit. [default: what the request asks for]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) amount: Option<Amount>,
    /// Of an issued asset. [default: of the coin]
    #[arg(long)]
    pub(crate) asset: Option<Hash>,
    /// For the receiver; all can read it.
    #[arg(long, default_value = "")]
    pub(crate) memo: String,
    #[command(flatten)]
    pub(crate) cost: Cost,
}

#[derive(Args)]
pub(crate) struct Status {
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Rewind {
    /// The chain's genesis file.
    #[arg(long)]
    pub(crate) genesis: PathBuf,
    /// The directory of a node that does not run.
    #[arg(long)]
    pub(crate) dir: PathBuf,
    /// The greatest height to keep. A few blocks less may be kept, and at most the last 1024 can be
    /// taken back.
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) to: u64,
    /// Rewind without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    /// The chain's genesis file.
    #[arg(long)]
    pub(crate) genesis: PathBuf,
    /// The directory of a node that does not run.
    #[arg(long)]
    pub(crate) dir: PathBuf,
}

/// Where peers are accepted, unless told otherwise.
pub(crate) const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 7_331);

/// Bytes of a URL that a node tells.
const URL_BYTES_MAX: usize = 200;

/// Numbers alone: a name may mean another machine tomorrow.
pub(crate) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "give an IP address and a port, as in 127.0.0.1:7331".into())
}

/// Shown as a link by whoever asks the node.
fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let fits = text.len() <= URL_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    match rest.filter(|rest| fits && !rest.is_empty()) {
        Some(_) => Ok(text.into()),
        None => {
            Err(format!("give one as in http://127.0.0.1:7400/, {URL_BYTES_MAX} bytes at most"))
        }
    }
}

fn public_key(text: &str) -> Result<PublicKey, String> {
    let key = serde_json::from_value(text.into()).map_err(|error| error.to_string())?;
    if PublicKey::is_valid(&key) { Ok(key) } else { Err("no key has these digits".into()) }
}

fn allocation(text: &str) -> Result<(Address, Amount), String> {
    let (address, amount) = text.split_once('=').ok_or("expected ADDRESS=AMOUNT")?;
    let address = address.parse().map_err(|error| format!("{error}"))?;
    Ok((address, amount.parse().map_err(|error| format!("{error}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Numbers that help texts repeat.
    #[test]
    fn help_names_the_limits_that_hold() {
        let help = |name: &str| {
            let mut command = Cli::command();
            let found = command.find_subcommand_mut(name).unwrap();
            let text = found.render_help().to_string();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let undo = isonomy::store::UNDO_BLOCKS.to_string();
        assert!(help("rewind").contains(&format!("last {undo} can be")), "{}", help("rewind"));
        let workers = crate::config::WORKERS_MAX;
        assert!(help("run").contains(&format!("checking, {workers} at most")), "{}", help("run"));
    }

    #[test]
    fn every_command_shows_an_example() {
        fn walk(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
            command.get_subcommands().filter(|sub| sub.get_name() != "help").for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn an_address_without_numbers_is_explained() {
        assert_eq!(socket("[::1]:80"), Ok("[::1]:80".parse().unwrap()));
        for text in ["", "localhost:1", "127.0.0.1", "127.0.0.1:99999", "1.2.3.4.5:6"] {
            assert!(socket(text).is_err_and(|why| why.contains("127.0.0.1:7331")), "{text}");
        }
    }

    #[test]
    fn a_url_is_one_of_the_web() {
        for text in ["http://127.0.0.1:7400/", "https://a.example/give"] {
            assert_eq!(url(text), Ok(text.into()));
        }
        let long = format!("http://{}", "a".repeat(URL_BYTES_MAX));
        for text in ["", "http://", "javascript:alert(1)", "http://a b", "ftp://a", &long] {
            assert!(url(text).is_err_and(|why| why.contains("http://127.0.0.1:7400/")), "{text}");
        }
    }

    #[test]
    fn an_allocation_names_what_is_wrong() {
        assert_eq!(allocation("nothing"), Err("expected ADDRESS=AMOUNT".into()));
        assert!(allocation("iso1x=5").is_err_and(|why| why.contains("typing error")));
        let good = Address::default();
        assert_eq!(allocation(&format!("{good}=5")), Ok((good, Amount(5))));
        assert!(allocation(&format!("{good}=-5")).is_err_and(|why| why.contains("-5")));
    }
}
