use crate::cli::{SignMessage, VerifyMessage};
use crate::commands::{confirm::confirm, keyring::Keyring};
use crate::exit::Failure;
use isonomy::wallet::SignedMessage;

pub(super) fn sign(SignMessage { text, by, yes, json }: SignMessage) -> Result<(), Failure> {
    let keyring = Keyring::open(&by)?;
    let address = keyring.wallet().address();
    let signed = keyring.wallet().sign_message(&text)?;
    if !yes {
        let said = quoted(signed.text());
        let deed = format!("{address} says, for all to see and no transaction:\n{said}");
        confirm(&keyring.named(deed), "Hand out this signature?")?;
    }
    match json {
        true => {
            let said = serde_json::json!({ "address": address, "message": signed.to_string() });
            println!("{said}");
        }
        false => println!("{signed}"),
    }
    Ok(())
}

pub(super) async fn verify(arguments: VerifyMessage) -> Result<(), Failure> {
    let VerifyMessage { message, address, rpc, json } = arguments;
    let message = SignedMessage::find(&message)?;
    let signer = message.address();
    let current = match &rpc {
        Some(rpc) => crate::cli::client(rpc)?.account(signer).await?.policy,
        None => None,
    };
    message.verify(current).map_err(Failure::refused)?;
    if let Some(want) = address.filter(|want| *want != signer) {
        return Err(Failure::refused(format!("{signer} signed it, not {want}")));
    }
    if json {
        let said = serde_json::json!({
            "address": signer, "text": message.text(), "current": rpc.is_some(),
        });
        println!("{said}");
        return Ok(());
    }
    println!("signed by {signer}:\n{}", quoted(message.text()));
    if rpc.is_none() {
        eprintln!("whether the account still is under that key, a node knows: add --rpc");
    }
    Ok(())
}

/// So that no line of it can pass for one of ours.
fn quoted(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| format!("  | {line}")).collect();
    lines.join("\n")
}
