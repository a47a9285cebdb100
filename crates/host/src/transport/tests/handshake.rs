//! Peers that are silent, slow, wrong or greedy before the handshake ends.

use proptest::prelude::*;

use super::super::{HANDSHAKE_BYTES_MAX, HANDSHAKE_MS, secure};
use super::*;

/// The frames of a handshake: who sends each, and its length without the prefix.
const MESSAGES: [(Side, usize); 3] = [(Side::Dialed, 32), (Side::Accepted, 96), (Side::Dialed, 64)];

/// Runs a handshake in which `message` is replaced on the way by what `change` makes of its frame.
async fn with_message_changed(
    message: usize,
    change: impl Fn(Vec<u8>) -> ControlFlow<Vec<u8>, Vec<u8>> + Send + 'static,
) -> (Secured, Secured) {
    let (changer, number) = (MESSAGES[message].0, message / 2);
    let change = move |n, frame| if n == number { change(frame) } else { unchanged(n, frame) };
    let (dialled, accepted) = match changer {
        Side::Dialed => intercepted(change, unchanged).await,
        Side::Accepted => intercepted(unchanged, change).await,
    };
    prompt(both(dialled, accepted)).await
}

/// The receiver of the changed message, or whoever it answers, must notice, and never by the clock.
async fn assert_noticed(message: usize, (dialler, acceptor): (Secured, Secured)) {
    let error = acceptor.expect_err("the acceptor never knows a peer after a changed message");
    assert!(!matches!(error, TransportError::HandshakeTimeout { .. }), "{error}");
    match dialler {
        Err(error) => assert!(!matches!(error, TransportError::HandshakeTimeout { .. }), "{error}"),
        Ok((mut reader, ..)) => {
            assert_eq!(message, 2, "only the last message is sent without hearing back");
            assert!(prompt(reader.read()).await.is_err());
        }
    }
}

#[tokio::test]
async fn attack_17_every_byte_of_every_message_flipped() {
    for (message, (_, bytes)) in MESSAGES.into_iter().enumerate() {
        for offset in 0..LENGTH_BYTES + bytes {
            let outcome = with_message_changed(message, move |mut frame| {
                frame[offset] ^= 1 << (offset % 8);
                ControlFlow::Continue(frame)
            });
            assert_noticed(message, outcome.await).await;
        }
    }
}

#[tokio::test]
async fn attack_17_every_message_malformed() {
    for (message, (_, bytes)) in MESSAGES.into_iter().enumerate() {
        let mut values: Vec<Vec<u8>> =
            [0, 1, 15, 16, 31, 33, bytes - 1, bytes + 1, 97, 1_024, 65_535]
                .map(|len| framed(&vec![7; len]))
                .into();
        values.extend([0, 1, 0x7f, 0xff].map(|byte| framed(&vec![byte; bytes])));
        values.extend(
            forged::small_order_points()
                .map(|point| framed(&[&point[..], &vec![0; bytes - point.len()]].concat())),
        );
        for value in values {
            let outcome =
                with_message_changed(message, move |_| ControlFlow::Continue(value.clone()));
            assert_noticed(message, outcome.await).await;
        }
    }
}

#[tokio::test]
async fn attack_17_every_message_cut_short() {
    for (message, (_, bytes)) in MESSAGES.into_iter().enumerate() {
        for kept in [0, 1, 2, 3, 17, bytes, bytes + 1] {
            let outcome = with_message_changed(message, move |mut frame| {
                frame.truncate(kept);
                ControlFlow::Break(frame)
            });
            assert_noticed(message, outcome.await).await;
        }
    }
}

#[tokio::test]
async fn attack_59_a_claimed_length_is_refused_before_its_bytes_come() {
    const { assert!(HANDSHAKE_BYTES_MAX <= 1_024) };
    for (side, message, wanted) in [(Side::Accepted, 0, 32), (Side::Dialed, 1, 96)] {
        for claim in [0, 1, 31, 95, 97, 1_024, 65_535_u16] {
            let (ours, mut theirs) = sockets().await;
            theirs.write_all(&claim.to_be_bytes()).await.unwrap();
            match prompt(secured(ours, 1, side)).await {
                Err(TransportError::HandshakeLength { message: at, got, wanted: only }) => {
                    assert_eq!((at, got, only), (message, usize::from(claim), wanted));
                }
                other => panic!("{side:?}, {claim}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn attack_59_a_handshake_in_progress_is_small() {
    let (dialled, _accepted) = sockets().await;
    let one = identity(1);
    let handshake = secure(dialled, &one, Side::Dialed, None);
    assert!(size_of_val(&handshake) <= 4_096, "{} bytes", size_of_val(&handshake));
}

#[tokio::test]
async fn a_silent_peer_times_out() {
    for side in [Side::Dialed, Side::Accepted] {
        let (ours, _theirs) = sockets().await;
        let noise = begin(&identity(1), side).unwrap();
        match prompt(secure_within(ours, noise, None, 30)).await {
            Err(TransportError::HandshakeTimeout { limit_ms: 30 }) => {}
            other => panic!("{side:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_time_limit_of_the_public_function_is_its_constant() {
    let (ours, _theirs) = sockets().await;
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    match secure(ours, &identity(1), Side::Accepted, None).await {
        Err(TransportError::HandshakeTimeout { limit_ms: HANDSHAKE_MS }) => {}
        other => panic!("{other:?}"),
    }
    assert!(start.elapsed() >= Duration::from_millis(HANDSHAKE_MS));
}

#[tokio::test]
async fn a_peer_of_one_byte_at_a_time_times_out() {
    let (ours, mut theirs) = sockets().await;
    let drip = tokio::spawn(async move {
        for byte in framed(&[9; 32]) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if theirs.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    });
    let noise = begin(&identity(1), Side::Accepted).unwrap();
    match prompt(secure_within(ours, noise, None, 100)).await {
        Err(TransportError::HandshakeTimeout { limit_ms: 100 }) => {}
        other => panic!("{other:?}"),
    }
    drip.abort();
}

#[tokio::test]
async fn a_peer_that_leaves_at_once_is_cut_off() {
    for side in [Side::Dialed, Side::Accepted] {
        let (ours, theirs) = sockets().await;
        drop(theirs);
        match prompt(secured(ours, 1, side)).await {
            Err(TransportError::CutOff | TransportError::Io(_)) => {}
            other => panic!("{side:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn two_diallers_refuse_each_other() {
    let (ours, theirs) = sockets().await;
    let (one, two) = prompt(async {
        tokio::join!(secured(ours, 1, Side::Dialed), secured(theirs, 2, Side::Dialed))
    })
    .await;
    // Whoever reads first closes; the other may see only that.
    let wrong_length = |outcome: &Secured| {
        matches!(outcome, Err(TransportError::HandshakeLength { message: 1, got: 32, wanted: 96 }))
    };
    assert!(one.is_err() && two.is_err());
    assert!(wrong_length(&one) || wrong_length(&two));
}

#[tokio::test]
async fn another_prologue_is_another_protocol() {
    let (dialled, accepted) = sockets().await;
    let stranger = snow::Builder::new(super::super::handshake::PROTOCOL.parse().unwrap())
        .prologue(b"isonomy transport 2")
        .unwrap()
        .local_private_key(&[2; 32])
        .unwrap()
        .build_responder()
        .unwrap();
    let (one, two) = prompt(async {
        tokio::join!(
            secured(dialled, 1, Side::Dialed),
            secure_within(accepted, stranger, None, TEST_MS)
        )
    })
    .await;
    assert!(matches!(one, Err(TransportError::HandshakeForged { message: 1 })), "{one:?}");
    assert!(two.is_err());
}

#[tokio::test]
async fn a_node_that_dials_itself_sees_its_own_key() {
    let (dialled, accepted) = sockets().await;
    let (one, two) = prompt(async {
        tokio::join!(secured(dialled, 1, Side::Dialed), secured(accepted, 1, Side::Accepted))
    })
    .await;
    assert_eq!((one.unwrap().2, two.unwrap().2), (identity(1).public(), identity(1).public()));
}

#[tokio::test]
async fn small_writes_are_not_delayed() {
    let ((_, one), (_, two)) = connected().await;
    assert!(one.half.as_ref().nodelay().unwrap() && two.half.as_ref().nodelay().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn attack_17_random_bytes_are_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        dialled in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ours, mut theirs) = sockets().await;
            theirs.write_all(&bytes).await.unwrap();
            theirs.shutdown().await.unwrap();
            let side = if dialled { Side::Dialed } else { Side::Accepted };
            let error = prompt(secured(ours, 1, side)).await.err().unwrap();
            assert!(!matches!(error, TransportError::HandshakeTimeout { .. }), "{error}");
        });
    }
}
