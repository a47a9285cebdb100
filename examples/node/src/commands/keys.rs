use super::gather::Signer;
use crate::cli::{Keys, Rotate};
use crate::exit::Failure;
use isonomy::crypto::PublicKey;
use isonomy::types::{Address, Keys as PolicyKeys, Policy};
use isonomy::wallet::{Account, Wallet, set_policy};
use std::path::Path;

pub(crate) async fn keys(command: Keys) -> Result<(), Failure> {
    match command {
        Keys::New { out } => println!("{}", Wallet::create(&out)?.address()),
        Keys::Show { file, public: false } => println!("{}", Wallet::open(&file)?.address()),
        Keys::Show { file, public: true } => println!("{}", Wallet::open(&file)?.public()),
        Keys::Policy { needed, public, account, out } => {
            println!("{}", policy(needed, public, account, &out)?);
        }
        Keys::Rotate(arguments) => rotate(*arguments).await?,
    }
    Ok(())
}

/// One key needs no list.
fn policy(
    needed: u8,
    mut keys: Vec<PublicKey>,
    account: Option<Address>,
    out: &Path,
) -> Result<Address, Failure> {
    keys.sort_unstable();
    let policy = match (needed, keys.as_slice()) {
        (1, [key]) => Policy::Key(*key),
        _ => Policy::Keys(PolicyKeys::new(needed, keys).map_err(Failure::usage)?),
    };
    let address = account.unwrap_or_else(|| policy.address());
    Account { address, policy }.create(out)?;
    Ok(address)
}

async fn rotate(Rotate { signing, to, cost }: Rotate) -> Result<(), Failure> {
    let to = Account::open(&to)?;
    let signer = Signer::open(signing)?;
    let (got, want) = (to.address, signer.address());
    if got != want {
        return Err(Failure::usage(format!(
            "--to is a policy of {got}, the account is {want}; make it with `isonomy keys policy \
             --account {want}`"
        )));
    }
    let offer = signer.alone(vec![set_policy(0, to.policy)], cost, None).await?;
    signer.gather(offer, "Put the account under these keys?").await
}
