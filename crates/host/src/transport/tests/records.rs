//! The stream after the handshake: whole, ended, cancelled, exhausted, and false lengths.

use super::super::record::NONCE_MAX;
use super::super::{CLOSE_MS, TAG_BYTES};
use super::*;

#[tokio::test]
async fn every_size_arrives_whole() {
    let ((_, mut writer), (mut reader, _)) = connected().await;
    let sizes = [0, 1, 2, 15, 16, 17, 255, 256, RECORD_MAX - 1, RECORD_MAX, RECORD_MAX + 1];
    for size in sizes.into_iter().chain([2 * RECORD_MAX, 2 * RECORD_MAX + 1, 1_000_003, 3_000_000])
    {
        let sent = pattern(size);
        let mut got = Vec::new();
        prompt(async {
            tokio::join!(async { writer.write(&sent).await.unwrap() }, async {
                while got.len() < size {
                    got.extend(reader.read().await.unwrap().unwrap());
                }
            })
        })
        .await;
        assert!(got == sent, "{size} bytes");
    }
    writer.close().await;
    assert_eq!(prompt(reader.read()).await.unwrap(), None);
    assert_eq!(prompt(reader.read()).await.unwrap(), None, "the end stays the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_directions_flow_at_once_in_four_tasks() {
    async fn send(mut writer: Writer, bytes: Vec<u8>) {
        for piece in bytes.chunks(100_003) {
            writer.write(piece).await.unwrap();
        }
        writer.close().await;
    }
    let ((mut one_reader, one_writer), (mut two_reader, two_writer)) = connected().await;
    let (up, mut down) = (pattern(3_000_000), pattern(3_000_000));
    down.reverse();
    let senders =
        [tokio::spawn(send(one_writer, up.clone())), tokio::spawn(send(two_writer, down.clone()))];
    let at_two = tokio::spawn(async move { drain(&mut two_reader).await });
    let (got, end) = drain(&mut one_reader).await;
    assert!(end.is_none() && got == down);
    let (got, end) = at_two.await.unwrap();
    assert!(end.is_none() && got == up);
    for sender in senders {
        sender.await.unwrap();
    }
}

#[tokio::test]
async fn one_direction_may_end_before_the_other() {
    let ((mut one_reader, one_writer), (mut two_reader, mut two_writer)) = connected().await;
    one_writer.close().await;
    assert_eq!(prompt(two_reader.read()).await.unwrap(), None);
    two_writer.write(b"still here").await.unwrap();
    assert_eq!(prompt(one_reader.read()).await.unwrap().unwrap(), b"still here");
}

#[tokio::test]
async fn a_dropped_writer_is_a_cut_not_an_end() {
    let ((_, mut writer), (mut reader, _)) = connected().await;
    writer.write(b"unfinished").await.unwrap();
    drop(writer);
    let (got, end) = drain(&mut reader).await;
    assert_eq!(got, b"unfinished");
    assert!(matches!(end, Some(TransportError::CutOff)), "{end:?}");
}

#[tokio::test]
async fn lengths_below_a_tag_are_refused() {
    for claim in 0..TAG_BYTES {
        let ((_, mut writer), (mut reader, _)) = connected().await;
        writer.half.write_all(&framed(&vec![1; claim])).await.unwrap();
        match prompt(reader.read()).await {
            Err(TransportError::RecordShort { got, min: TAG_BYTES }) => assert_eq!(got, claim),
            other => panic!("{claim}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_length_larger_or_smaller_than_the_record_is_refused() {
    for change in [-5, -1, 1, 5, 1_000, 60_000_i32] {
        let ((_, mut writer), (mut reader, _)) = connected().await;
        let mut record = Vec::new();
        writer.session.seal(0, &[3; 40], &mut record).unwrap();
        let claim = u16::try_from(40 + 16 + change).unwrap();
        record[..LENGTH_BYTES].copy_from_slice(&claim.to_be_bytes());
        writer.half.write_all(&record).await.unwrap();
        drop(writer);
        let error = prompt(reader.read()).await.unwrap_err();
        match change {
            ..0 => assert!(matches!(error, TransportError::RecordForged { record: 0 }), "{error}"),
            _ => assert!(matches!(error, TransportError::CutOff), "{error}"),
        }
    }
}

#[tokio::test]
async fn attack_20_garbage_closes_the_connection() {
    for len in [16, 17, 100, 65_535] {
        let ((mut one_reader, mut one_writer), (mut two_reader, mut two_writer)) =
            connected().await;
        two_writer.half.write_all(&framed(&vec![0x5a; len])).await.unwrap();
        two_writer.write(b"honest").await.unwrap();

        let error = prompt(one_reader.read()).await.unwrap_err();
        assert!(matches!(error, TransportError::RecordForged { record: 0 }), "{error}");
        assert_eq!(one_reader.nonce, 0, "the nonce stands where it stood");
        for _ in 0..2 {
            assert!(matches!(prompt(one_reader.read()).await, Err(TransportError::Failed)));
            assert!(matches!(one_writer.write(b"hi").await, Err(TransportError::Failed)));
        }
        one_writer.close().await;
        drop(one_reader);
        let (got, end) = drain(&mut two_reader).await;
        assert!(got.is_empty());
        assert!(matches!(end, Some(TransportError::CutOff | TransportError::Io(_))), "{end:?}");
    }
}

#[tokio::test]
async fn attack_20_garbage_does_not_use_up_a_nonce_of_ours() {
    let ((_, one), (_, two)) = connected().await;
    let mut record = Vec::new();
    one.session.seal(0, b"honest", &mut record).unwrap();
    for garbage in [&[0; 16][..], &[7; 22], &[9; 65_535], &[]] {
        let refused = two.session.open(0, garbage);
        assert!(matches!(refused, Err(TransportError::RecordForged { record: 0 })), "{refused:?}");
    }
    assert_eq!(two.session.open(0, &record[LENGTH_BYTES..]).unwrap(), b"honest");
    assert!(two.session.open(1, &record[LENGTH_BYTES..]).is_err(), "each nonce is its own");
    assert!(one.session.open(0, &record[LENGTH_BYTES..]).is_err(), "each direction is its own");
}

#[test]
fn attack_20_garbage_does_not_advance_a_nonce_of_snow() {
    let mut one = begin(&identity(1), Side::Dialed).unwrap();
    let mut two = begin(&identity(2), Side::Accepted).unwrap();
    let (mut message, mut none) = ([0; 96], [0; 0]);
    for turn in 0..3 {
        let (from, to) = if turn == 1 { (&mut two, &mut one) } else { (&mut one, &mut two) };
        let len = from.write_message(&[], &mut message).unwrap();
        if turn > 0 {
            assert!(to.read_message(&[0x5a; 96][..len], &mut none).is_err());
        }
        to.read_message(&message[..len], &mut none).unwrap();
    }
    let mut one = one.into_transport_mode().unwrap();
    let mut two = two.into_transport_mode().unwrap();
    let (mut record, mut bytes) = ([0; 22], [0; 22]);
    let len = one.write_message(b"honest", &mut record).unwrap();
    assert!(two.read_message(&[0x5a; 22], &mut bytes).is_err());
    assert_eq!(two.receiving_nonce(), 0);
    let len = two.read_message(&record[..len], &mut bytes).unwrap();
    assert_eq!((&bytes[..len], two.receiving_nonce()), (&b"honest"[..], 1));
}

#[tokio::test]
async fn the_last_nonce_is_never_used() {
    let ((_, mut writer), (mut reader, _)) = connected().await;
    (writer.nonce, reader.nonce) = (NONCE_MAX, NONCE_MAX);
    writer.write(b"last").await.unwrap();
    assert_eq!(prompt(reader.read()).await.unwrap().unwrap(), b"last");

    let error = writer.write(b"too many").await.unwrap_err();
    assert!(matches!(error, TransportError::Exhausted { limit: u64::MAX }), "{error}");
    assert!(matches!(writer.write(b"again").await, Err(TransportError::Failed)));

    let mut record = Vec::new();
    writer.session.seal(NONCE_MAX, b"over", &mut record).unwrap();
    writer.half.write_all(&record).await.unwrap();
    let error = prompt(reader.read()).await.unwrap_err();
    assert!(matches!(error, TransportError::Exhausted { limit: u64::MAX }), "{error}");
}

#[tokio::test]
async fn a_cancelled_read_loses_nothing() {
    let ((_, mut writer), (mut reader, _)) = connected().await;
    let mut records = Vec::new();
    for (nonce, word) in [(0, &b"first"[..]), (1, b"second")] {
        let mut record = Vec::new();
        writer.session.seal(nonce, word, &mut record).unwrap();
        records.extend(record);
    }
    let mut got = Vec::new();
    for byte in records {
        writer.half.write_all(&[byte]).await.unwrap();
        if let Ok(piece) = timeout(Duration::from_millis(2), reader.read()).await {
            got.push(piece.unwrap().unwrap());
        }
    }
    while got.len() < 2 {
        got.push(prompt(reader.read()).await.unwrap().unwrap());
    }
    assert_eq!(got, [b"first".to_vec(), b"second".to_vec()]);
}

#[tokio::test]
async fn an_abandoned_write_ends_the_stream() {
    let ((_, mut writer), (mut reader, _)) = connected().await;
    let bytes = pattern(32 << 20);
    let abandoned = timeout(Duration::from_millis(200), writer.write(&bytes)).await;
    assert!(abandoned.is_err(), "nobody reads, so the write must wait");
    assert!(matches!(prompt(writer.write(b"more")).await, Err(TransportError::Failed)));
    let close = timeout(Duration::from_millis(CLOSE_MS / 2), writer.close());
    assert!(close.await.is_ok(), "there is no end to tell, so nothing to wait for");
    let (got, end) = drain(&mut reader).await;
    assert!(!got.is_empty() && bytes.starts_with(&got));
    assert!(matches!(end, Some(TransportError::CutOff)), "{end:?}");
}

#[tokio::test]
async fn a_peer_that_does_not_read_cannot_delay_the_close() {
    let ((_, writer), (_reader, _)) = connected().await;
    while writer.half.try_write(&[0; 65_536]).is_ok() {}
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    prompt(writer.close()).await;
    assert!(start.elapsed() >= Duration::from_millis(CLOSE_MS));
    assert!(start.elapsed() < Duration::from_millis(2 * CLOSE_MS));
}
