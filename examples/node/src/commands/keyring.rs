//! Keys out of key files and wallets, and where passphrases come from.
use crate::cli::{By, Cost, Fee, Recipient, Unlock};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::types::{Address, Amount};
use isonomy::wallet::{Entry, Request, Store, StoreError, Wallet, WalletError, read_passphrase};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const WALLET: &str = "ISONOMY_WALLET";
const PASSPHRASE: &str = "ISONOMY_PASSPHRASE";

/// A key, and the names that its owner gave others.
pub(crate) struct Keyring {
    wallet: Wallet,
    /// `None`: a key file.
    store: Option<Store>,
}

impl Keyring {
    pub(crate) fn open(by: &By) -> Result<Self, Failure> {
        if let Some(key) = &by.key {
            return Ok(Self { wallet: Wallet::open(key)?, store: None });
        }
        let path = by.unlock.path()?;
        if by.unlock.wallet.is_none() && !path.exists() {
            return Err(Failure::usage(format!(
                "no key to sign with: give --key FILE or --wallet FILE, or make a wallet with \
                 `isonomy wallet create` (there is none at {})",
                path.display()
            )));
        }
        let store = by.unlock.open()?;
        let wallet = store.wallet(entry(&store, by.from.as_deref())?)?;
        Ok(Self { wallet, store: Some(store) })
    }

    pub(crate) const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Whom a person means, and what he asks for.
    pub(crate) fn resolve(&self, to: Recipient) -> Result<Request, Failure> {
        let to = match (to, &self.store) {
            (Recipient::Request(request), _) => return Ok(request),
            (Recipient::Label(label), Some(store)) => store.find(&label)?.address,
            (Recipient::Label(label), None) => {
                return Err(Failure::usage(format!(
                    "--to is {label:?}, which is no address; labels are a wallet's: give --wallet, \
                     or an address"
                )));
            }
        };
        Ok(Request { to, amount: None, asset: None })
    }

    /// With their labels beside addresses that the wallet knows.
    pub(crate) fn named(&self, text: String) -> String {
        named(self.store.as_ref().map_or(&[][..], Store::entries), text)
    }
}

/// With their labels beside addresses that a wallet knows.
pub(crate) fn named(entries: &[Entry], text: String) -> String {
    entries.iter().fold(text, |text, Entry { label, address, .. }| {
        let address = address.to_string();
        text.replace(&address, &format!("{address} [{label}]"))
    })
}

/// An account of a wallet's: the first where none is named.
pub(crate) fn entry<'a>(store: &'a Store, which: Option<&str>) -> Result<&'a Entry, Failure> {
    if let Some(which) = which {
        return Ok(store.find(which)?);
    }
    store.entries().first().ok_or_else(|| {
        Failure::usage("the wallet is empty; add an address with `isonomy wallet watch`")
    })
}

impl Unlock {
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        let named = self.wallet.clone().or_else(|| std::env::var_os(WALLET).map(PathBuf::from));
        named.or_else(usual).ok_or_else(|| {
            Failure::usage(format!(
                "no home directory is known; name the wallet: --wallet or {WALLET}"
            ))
        })
    }

    /// Opens the wallet.
    pub(crate) fn open(&self) -> Result<Store, Failure> {
        Ok(self.open_with()?.0)
    }

    /// With its passphrase.
    pub(crate) fn open_with(&self) -> Result<(Store, Zeroizing<String>), Failure> {
        let path = self.path()?;
        // A missing file is said before its passphrase is asked for.
        if !path.exists() {
            let make = "make a wallet with `isonomy wallet create`";
            return Err(WalletError::Missing { path, make }.into());
        }
        let passphrase = self.passphrase("Passphrase of the wallet: ")?;
        Ok((Store::open(&path, &passphrase)?, passphrase))
    }

    fn passphrase(&self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        match self.given()? {
            Some(given) => Ok(given),
            None => ask(prompt),
        }
    }

    fn given(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        if let Some(file) = &self.passphrase_file {
            return Ok(Some(read_passphrase(file)?));
        }
        Ok(std::env::var(PASSPHRASE).ok().map(Zeroizing::new))
    }

    /// For a wallet to be made: asked for twice.
    pub(crate) fn new_passphrase(&self) -> Result<Zeroizing<String>, Failure> {
        match self.given()? {
            Some(given) => Ok(given),
            None => ask_twice("Passphrase for the new wallet: "),
        }
    }

    /// Where a new wallet is to be. The usual directory is made.
    pub(crate) fn new_path(&self) -> Result<PathBuf, Failure> {
        let path = self.path()?;
        if path.exists() {
            return Err(WalletError::Exists { path }.into());
        }
        if self.wallet.is_none() && std::env::var_os(WALLET).is_none() {
            path.parent().map_or(Ok(()), private).map_err(Failure::failed)?;
        }
        Ok(path)
    }
}

/// A question to whoever sits at the terminal; the answer does not show.
pub(crate) fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "nobody is there to be asked ({}); give --passphrase-file FILE or set {PASSPHRASE}, and \
             words with --mnemonic-file FILE",
            prompt.trim_end_matches([':', ' '])
        )));
    }
    Ok(Zeroizing::new(rpassword::prompt_password(prompt).map_err(Failure::failed)?))
}

/// For a passphrase that is new: nobody sees whether it was mistyped.
fn ask_twice(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let first = ask(prompt)?;
    if first.is_empty() {
        return Err(Failure::usage(StoreError::Empty));
    }
    if *first != *ask("The same again: ")? {
        return Err(Failure::usage("the two differ; nothing was written, try again"));
    }
    Ok(first)
}

/// In place of another: out of the file, or asked for twice.
pub(crate) fn replacing(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(file) => Ok(read_passphrase(file)?),
        None if std::io::stdin().is_terminal() => ask_twice("New passphrase: "),
        None => Err(Failure::usage(
            "nobody is there to be asked for the new passphrase; give --new-passphrase-file FILE",
        )),
    }
}

fn usual() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".config"));
    let config = set("XDG_CONFIG_HOME").or_else(|| set("APPDATA")).or_else(home)?;
    Some(config.join("isonomy").join("wallet"))
}

/// Makes a directory for its owner alone.
fn private(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

impl Cost {
    /// The price of a meter unit: what was given, or what the node thinks will do, which is `shown`.
    pub(crate) async fn price(&self, client: &Client, shown: bool) -> Result<u64, Failure> {
        let blocks = match self.fee {
            Fee::Price(price) => return Ok(price),
            Fee::Within(blocks) => blocks,
        };
        let estimate = client.estimate(blocks).await?;
        if shown {
            eprintln!(
                "to be in one of the next {blocks} blocks the node estimates a price of {} coins a \
                 meter unit; none pays less than {}",
                estimate.price, estimate.base_price
            );
        }
        Ok(estimate.price)
    }
}

/// What a person is to be paid, said once.
pub(crate) fn amount(given: Option<Amount>, request: &Request) -> Result<Amount, Failure> {
    crate::cli::agreed(given, request.amount).map_err(Failure::usage)
}

/// Whether a payment would move anything.
pub(crate) fn apart(from: Address, to: Address) -> Result<(), Failure> {
    if from == to {
        return Err(Failure::usage(format!(
            "--to is the sender {from}: nothing would move but the fee; name another account"
        )));
    }
    Ok(())
}
