use crate::cli::Keys;
use crate::exit::Failure;
use isonomy::wallet::Wallet;

pub(crate) fn keys(command: Keys) -> Result<(), Failure> {
    let wallet = match command {
        Keys::New { out } => Wallet::create(&out),
        Keys::Show { file } => Wallet::open(&file),
    };
    println!("{}", wallet.map_err(Failure::failed)?.address());
    Ok(())
}
