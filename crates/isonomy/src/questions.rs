//! How the RPC server reaches the host.
use crate::{Settings, Spec};
use isonomy_client::api::LinksReply;
use isonomy_host::{Handle, Stopped};
use isonomy_index::Index;
use isonomy_ledger::Modules;
use isonomy_rpc::{About, Admin, Later, Look, Order, Source, Watch};
use std::sync::Arc;

pub(crate) fn source(
    handle: &Handle,
    spec: &Spec,
    settings: &Settings,
    modules: Arc<Modules>,
    index: Option<Arc<Index>>,
) -> Result<Source, Stopped> {
    let (reader, submitter, teller) = (handle.clone(), handle.clone(), handle.clone());
    let about = About {
        name: spec.name.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        mining: settings.mining.is_some(),
        faucet: settings.faucet.clone(),
    };
    let watched = handle.clone();
    let metrics = move || -> Later<String> {
        let handle = watched.clone();
        Box::pin(async move { handle.metrics().await.map_err(|_| isonomy_rpc::Stopped) })
    };
    let watch = Watch { metrics: Some(Arc::new(metrics)), peers: !settings.peers.is_empty() };
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
        index,
        modules,
        about,
        watch,
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
