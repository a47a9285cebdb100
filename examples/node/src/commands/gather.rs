//! Signing what others sign too, until it can be sent.
use super::{backed::backed, confirm::confirm, keyring::Keyring, submit::submit};
use crate::cli::{Cost, Signing};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::AccountReply;
use isonomy::types::{Action, Address, Nonce, Policy};
use isonomy::wallet::{Account, Facts, Offer, OfferError, Party, SignerFacts, Terms, spare_lane};

/// Someone with a key who asks a node.
pub(crate) struct Signer {
    signing: Signing,
    keyring: Keyring,
    /// Of `--policy`.
    account: Option<Account>,
    client: Client,
}

impl Signer {
    pub(crate) fn open(signing: Signing) -> Result<Self, Failure> {
        let keyring = Keyring::open(&signing.by)?;
        let account = signing.policy.as_deref().map(Account::open).transpose()?;
        let client = crate::cli::client(&signing.rpc)?;
        Ok(Self { signing, keyring, account, client })
    }

    /// For whom it signs.
    pub(crate) fn address(&self) -> Address {
        self.account.as_ref().map_or(self.keyring.wallet().address(), |account| account.address)
    }

    /// What these accounts do together, on a spare lane of each. The first pays.
    pub(crate) async fn together(
        &self,
        accounts: &[Address],
        actions: Vec<Action>,
        cost: Cost,
        lane: Option<u16>,
    ) -> Result<Offer, Failure> {
        let lane = lane.unwrap_or_else(|| spare_lane(accounts, &actions));
        let status = self.client.status().await?;
        let mut parties = Vec::new();
        for &account in accounts {
            let seq = next(&self.client.account(account).await?, lane);
            let policy = self.policy(account);
            parties.push(Party { account, nonce: Nonce { lane, seq }, policy });
        }
        let expires = status.height.saturating_add(cost.blocks);
        let price = cost.price(&self.client, !self.signing.yes).await?;
        let terms = Terms { parties, actions, price, expires };
        Ok(terms.offer(status.genesis)?)
    }

    /// What its account does by itself: with the nonce given, or on a spare lane.
    pub(crate) async fn alone(
        &self,
        actions: Vec<Action>,
        cost: Cost,
        nonce: Option<Nonce>,
    ) -> Result<Offer, Failure> {
        let account = self.address();
        let Some(nonce) = nonce else {
            return self.together(&[account], actions, cost, None).await;
        };
        let status = self.client.status().await?;
        let parties = vec![Party { account, nonce, policy: self.policy(account) }];
        let expires = status.height.saturating_add(cost.blocks);
        let price = cost.price(&self.client, !self.signing.yes).await?;
        Ok(Terms { parties, actions, price, expires }.offer(status.genesis)?)
    }

    /// Does it by itself, after asking `question`.
    pub(crate) async fn act(
        self,
        actions: Vec<Action>,
        cost: Cost,
        question: &str,
    ) -> Result<(), Failure> {
        let offer = self.alone(actions, cost, None).await?;
        self.gather(offer, question).await
    }

    /// The node that it asks.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Its key, and the names that it knows.
    pub(crate) const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// How it asks and answers.
    pub(crate) const fn signing(&self) -> &Signing {
        &self.signing
    }

    fn policy(&self, of: Address) -> Option<Policy> {
        let account = self.account.as_ref().filter(|account| account.address == of);
        account.map(|account| account.policy.clone())
    }

    /// Judges, shows, asks, signs; then sends the transaction, or hands the offer on.
    pub(crate) async fn gather(self, mut offer: Offer, question: &str) -> Result<(), Failure> {
        if let Some(account) = &self.account {
            offer.reveal(account)?;
        }
        let wanted = match self.keyring.wallet().prepare(offer.clone()) {
            // Signed before, and not sent.
            Err(OfferError::Signed { unsigned }) if unsigned.is_empty() => false,
            prepared => {
                offer = prepared?;
                true
            }
        };
        let (facts, replies) = facts(&self.client, &offer).await?;
        offer.judge(&facts)?;
        self.covered(&offer, &replies)?;
        backed(&self.client, &offer, Some(self.address())).await?;
        if wanted {
            if !self.signing.yes {
                let deed = offer.describe(Some(self.address()), None);
                confirm(&self.keyring.named(deed), question)?;
            }
            offer = self.keyring.wallet().sign_offer(offer)?;
        }
        let complete = offer.unsigned().is_empty();
        match complete {
            true => {
                let Signing { wait, json, .. } = self.signing;
                submit(&self.client, &offer.transaction()?, wait, json).await
            }
            false => self.hand_on(&offer),
        }
    }

    /// Of those who signed and of oneself. What cannot take effect would still cost its fee.
    fn covered(&self, offer: &Offer, replies: &[AccountReply]) -> Result<(), Failure> {
        let unsigned = offer.unsigned();
        for AccountReply { address, balance, .. } in replies {
            let absent = unsigned.iter().any(|unsigned| unsigned.account == *address);
            let needed = offer.takes(address);
            if needed > *balance && (!absent || *address == self.address()) {
                return Err(Failure::refused(format!(
                    "the account {address} holds {balance}, and it may take {needed} with the fee; \
                     wait until more has come, or make it about less"
                )));
            }
        }
        Ok(())
    }

    fn hand_on(&self, offer: &Offer) -> Result<(), Failure> {
        let unsigned: Vec<_> = offer.unsigned().iter().map(ToString::to_string).collect();
        match (&self.signing.out, self.signing.json) {
            (Some(path), _) => offer.create(path)?,
            (None, true) => println!("{}", serde_json::json!({ "offer": offer.to_string() })),
            (None, false) => println!("{offer}"),
        }
        let place =
            self.signing.out.as_ref().map_or("above".into(), |path| path.display().to_string());
        eprintln!(
            "signed; it still needs {}: hand on the offer ({place}), to be signed with `isonomy \
             exchange accept`",
            unsigned.join(" and ")
        );
        Ok(())
    }
}

/// What the node says of each signer.
pub(crate) async fn facts(
    client: &Client,
    offer: &Offer,
) -> Result<(Facts, Vec<AccountReply>), Failure> {
    let status = client.status().await?;
    let (mut signers, mut replies) = (Vec::new(), Vec::new());
    for signer in offer.intent().signers.iter() {
        let reply = client.account(signer.account).await?;
        let next = next(&reply, signer.nonce.lane);
        signers.push(SignerFacts { policy: reply.policy, next });
        replies.push(reply);
    }
    Ok((Facts { genesis: status.genesis, height: status.height, signers }, replies))
}

/// The next turn of one of an account's lanes.
pub(crate) fn next(reply: &AccountReply, lane: u16) -> u64 {
    reply.lanes.iter().find(|used| used.lane == lane).map_or(0, |used| used.next)
}
