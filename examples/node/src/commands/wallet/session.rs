//! A session is an offer by one account of several keys.
use crate::cli::{Combine, MakeSession, Out, SendSession, Session, SignSession};
use crate::commands::backed::backed;
use crate::commands::gather::{facts, next};
use crate::commands::keyring::{Keyring, apart};
use crate::commands::rights::{holds, moves, positive};
use crate::commands::{confirm::confirm, exchange, submit::submit};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::AccountReply;
use isonomy::ledger::assets::Asset;
use isonomy::types::Nonce;
use isonomy::wallet::{Account, Offer, Party, Terms, give, spare_lane};

pub(super) async fn session(command: Session) -> Result<(), Failure> {
    match command {
        Session::Make(arguments) => make(*arguments).await,
        Session::Show(arguments) => exchange::show(arguments).await,
        Session::Sign(arguments) => sign(arguments).await,
        Session::Combine(arguments) => combine(arguments),
        Session::Send(arguments) => send(arguments).await,
    }
}

async fn make(arguments: MakeSession) -> Result<(), Failure> {
    let MakeSession { rpc, policy, to, amount, asset, cost, out } = arguments;
    let Account { address, policy } = Account::open(&policy)?;
    positive("--amount", amount)?;
    apart(address, to)?;
    let client = crate::cli::client(&rpc)?;
    if let Some(id) = asset {
        holds(&client, address, id, amount).await?;
        moves(&client, to, id).await?;
    }
    let actions = vec![give(0, to, amount, asset.map_or(Asset::Coin, Asset::Issued))];
    let lane = spare_lane(&[address], &actions);
    let status = client.status().await?;
    let seq = next(&client.account(address).await?, lane);
    let own = Party { account: address, nonce: Nonce { lane, seq }, policy: Some(policy) };
    let price = cost.price(&client, true).await?;
    let expires = status.height.saturating_add(cost.blocks);
    let terms = Terms { parties: vec![own], actions, price, expires };
    let offer = terms.offer(status.genesis)?;
    judged(&client, &offer).await?;
    eprintln!("{}", offer.describe(None, None));
    hand_on(&offer, &out)
}

/// Whether the chain would have it now, and the account covers it.
async fn judged(client: &Client, offer: &Offer) -> Result<(), Failure> {
    let (facts, replies) = facts(client, offer).await?;
    offer.judge(&facts)?;
    for AccountReply { address, balance, .. } in &replies {
        let needed = offer.takes(address);
        if needed > *balance {
            return Err(Failure::refused(format!(
                "the account {address} holds {balance}, and it may take {needed} with the fee; wait \
                 until more has come, or make it about less"
            )));
        }
    }
    backed(client, offer, None).await
}

async fn sign(SignSession { session, by, rpc, yes, out }: SignSession) -> Result<(), Failure> {
    let offer = Offer::find(&session)?;
    let keyring = Keyring::open(&by)?;
    let offer = keyring.wallet().prepare(offer)?;
    match rpc {
        Some(rpc) => judged(&crate::cli::client(&rpc)?, &offer).await?,
        None => {
            eprintln!("whether it can still be sent, and on which chain, a node knows: add --rpc")
        }
    }
    if !yes {
        let own = Some(keyring.wallet().address());
        confirm(&keyring.named(offer.describe(own, None)), "Sign?")?;
    }
    hand_on(&keyring.wallet().sign_offer(offer)?, &out)
}

fn combine(Combine { sessions, out }: Combine) -> Result<(), Failure> {
    let mut copies = sessions.iter();
    let Some(first) = copies.next() else {
        return Err(Failure::usage("nothing to combine; name the copies"));
    };
    let mut all = Offer::find(first)?;
    for copy in copies {
        all.combine(&Offer::find(copy)?)?;
    }
    hand_on(&all, &out)
}

async fn send(SendSession { session, rpc, wait, json }: SendSession) -> Result<(), Failure> {
    let (offer, client) = (Offer::find(&session)?, crate::cli::client(&rpc)?);
    judged(&client, &offer).await?;
    submit(&client, &offer.transaction()?, wait, json).await
}

fn hand_on(offer: &Offer, Out { out, json }: &Out) -> Result<(), Failure> {
    let unsigned = offer.unsigned();
    if let Some(path) = out {
        offer.create(path)?;
    }
    match (json, out) {
        (true, _) => {
            let unsigned: Vec<_> = unsigned
                .iter()
                .map(|each| {
                    let (account, got, needed) = (each.account, each.got, each.needed);
                    serde_json::json!({ "account": account, "got": got, "needed": needed })
                })
                .collect();
            let said = serde_json::json!({ "session": offer.to_string(), "unsigned": unsigned });
            println!("{said}");
        }
        (false, None) => println!("{offer}"),
        (false, Some(path)) => println!("{}", path.display()),
    }
    match unsigned.first() {
        Some(unsigned) => eprintln!(
            "still to be signed by {unsigned}: hand it on, for `isonomy wallet session sign`"
        ),
        None => eprintln!("enough have signed: send it with `isonomy wallet session send`"),
    }
    Ok(())
}
