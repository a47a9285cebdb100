//! Whose key signs, whom it pays, and what that may cost.
use clap::Args;
use isonomy::types::{Address, Amount};
use isonomy::wallet::Request;
use std::path::PathBuf;

/// Which wallet, and how it is opened.
#[derive(Args)]
pub(crate) struct Unlock {
    /// The wallet's file. [default: ISONOMY_WALLET, or isonomy/wallet in the configuration directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) wallet: Option<PathBuf>,
    /// A file for its owner alone, with the passphrase. [default: ISONOMY_PASSPHRASE, or a prompt]
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// Whose key.
#[derive(Args)]
pub(crate) struct By {
    /// The signer's key file, instead of a wallet.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["wallet", "from", "passphrase_file"])]
    pub(crate) key: Option<PathBuf>,
    /// The wallet's account that signs: its label, number or address. [default: the first]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) from: Option<String>,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

/// Who is paid, as a person names him.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Recipient {
    Request(Request),
    /// In the wallet that signs.
    Label(String),
}

/// An address, a request for payment, or a label.
pub(super) fn recipient(text: &str) -> Result<Recipient, String> {
    if text.starts_with("isonomy:") {
        let request = text.parse().map_err(|error| format!("{error}"))?;
        return Ok(Recipient::Request(request));
    }
    if text.to_ascii_lowercase().starts_with("iso1") {
        let to: Address = text.parse().map_err(|error| format!("{error}"))?;
        return Ok(Recipient::Request(Request { to, amount: None, asset: None }));
    }
    match text {
        "" => Err("give an address, a request for payment, or a label of the wallet's".into()),
        text => Ok(Recipient::Label(text.into())),
    }
}

/// What a meter unit may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fee {
    /// What the node thinks will do within so many blocks.
    Within(u32),
    /// So many coins.
    Price(u64),
}

/// Blocks within which a transaction should be in one.
const LOW: u32 = 12;
const NORMAL: u32 = 2;
const HIGH: u32 = 1;

fn fee(text: &str) -> Result<Fee, String> {
    match text {
        "low" => Ok(Fee::Within(LOW)),
        "normal" => Ok(Fee::Within(NORMAL)),
        "high" => Ok(Fee::Within(HIGH)),
        price => price.parse().map(Fee::Price).map_err(|_| {
            "expected low, normal, high, or a price in whole coins a meter unit".into()
        }),
    }
}

/// What it costs, and until when it is good.
#[derive(Args)]
pub(crate) struct Cost {
    /// What a meter unit may cost: low, normal or high as the node estimates it for the next 12, 2 or 1
    /// blocks, or a price in coins.
    #[arg(long, visible_alias = "price", value_name = "low|normal|high|PRICE",
        default_value = "normal", value_parser = fee)]
    pub(crate) fee: Fee,
    /// For how many blocks it is good.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) blocks: u64,
}

/// An amount out of the command line or out of a request.
pub(crate) fn agreed(given: Option<Amount>, asked: Option<Amount>) -> Result<Amount, String> {
    match (given, asked) {
        (Some(given), Some(asked)) if given != asked => {
            Err(format!("--amount is {given}, the request asks for {asked}; give one of them"))
        }
        (None, None) => Err("--amount is missing, and --to names none; add it".into()),
        (given, asked) => Ok(given.or(asked).unwrap_or(Amount::ZERO)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_words_or_prices() {
        assert_eq!(fee("low"), Ok(Fee::Within(12)));
        assert_eq!(fee("normal"), Ok(Fee::Within(2)));
        assert_eq!(fee("high"), Ok(Fee::Within(1)));
        assert_eq!(fee("7"), Ok(Fee::Price(7)));
        for text in ["", "-7", "1.5", "cheap"] {
            assert!(fee(text).is_err_and(|why| why.contains("low, normal, high")), "{text}");
        }
    }

    #[test]
    fn a_recipient_is_an_address_a_request_or_a_label() {
        let to = Address::default();
        let plain = Recipient::Request(Request { to, amount: None, asset: None });
        assert_eq!(recipient(&to.to_string()), Ok(plain));
        let asked = Request { to, amount: Some(Amount(5)), asset: None };
        assert_eq!(recipient(&asked.to_string()), Ok(Recipient::Request(asked)));
        assert_eq!(recipient("bob"), Ok(Recipient::Label("bob".into())));
        assert!(recipient("iso1x").is_err_and(|why| why.contains("typing error")));
        assert!(recipient("isonomy:x").is_err_and(|why| why.contains("typing error")));
        assert!(recipient("").is_err());
        assert_eq!(agreed(None, Some(Amount(5))), Ok(Amount(5)));
        assert_eq!(agreed(Some(Amount(5)), Some(Amount(5))), Ok(Amount(5)));
        assert!(agreed(Some(Amount(4)), Some(Amount(5))).is_err());
        assert!(agreed(None, None).is_err());
    }
}
