//! A limit of a database must never become a rule of a chain (BIP50): the largest of everything
//! that a chain may hold, on every backend.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{append_all, body, first, flush, keep, on_both, open, pairs};
use isonomy_chain::Append;
use isonomy_consensus::RECORD_BYTES_MAX;
use isonomy_ledger::{KEY_BYTES_MAX, Layer, VALUE_BYTES_MAX};
use isonomy_store::Store;
use isonomy_types::{BODY_BYTES_MAX, Blob, Body, CERTIFICATE_BYTES_MAX, Encode, PAYLOAD_BYTES_MAX};
use std::sync::Arc;

/// A body of exactly the most bytes that any chain may allow.
fn largest_body() -> Body {
    let limit = BODY_BYTES_MAX as usize;
    let empty = body(1, &[0]).encoded_len() - body(1, &[]).encoded_len();
    let mut payloads = vec![PAYLOAD_BYTES_MAX; (limit - 4) / (PAYLOAD_BYTES_MAX + empty)];
    let rest = limit - body(1, &payloads).encoded_len();
    payloads.push(rest - empty);
    let body = body(1, &payloads);
    assert_eq!(body.encoded_len(), limit);
    body
}

/// As many transactions as the same bytes hold, each as small as can be.
fn busiest_body() -> Body {
    let one = body(1, &[0]).encoded_len() - body(1, &[]).encoded_len();
    let body = body(1, &vec![0; (BODY_BYTES_MAX as usize - 4) / one]);
    assert!(body.transactions.len() > 30_000);
    body
}

#[test]
fn attack_76_the_largest_block_on_every_backend() {
    for body in [largest_body(), busiest_body()] {
        on_both(|store| {
            let block = first().child_with(1, body.clone());
            append_all(store, std::slice::from_ref(&block)).unwrap();
            assert!(store.archive().body(&block.id()).unwrap() == Some(body.clone()), "in the log");
            assert!(store.recover().unwrap().log == [block.append()]);
            keep(store, &flush(std::slice::from_ref(&block), Layer::default())).unwrap();
            let archive = store.archive();
            assert!(archive.body(&block.id()).unwrap() == Some(body.clone()), "flushed");
            assert!(archive.receipts(&block.id()).unwrap() == Some(block.receipts()));
            let (last, index) = (block.transactions().pop().unwrap(), body.transactions.len() - 1);
            let place = archive.transaction(&last).unwrap();
            assert_eq!(place, Some((block.id(), u32::try_from(index).unwrap())));
        });
    }
}

#[test]
fn attack_76_the_largest_values_on_every_backend() {
    on_both(|store| {
        let block = first().child(1);
        let mut layer = Layer::default();
        for number in 0..64u8 {
            let key = [&[number], &vec![0xff; KEY_BYTES_MAX - 1][..]].concat();
            layer.writes.insert(key.into(), Some(vec![number; VALUE_BYTES_MAX].into()));
        }
        layer.writes.insert(Arc::from([]), Some(Arc::from([1])));
        let view = keep(store, &flush(std::slice::from_ref(&block), layer.clone())).unwrap();
        for (key, value) in &layer.writes {
            assert!(view.get(key).unwrap().as_deref() == value);
        }
        assert_eq!(pairs(&*view).len(), 64 + 1 + 1);
        // And replaced, so that the largest values are kept to undo it, and undone.
        let next = block.child(1);
        let writes = layer.writes.keys().map(|key| (key.into(), None)).collect();
        let view = keep(store, &flush(std::slice::from_ref(&next), Layer { writes })).unwrap();
        assert_eq!(pairs(&*view).len(), 1);
        assert!(store.unwind(1).unwrap());
        assert_eq!(pairs(&*store.recover().unwrap().view).len(), 64 + 1 + 1);
    });
}

#[test]
fn attack_76_the_largest_record_and_certificate_on_every_backend() {
    on_both(|store| {
        let id = first().child(1).id();
        let certificate = Blob::try_from(vec![1; CERTIFICATE_BYTES_MAX]).unwrap();
        let record = Blob::try_from(vec![2; RECORD_BYTES_MAX]).unwrap();
        let largest =
            [Append::Certificate { id, certificate }, Append::Record { height: u64::MAX, record }];
        store.append(&largest).unwrap();
        assert!(store.recover().unwrap().log == largest);
    });
}

#[test]
fn the_largest_block_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let block = first().child_with(1, largest_body());
    append_all(&mut open(dir.path()), std::slice::from_ref(&block)).unwrap();
    let mut disk = open(dir.path());
    assert!(disk.recover().unwrap().log == [block.append()]);
    keep(&mut disk, &flush(std::slice::from_ref(&block), Layer::default())).unwrap();
    drop(disk);
    let archive = open(dir.path()).archive();
    assert!(archive.body(&block.id()).unwrap() == Some(block.body));
}
