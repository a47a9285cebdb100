//! How the RPC server reaches the host.
use crate::{Settings, Spec};
use isonomy_client::api::LinksReply;
use isonomy_host::{Handle, Stopped};
use isonomy_ledger::Modules;
use isonomy_rpc::{About, Admin, Look, Order, Source};
use std::sync::Arc;

pub(crate) fn source(
    handle: &Handle,
    spec: &Spec,
    settings: &Settings,
    modules: Arc<Modules>,
) -> Result<Source, Stopped> {
    let (reader, submitter, teller) = (handle.clone(), handle.clone(), handle.clone());
    let about = About {
        name: spec.name.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        mining: settings.mining.is_some(),
    };
    Ok(Source {
        read: Arc::new(move |look: Look| {
            let handle = reader.clone();
            Box::pin(async move { handle.read(look).await.map_err(|_| isonomy_rpc::Stopped) })
        }),
        submit: Arc::new(move |transaction| {
            let handle = submitter.clone();
            Box::pin(
                async move { handle.submit(transaction).await.map_err(|_| isonomy_rpc::Stopped) },
            )
        }),
        events: Arc::new(move || teller.events()),
        admin: Some(admin(handle.clone())),
        archive: handle.archive()?,
        modules,
        about,
    })
}

fn admin(handle: Handle) -> Admin {
    Arc::new(move |order| {
        let handle = handle.clone();
        let answer = async move {
            match order {
                Order::Look => {}
                Order::Cut(key) => handle.cut(key).await?,
                Order::Heal(key) => handle.heal(key).await?,
                Order::Dial(address) => handle.dial(address).await?,
            }
            Ok(LinksReply { key: handle.key(), cut: handle.cuts().await? })
        };
        Box::pin(async move { answer.await.map_err(|_: Stopped| isonomy_rpc::Stopped) })
    })
}
