//! How the RPC server reaches the host.
use crate::{Settings, Spec};
use isonomy_host::{Handle, Stopped};
use isonomy_ledger::Modules;
use isonomy_rpc::{About, Look, Source};
use std::sync::Arc;

pub(crate) fn source(
    handle: &Handle,
    spec: &Spec,
    settings: &Settings,
    modules: Arc<Modules>,
) -> Result<Source, Stopped> {
    let (reader, submitter) = (handle.clone(), handle.clone());
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
        archive: handle.archive()?,
        modules,
        about,
    })
}
