use isonomy::client::{ClientError, ProofError};
use isonomy::wallet::{MessageError, MnemonicError, OfferError, StoreError, WalletError};
use std::fmt::Display;
use std::process::ExitCode;

/// Why a command failed: what people read, and what scripts see.
pub(crate) struct Failure {
    code: u8,
    message: String,
}

/// Something went wrong here.
const FAILED: u8 = 1;
/// The command line or the configuration file is wrong. (clap's own is 2 as well.)
const USAGE: u8 = 2;
/// The node or the chain would not have it.
const REFUSED: u8 = 3;
/// No node answers.
const UNREACHABLE: u8 = 4;
/// A devnet did not agree.
const NOT_AGREED: u8 = 5;

/// For the end of `isonomy help`.
pub(crate) const HELP: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the \
    node or without effect, 4 no node answers, 5 a devnet that did not agree.\n\n\
    A node may want a token: ISONOMY_TOKEN_FILE names its file, for example rpc.cookie in the \
    directory of a node that runs, or ISONOMY_TOKEN holds it.\n\n\
    Example, a network on this machine:\n  isonomy devnet";

impl Failure {
    pub(crate) fn failed(why: impl Display) -> Self {
        Self { code: FAILED, message: why.to_string() }
    }

    pub(crate) fn usage(why: impl Display) -> Self {
        Self { code: USAGE, message: why.to_string() }
    }

    pub(crate) fn refused(why: impl Display) -> Self {
        Self { code: REFUSED, message: why.to_string() }
    }

    pub(crate) fn not_agreed(why: impl Display) -> Self {
        Self { code: NOT_AGREED, message: why.to_string() }
    }

    /// What went wrong and the next step, for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// With a second line.
    pub(crate) fn with(self, more: impl Display) -> Self {
        Self { message: format!("{}\n{more}", self.message), ..self }
    }

    pub(crate) fn report(self) -> ExitCode {
        eprintln!("isonomy: {}", self.message);
        ExitCode::from(self.code)
    }
}

/// What another machine says, on one line: nothing that moves a cursor or changes colours.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = match &error {
            ClientError::Refused { .. }
            | ClientError::Unproved { .. }
            | ClientError::Moved { .. } => REFUSED,
            ClientError::Unreachable { .. }
            | ClientError::TimeLimit { .. }
            | ClientError::Closed { .. } => UNREACHABLE,
            ClientError::Address { .. } | ClientError::Keys { .. } | ClientError::Token { .. } => {
                USAGE
            }
            _ => FAILED,
        };
        Self { code, message: plain(&error.to_string()) }
    }
}

impl From<ProofError> for Failure {
    /// A text that is no proof is a wrong file; a proof of something else is refused.
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Text { .. } | ProofError::Version { .. } => Self::failed(error),
            error => Self::refused(error),
        }
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        match error {
            WalletError::Offer(error) => error.into(),
            WalletError::Message(MessageError::Wrong { .. } | MessageError::Rotated { .. }) => {
                Self::refused(error)
            }
            WalletError::Mnemonic(_) | WalletError::Message(_) => Self::usage(error),
            WalletError::Store { source, .. } if mistaken(&source) => Self::usage(source),
            error => Self::failed(error),
        }
    }
}

/// Whether the command line, not the wallet's file, is wrong.
const fn mistaken(error: &StoreError) -> bool {
    use StoreError::{Empty, Known, Label, Mnemonic, NoKey, NoMnemonic, Own, Taken, Unknown};
    matches!(
        error,
        Empty
            | Label(_)
            | Taken { .. }
            | Known { .. }
            | Unknown { .. }
            | NoKey { .. }
            | NoMnemonic(_)
            | Own { .. }
            | Mnemonic(_)
    )
}

impl From<MnemonicError> for Failure {
    fn from(error: MnemonicError) -> Self {
        Self::usage(error)
    }
}

impl From<OfferError> for Failure {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::Armour(_) | OfferError::Stranger { .. } => Self::usage(error),
            error => Self::refused(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_node_cannot_play_with_the_terminal() {
        assert_eq!(plain("harbour ~ 1"), "harbour ~ 1");
        let message = "no\u{1b}[2J\nisonomy: sent\u{202e}".to_owned();
        let failure = Failure::from(ClientError::Refused { code: -32_002, message });
        assert_eq!((failure.code, &*failure.message), (REFUSED, "no?[2J?isonomy: sent?"));
    }
}
