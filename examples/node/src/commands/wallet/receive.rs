use crate::cli::{Receive, WalletAccount};
use crate::commands::keyring::entry;
use crate::exit::Failure;
use isonomy::wallet::Request;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

pub(super) fn receive(Receive { which, amount, asset }: Receive) -> Result<(), Failure> {
    let WalletAccount { which, common } = which;
    let store = common.unlock.open()?;
    let found = entry(&store, which.as_deref())?;
    let request = Request { to: found.address, amount, asset };
    if common.json {
        let (label, address) = (found.label.as_str(), found.address);
        let said = serde_json::json!({
            "label": label, "address": address, "request": request.to_string(),
        });
        println!("{said}");
        return Ok(());
    }
    println!("{}\n{request}", code(&request.to_string())?);
    Ok(())
}

/// Dark on light whatever the terminal's colours are: the quiet zone around it is drawn too.
fn code(text: &str) -> Result<String, Failure> {
    let code = QrCode::new(text).map_err(Failure::failed)?;
    let mut drawn = code.render::<Dense1x2>();
    Ok(drawn.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}
