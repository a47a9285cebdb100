//! Someone on the path who alters, drops, repeats, reorders or returns records.

use super::*;

/// Three records and the end travel from peer 1 to peer 2 through `change`, which sees their frames
/// from number 2 on. Gives what peer 2 reads.
async fn through(
    change: impl FnMut(usize, Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>> + Send + 'static,
) -> (Vec<u8>, Option<TransportError>) {
    let (dialled, accepted) = intercepted(change, unchanged).await;
    let (one, two) = prompt(both(dialled, accepted)).await;
    let ((_one_reader, mut writer, _), (mut reader, ..)) = (one.unwrap(), two.unwrap());
    for word in [b"one", b"two", b"six"] {
        // The path may have been closed by then, which is for the reader to notice.
        let _ = writer.write(word).await;
    }
    writer.close().await;
    drain(&mut reader).await
}

#[tokio::test]
async fn an_honest_path_changes_nothing() {
    let (got, end) = through(unchanged).await;
    assert_eq!(got, b"onetwosix");
    assert!(end.is_none());
}

#[tokio::test]
async fn every_byte_of_a_record_counts() {
    for offset in LENGTH_BYTES..LENGTH_BYTES + 3 + 16 {
        let (got, end) = through(move |number, mut frame| {
            if number == 3 {
                frame[offset] ^= 1;
            }
            ControlFlow::Continue(frame)
        })
        .await;
        assert_eq!(got, b"one");
        assert!(matches!(end, Some(TransportError::RecordForged { record: 1 })), "{end:?}");
    }
}

#[tokio::test]
async fn a_dropped_record_is_noticed_by_the_next() {
    let (got, end) = through(|number, frame| {
        ControlFlow::Continue(if number == 3 { Vec::new() } else { frame })
    })
    .await;
    assert_eq!(got, b"one");
    assert!(matches!(end, Some(TransportError::RecordForged { record: 1 })), "{end:?}");
}

#[tokio::test]
async fn attack_19_a_replayed_record_is_refused() {
    let (got, end) = through(|number, frame| {
        ControlFlow::Continue(if number == 3 { frame.repeat(2) } else { frame })
    })
    .await;
    assert_eq!(got, b"onetwo");
    assert!(matches!(end, Some(TransportError::RecordForged { record: 2 })), "{end:?}");
}

#[tokio::test]
async fn attack_19_a_record_of_another_connection_is_refused() {
    let mut foreign = Vec::new();
    let ((_, other), _) = connected().await;
    other.session.seal(1, b"two", &mut foreign).unwrap();
    let (got, end) = through(move |number, frame| {
        ControlFlow::Continue(if number == 3 { foreign.clone() } else { frame })
    })
    .await;
    assert_eq!(got, b"one");
    assert!(matches!(end, Some(TransportError::RecordForged { record: 1 })), "{end:?}");
}

#[tokio::test]
async fn attack_19_a_record_sent_back_to_its_writer_is_refused() {
    let ((mut reader, writer), (_, mut other)) = connected().await;
    let mut record = Vec::new();
    writer.session.seal(0, b"mirror", &mut record).unwrap();
    other.half.write_all(&record).await.unwrap();
    let error = prompt(reader.read()).await.unwrap_err();
    assert!(matches!(error, TransportError::RecordForged { record: 0 }), "{error}");
}

#[tokio::test]
async fn a_stream_cut_anywhere_never_ends_cleanly() {
    // Three records of 21 bytes and an end of 18, each cut after some of its bytes.
    for (number, len) in [(2, 21), (3, 21), (4, 21), (5, 18)] {
        for kept in [0, 1, 2, 3, len / 2, len - 1] {
            let (got, end) = through(move |n, mut frame| {
                if n < number {
                    return ControlFlow::Continue(frame);
                }
                assert_eq!(frame.len(), len);
                frame.truncate(kept);
                ControlFlow::Break(frame)
            })
            .await;
            assert_eq!(got, b"onetwosix"[..3 * (number - 2)]);
            assert!(matches!(end, Some(TransportError::CutOff)), "{end:?}");
        }
    }
}
