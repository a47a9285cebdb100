//! Accounts and addresses by label, number or address.
use super::{Entry, Holder, Origin, STORE_ENTRIES_MAX, Store, StoreError};
use crate::{Label, Wallet, WalletError};
use isonomy_crypto::Secret;
use isonomy_types::Address;

/// The label of the first account.
const FIRST: &str = "main";

/// What a new store holds.
pub(super) fn first(origin: &Origin) -> Result<Vec<Entry>, StoreError> {
    if matches!(origin, Origin::Nothing) {
        return Ok(Vec::new());
    }
    let address = Wallet::new(key(origin, 0)?).address();
    Ok(vec![Entry { label: FIRST.parse()?, address, holder: Holder::Own(0) }])
}

fn key(origin: &Origin, index: u32) -> Result<Secret, StoreError> {
    match origin {
        Origin::Mnemonic(mnemonic) => Ok(mnemonic.account(index)?),
        Origin::Key(secret) => Ok(secret.clone()),
        Origin::Nothing => Err(StoreError::NoMnemonic("nor any key")),
    }
}

impl Store {
    /// The next account of the mnemonic's, under a label or `account N`.
    ///
    /// # Errors
    /// As [`WalletError::Store`]: [`StoreError::NoMnemonic`], [`StoreError::Taken`],
    /// [`StoreError::Known`] if the address is in it already under another name,
    /// [`StoreError::Full`].
    pub fn derive(&mut self, label: Option<Label>) -> Result<&Entry, WalletError> {
        let entry = self.next(label).map_err(|source| self.at(source))?;
        let own = |entry: &&Entry| matches!(entry.holder, Holder::Own(_));
        let place = self.entries.iter().take_while(own).count();
        self.entries.insert(place, entry);
        self.entries.get(place).ok_or_else(|| self.at(StoreError::NoStore))
    }

    fn next(&self, label: Option<Label>) -> Result<Entry, StoreError> {
        let Origin::Mnemonic(mnemonic) = &self.origin else {
            return Err(StoreError::NoMnemonic("so no more accounts can be derived"));
        };
        let last = self.entries.iter().filter_map(|entry| match entry.holder {
            Holder::Own(index) => Some(index),
            _ => None,
        });
        let index = last.max().map_or(0, |last| last.saturating_add(1));
        let label = match label {
            Some(label) => label,
            None => format!("account {index}").parse()?,
        };
        let address = Wallet::new(mnemonic.account(index)?).address();
        let entry = Entry { label, address, holder: Holder::Own(index) };
        self.admits(&entry)?;
        Ok(entry)
    }

    /// Adds an address: one to be watched, or somebody else's.
    ///
    /// # Errors
    /// As [`WalletError::Store`]: [`StoreError::Taken`], [`StoreError::Known`], [`StoreError::Full`].
    pub fn add(&mut self, address: Address, label: Label, own: bool) -> Result<(), WalletError> {
        let holder = if own { Holder::Watched } else { Holder::Other };
        let entry = Entry { label, address, holder };
        self.admits(&entry).map_err(|source| self.at(source))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Gives an account or address another label.
    ///
    /// # Errors
    /// As [`WalletError::Store`]: [`StoreError::Unknown`], [`StoreError::Taken`].
    pub fn rename(&mut self, which: &str, label: Label) -> Result<(), WalletError> {
        let place = self.place(which).map_err(|source| self.at(source))?;
        let taken = self
            .entries
            .iter()
            .enumerate()
            .find(|(at, entry)| *at != place && entry.label == label);
        if let Some((_, entry)) = taken {
            return Err(self.at(taken_by(entry)));
        }
        self.entries.iter_mut().skip(place).take(1).for_each(|entry| entry.label = label.clone());
        Ok(())
    }

    /// Takes an address out that is not of the store's own keys.
    ///
    /// # Errors
    /// As [`WalletError::Store`]: [`StoreError::Unknown`], [`StoreError::Own`].
    pub fn forget(&mut self, which: &str) -> Result<Entry, WalletError> {
        let found = self.find(which)?.clone();
        if let Holder::Own(_) = found.holder {
            return Err(self.at(StoreError::Own { label: found.label.to_string() }));
        }
        self.entries.retain(|entry| *entry != found);
        Ok(found)
    }

    /// An account or address: by its label, its address, or its number if it is an account of the
    /// store's own.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] as [`WalletError::Store`].
    pub fn find(&self, which: &str) -> Result<&Entry, WalletError> {
        let found = self.place(which).map(|place| self.entries.get(place));
        let unknown = || StoreError::Unknown { got: which.into() };
        found.and_then(|found| found.ok_or_else(unknown)).map_err(|source| self.at(source))
    }

    /// The key of an account.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] as [`WalletError::Store`] if there is none.
    pub fn wallet(&self, entry: &Entry) -> Result<Wallet, WalletError> {
        let Entry { label, address, holder } = entry;
        let secret = match holder {
            Holder::Own(index) => key(&self.origin, *index).map_err(|source| self.at(source))?,
            Holder::Watched | Holder::Other => {
                let (label, address) = (label.to_string(), *address);
                return Err(self.at(StoreError::NoKey { label, address }));
            }
        };
        Ok(Wallet::new(secret))
    }

    fn place(&self, which: &str) -> Result<usize, StoreError> {
        let (number, address) = (which.parse().ok(), which.parse().ok());
        let found = self.entries.iter().position(|entry| {
            let numbered = number.is_some_and(|number| entry.holder == Holder::Own(number));
            numbered || entry.label.as_str() == which || Some(entry.address) == address
        });
        found.ok_or_else(|| StoreError::Unknown { got: which.into() })
    }

    fn admits(&self, new: &Entry) -> Result<(), StoreError> {
        if self.entries.len() >= STORE_ENTRIES_MAX {
            return Err(StoreError::Full { limit: STORE_ENTRIES_MAX });
        }
        if let Some(known) = self.entries.iter().find(|entry| entry.address == new.address) {
            let (address, label) = (known.address, known.label.to_string());
            return Err(StoreError::Known { address, label });
        }
        match self.entries.iter().find(|entry| entry.label == new.label) {
            Some(entry) => Err(taken_by(entry)),
            None => Ok(()),
        }
    }
}

fn taken_by(entry: &Entry) -> StoreError {
    StoreError::Taken { label: entry.label.to_string(), address: entry.address }
}
