//! Exchange an issued asset against coins in one transaction that both sign.
//!
//! Alice issues an asset and offers ten units of it for 300 coins. The offer travels as a text. Bob
//! reads it in plain words, signs, pays the fee; either both sides move or none does. A text that was
//! altered after Alice signed it is refused, and so is one that was taken already.
#![allow(clippy::print_stdout)]
mod ledger;

use isonomy::crypto::{Hash, Secret};
use isonomy::ledger::assets::{self, Asset, AssetsEvent, Call, Issue, Rights};
use isonomy::types::{Action, Amount, Decode, Encode, Nonce};
use isonomy::wallet::{Facts, Offer, Party, SignerFacts, Terms, Wallet, give, pay, spare_lane};
use ledger::{GENESIS, Ledger};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Keys for a demonstration alone: everybody knows them.
    let alice = Wallet::new(Secret::from_bytes(&[1; 32])?);
    let bob = Wallet::new(Secret::from_bytes(&[2; 32])?);
    let mut ledger = Ledger::new(&[alice.address(), bob.address()], Amount(1_000_000))?;
    let asset = Asset::Issued(issue(&mut ledger, &alice)?);
    println!("Alice is {}, Bob is {}.", alice.address(), bob.address());
    show(&ledger, &alice, &bob, asset)?;

    let text = offer(&ledger, &alice, &bob, asset)?.to_string();
    println!("\nAlice hands Bob this text:\n{text}");

    // Somebody on the way asks for more.
    let altered = altered(&text, Amount(300), Amount(900))?;
    let refused = Offer::decode(&altered).err().ok_or("an altered offer was read")?;
    println!("\nA copy that asks for 900 coins is refused: {refused}.");

    let offer: Offer = text.parse()?;
    offer.judge(&facts(&ledger, &offer)?)?;
    println!("\nBob reads:\n{}", offer.describe(Some(bob.address()), None));
    let signed = bob.sign_offer(offer.clone())?;
    let receipt = ledger.block(signed.transaction()?)?;
    println!("\nBob signs and submits. Code {}, fee {}.", receipt.code, receipt.fee);
    show(&ledger, &alice, &bob, asset)?;

    let over = offer.judge(&facts(&ledger, &offer)?).err().ok_or("it can be taken twice")?;
    println!("\nThe same text once more: {over}.");
    Ok(())
}

/// Alice makes 1000 units of something new. Its id.
fn issue(ledger: &mut Ledger, alice: &Wallet) -> Result<Hash, Box<dyn Error>> {
    let to = alice.address();
    let new = Issue {
        symbol: "DEED".to_owned().try_into()?,
        name: "Shares of a boat".to_owned().try_into()?,
        decimals: 0,
        cap: None,
        rights: Rights::default(),
        amount: Amount(1_000),
        to,
    };
    let payload = Call::Issue(new).encode().try_into()?;
    let parties = vec![Party { account: to, nonce: Nonce { lane: 0, seq: 0 }, policy: None }];
    let actions = vec![Action { module: assets::ID, by: 0, payload }];
    let terms = Terms { parties, actions, price: 1, expires: 100 };
    let receipt = ledger.block(alice.sign_offer(terms.offer(GENESIS)?)?.transaction()?)?;
    let events = receipt.events.iter().map(|event| AssetsEvent::decode_exact(&event.payload));
    let issued = events.flatten().find_map(|event| match event {
        AssetsEvent::Issue { asset, .. } => Some(asset),
        _ => None,
    });
    Ok(issued.ok_or("nothing was issued")?)
}

/// Ten units for 300 coins. Bob takes, so he stands first and pays the fee.
fn offer(
    ledger: &Ledger,
    alice: &Wallet,
    bob: &Wallet,
    asset: Asset,
) -> Result<Offer, Box<dyn Error>> {
    let (taker, maker) = (bob.address(), alice.address());
    let actions = vec![give(1, taker, Amount(10), asset), pay(0, maker, Amount(300))];
    let lane = spare_lane(&[taker, maker], &actions);
    let party = |account| {
        let nonce = Nonce { lane, seq: ledger.next(account, lane)? };
        Ok::<_, Box<dyn Error>>(Party { account, nonce, policy: None })
    };
    let parties = vec![party(taker)?, party(maker)?];
    let terms = Terms { parties, actions, price: 1, expires: 100 };
    Ok(alice.sign_offer(terms.offer(GENESIS)?)?)
}

/// The offer's bytes with one amount for another.
fn altered(text: &str, from: Amount, to: Amount) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = text.parse::<Offer>()?.encode();
    let (from, to) = (from.encode(), to.encode());
    let at = bytes.windows(from.len()).rposition(|part| part == from).ok_or("no such amount")?;
    bytes.splice(at..at + from.len(), to);
    Ok(bytes)
}

fn facts(ledger: &Ledger, offer: &Offer) -> Result<Facts, Box<dyn Error>> {
    let mut signers = Vec::new();
    for signer in offer.intent().signers.iter() {
        let next = ledger.next(signer.account, signer.nonce.lane)?;
        signers.push(SignerFacts { policy: ledger.policy(signer.account)?, next });
    }
    Ok(Facts { genesis: GENESIS, height: ledger.height(), signers })
}

fn show(ledger: &Ledger, alice: &Wallet, bob: &Wallet, asset: Asset) -> Result<(), Box<dyn Error>> {
    for (name, wallet) in [("Alice", alice), ("Bob", bob)] {
        let holds = |asset| ledger.holds(wallet.address(), asset);
        println!("{name} holds {} coins and {} DEED.", holds(Asset::Coin)?, holds(asset)?);
    }
    Ok(())
}
