//! What is asked about a state, and what proves it.
use clap::{Args, Subcommand};
use isonomy::client::{Client, Token};
use isonomy::crypto::Hash;
use isonomy::types::Address;
use std::env::var_os;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// Whom to ask, and about when.
#[derive(Args)]
pub(crate) struct Asking {
    /// A node's address for questions.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: String,
    /// After the block of this height, one of the last few dozen. [default: the best block]
    #[arg(long)]
    pub(crate) height: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A node to ask, with the token that the environment names: for what not everyone may ask.
pub(crate) fn client(address: &str) -> Result<Client, Failure> {
    let client = Client::new(address)?;
    let token = match (var_os("ISONOMY_TOKEN"), var_os("ISONOMY_TOKEN_FILE")) {
        (Some(token), _) => Some(Token::new(&token.to_string_lossy())?),
        (None, Some(file)) => Some(Token::read(Path::new(&file))?),
        (None, None) => None,
    };
    Ok(token.map_or_else(|| client.clone(), |token| client.clone().with_token(token)))
}

impl Asking {
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let client = client(&self.rpc)?;
        Ok(self.height.map_or_else(|| client.clone(), |height| client.at_height(height)))
    }
}

#[derive(Args)]
pub(crate) struct Account {
    /// Whose.
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Subcommand)]
pub(crate) enum Proof {
    /// Have a node prove balances, check the proof, and write it to a file.
    #[command(
        after_help = "The node is not believed; the block is: compare its id, which is printed, \
        with one from elsewhere, or give that with --block.\n\n\
        Example:\n  isonomy proof make --rpc 127.0.0.1:7332 --account ADDRESS --out proof.json"
    )]
    Make(MakeProof),
    /// Check a proof's file. Asks nobody, and needs no node.
    #[command(
        after_help = "The block's id, or its state root, must come from where you trust.\n\n\
        Example:\n  isonomy proof check proof.json --block ID"
    )]
    Check(CheckProof),
}

#[derive(Args)]
pub(crate) struct MakeProof {
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// Whose balance. Repeat for more.
    #[arg(long, required = true)]
    pub(crate) account: Vec<Address>,
    /// Of an issued asset. [default: of the coin]
    #[arg(long)]
    pub(crate) asset: Option<Hash>,
    /// The block, if its id is known already: another is refused.
    #[arg(long)]
    pub(crate) block: Option<Hash>,
    /// Where to write it. Never overwritten.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct CheckProof {
    /// The proof.
    pub(crate) file: PathBuf,
    /// The id of the block that it must be about.
    #[arg(long, required_unless_present = "root", conflicts_with = "root")]
    pub(crate) block: Option<Hash>,
    /// The root of the state that it must be about.
    #[arg(long)]
    pub(crate) root: Option<Hash>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
