//! The stream against a model: what arrives is exactly what left, up to the first altered record.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What someone on the path does to the frame at a position.
#[derive(Debug, Clone)]
enum Tampering {
    Flip { offset: usize, bit: u8 },
    Drop,
    Repeat,
    SwapWithNext,
    Insert(Vec<u8>),
    Cut { kept: usize },
}

fn tampering() -> impl Strategy<Value = Tampering> {
    prop_oneof![
        (any::<usize>(), 0..8_u8).prop_map(|(offset, bit)| Tampering::Flip { offset, bit }),
        Just(Tampering::Drop),
        Just(Tampering::Repeat),
        Just(Tampering::SwapWithNext),
        vec(any::<u8>(), 1..80).prop_map(Tampering::Insert),
        any::<usize>().prop_map(|kept| Tampering::Cut { kept }),
    ]
}

/// The frames as they go on after the tampering at `at`.
fn tamper(mut frames: Vec<Vec<u8>>, at: usize, tampering: &Tampering) -> Vec<Vec<u8>> {
    match tampering {
        Tampering::Flip { offset, bit } => {
            let offset = offset % frames[at].len();
            frames[at][offset] ^= 1 << bit;
        }
        Tampering::Drop => drop(frames.remove(at)),
        Tampering::Repeat => frames.insert(at, frames[at].clone()),
        Tampering::SwapWithNext => {
            let next = (at + 1).min(frames.len() - 1);
            frames.swap(at, next);
        }
        Tampering::Insert(bytes) => frames.insert(at, bytes.clone()),
        Tampering::Cut { kept } => {
            frames.truncate(at + 1);
            let kept = kept % frames[at].len();
            frames[at].truncate(kept);
        }
    }
    frames
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn send_all(mut writer: Writer, writes: &[Vec<u8>]) {
    for bytes in writes {
        // Where the path was cut the write may fail, which is for the reader to notice.
        let _ = writer.write(bytes).await;
    }
    writer.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn both_streams_arrive_as_they_left(
        up in vec((0..200_000_usize).prop_map(pattern), 0..6),
        down in vec(vec(any::<u8>(), 0..400), 0..20),
    ) {
        run(async {
            let ((mut one_reader, one_writer), (mut two_reader, two_writer)) = connected().await;
            let (_, _, at_one, at_two) = prompt(async { tokio::join!(
                send_all(one_writer, &up),
                send_all(two_writer, &down),
                drain(&mut one_reader),
                drain(&mut two_reader),
            ) })
            .await;
            assert!(at_one.1.is_none() && at_two.1.is_none());
            assert!(at_one.0 == down.concat() && at_two.0 == up.concat());
        });
    }

    #[test]
    fn what_arrives_ends_before_the_first_altered_record(
        writes in vec(vec(any::<u8>(), 1..300), 0..6),
        at in any::<usize>(),
        tampering in tampering(),
    ) {
        run(async {
            let at = at % (writes.len() + 1);
            // The frames after the handshake's two are gathered up to the end, then changed.
            let (mut held, count) = (Vec::new(), writes.len() + 1);
            let (sender, kept) = tokio::sync::oneshot::channel();
            let mut sender = Some(sender);
            let (dialled, accepted) = intercepted(
                move |number, frame| {
                    if number < 2 {
                        return ControlFlow::Continue(frame);
                    }
                    held.push(frame);
                    if held.len() < count {
                        return ControlFlow::Continue(Vec::new());
                    }
                    let sent = held.concat();
                    let changed = tamper(held.clone(), at, &tampering).concat();
                    let same = sent.iter().zip(&changed).take_while(|(a, b)| a == b).count();
                    sender.take().unwrap().send(same).unwrap();
                    ControlFlow::Break(changed)
                },
                unchanged,
            )
            .await;
            let (one, two) = prompt(both(dialled, accepted)).await;
            let ((_one_reader, writer, _), (mut reader, ..)) = (one.unwrap(), two.unwrap());
            send_all(writer, &writes).await;
            let (got, end) = drain(&mut reader).await;

            // The model: whole records within the unchanged bytes arrive, and no others.
            let mut left = kept.await.unwrap();
            let mut wanted = Vec::new();
            for bytes in &writes {
                let Some(rest) = left.checked_sub(LENGTH_BYTES + bytes.len() + 16) else { break };
                left = rest;
                wanted.extend_from_slice(bytes);
            }
            let clean = wanted == writes.concat() && left >= LENGTH_BYTES + 16;
            assert!(got == wanted);
            assert_eq!(end.is_none(), clean, "{end:?}");
        });
    }

    #[test]
    fn attack_20_random_bytes_are_never_data(bytes in vec(any::<u8>(), 0..600)) {
        run(async {
            let ((_, mut writer), (mut reader, _)) = connected().await;
            writer.half.write_all(&bytes).await.unwrap();
            drop(writer);
            let (got, end) = drain(&mut reader).await;
            assert!(got.is_empty() && end.is_some());
        });
    }
}
