//! From a stream of bytes to messages, whatever the bytes are.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::samples::{largest_messages, messages};
use common::{Rig, hash, hashes, hello};
use isonomy_peer::{
    Direction, FRAME_BYTES_MAX, HANDSHAKE_FRAME_BYTES_MAX, Message, Output, Violation,
};
use isonomy_types::{Decode, Encode, Link};
use proptest::prelude::*;

fn head(length: u32, kind: u8) -> Vec<u8> {
    let mut head = length.to_le_bytes().to_vec();
    head.push(kind);
    head
}

/// A link that was asked for everything, so that every answer is expected.
fn asked(rig: &mut Rig) -> Link {
    let link = rig.dialled();
    rig.call(|peers, now| {
        peers.ask_headers(now, link, hashes(0..1));
        peers.want(now, vec![hash(9)]);
        peers.request_transactions(now, link, vec![hash(12)]);
        peers.ask_addresses(now, link);
    });
    link
}

#[test]
fn attack_59_before_the_handshake_ends_at_most_one_kibibyte_is_held() {
    let empty = {
        let mut rig = Rig::new();
        rig.open(Direction::Inbound);
        rig.peers.buffered()
    };
    for length in [1, 2, 500, 1_019, 1_020, 1_021, 1_024, 65_536, 5 << 20, u32::MAX] {
        for kind in [0, 1, 4, 7, 99] {
            for size in [1, 3, 700] {
                let mut rig = Rig::new();
                let link = rig.open(Direction::Inbound);
                let stream = [head(length, kind), vec![0; 2_000]].concat();
                for piece in stream.chunks(size) {
                    rig.receive(link, piece.to_vec());
                    assert!(rig.peers.buffered() <= empty + 1_024);
                }
                if length as usize > HANDSHAKE_FRAME_BYTES_MAX {
                    assert!(matches!(rig.violation(link), Violation::FrameTooLong { .. }));
                }
                assert!(!rig.is_open(link), "length {length}, kind {kind}");
            }
        }
    }
}

#[test]
fn attack_06_a_claimed_count_is_not_believed() {
    // Kinds that begin with a list, a claimed count, and nothing after it.
    for kind in [3, 4, 5, 9, 10, 11, 13, 14] {
        for count in [u32::MAX, 1 << 31, 100_000, 1] {
            let mut rig = Rig::new();
            let link = asked(&mut rig);
            rig.receive(link, [head(5, kind), count.to_le_bytes().to_vec()].concat());
            assert!(matches!(rig.violation(link), Violation::Malformed(_)), "kind {kind}");
        }
    }
}

#[test]
fn each_kind_may_be_as_long_as_its_longest_and_no_longer() {
    for message in largest_messages() {
        let frame = message.to_frame();
        let kind = frame[4];
        let mut rig = Rig::new();
        let link = asked(&mut rig);
        rig.receive(link, frame[..5].to_vec());
        assert!(rig.is_open(link), "{kind} at {} bytes", frame.len() - 4);
        let mut limit = frame.len() - 4;
        match kind {
            0 => limit = HANDSHAKE_FRAME_BYTES_MAX,
            4 => limit = FRAME_BYTES_MAX,
            _ => {}
        }
        let mut rig = Rig::new();
        let link = asked(&mut rig);
        rig.receive(link, head(limit as u32 + 1, kind));
        let got = limit + 1;
        assert_eq!(*rig.violation(link), Violation::FrameTooLong { got, limit }, "kind {kind}");
    }
}

#[test]
fn false_lengths_are_refused_as_soon_as_they_are_read() {
    for length in [FRAME_BYTES_MAX as u32 + 1, u32::MAX] {
        let mut rig = Rig::new();
        let link = rig.dialled();
        rig.receive(link, length.to_le_bytes().to_vec());
        let (got, limit) = (length as usize, FRAME_BYTES_MAX);
        assert_eq!(*rig.violation(link), Violation::FrameTooLong { got, limit });
    }
    let mut rig = Rig::new();
    let link = rig.dialled();
    rig.receive(link, vec![0; 4]);
    assert_eq!(*rig.violation(link), Violation::Malformed("an empty frame".into()));
}

#[test]
fn a_length_that_does_not_fit_its_message_is_malformed() {
    for message in messages().into_iter().skip(1) {
        for change in [-1_i64, 1] {
            let mut frame = message.to_frame();
            let length = (frame.len() as i64 - 4 + change) as u32;
            frame[..4].copy_from_slice(&length.to_le_bytes());
            frame.push(0);
            let mut rig = Rig::new();
            let link = asked(&mut rig);
            rig.receive(link, frame);
            let named = matches!(
                rig.violation(link),
                Violation::Malformed(_) | Violation::FrameTooLong { .. }
            );
            assert!(named, "{message:?} {change}");
        }
    }
}

#[test]
fn half_a_message_does_nothing_and_the_other_half_completes_it() {
    for message in messages().into_iter().skip(1) {
        let frame = message.to_frame();
        let outputs = |cut: Option<usize>| {
            let mut rig = Rig::new();
            let link = asked(&mut rig);
            rig.forget();
            if let Some(cut) = cut {
                rig.receive(link, frame[..cut].to_vec());
                assert!(rig.outputs().is_empty() || !rig.is_open(link));
                assert!(rig.sent(link).is_empty());
                rig.receive(link, frame[cut..].to_vec());
            } else {
                rig.receive(link, frame.clone());
            }
            (rig.outputs(), rig.sent(link), rig.closed(link).cloned())
        };
        for cut in 0..frame.len().min(40) {
            assert_eq!(outputs(Some(cut)), outputs(None), "{message:?} cut at {cut}");
        }
    }
}

/// Streams that are partly sense.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let sense = prop::sample::select(messages()).prop_map(|message| message.to_frame());
    let noise = prop::collection::vec(any::<u8>(), 1..60);
    let framed = (any::<u8>(), prop::collection::vec(any::<u8>(), 0..100))
        .prop_map(|(kind, rest)| [head(rest.len() as u32 + 1, kind), rest].concat());
    let bent = (prop::sample::select(messages()), any::<prop::sample::Index>(), any::<u8>());
    let bent = bent.prop_map(|(message, index, byte)| {
        let mut frame = message.to_frame();
        let at = index.index(frame.len());
        frame[at] = byte;
        frame
    });
    let part = prop_oneof![8 => sense, 1 => noise, 3 => framed, 3 => bent];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

/// Everything that comes of `pieces`, in order.
fn outputs(pieces: &[&[u8]], greeted: bool) -> Vec<Output> {
    let mut rig = Rig::new();
    let other = rig.accepted();
    let link = if greeted { asked(&mut rig) } else { rig.open(Direction::Inbound) };
    let mut outputs = Vec::new();
    for piece in pieces {
        rig.peers.handle(rig.now, isonomy_peer::Input::Received { link, bytes: piece.to_vec() });
        outputs.extend(std::iter::from_fn(|| rig.peers.poll()));
    }
    assert!(rig.is_open(other), "a stream harms its own link alone");
    outputs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn however_a_stream_is_cut_the_outputs_are_the_same(
        stream in stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        greeted: bool,
    ) {
        let stream = if greeted {
            stream
        } else {
            [Message::Hello(hello(5)).to_frame(), stream].concat()
        };
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        at.extend([0, stream.len()]);
        at.sort_unstable();
        let pieces: Vec<_> = at.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        let bytes: Vec<_> = stream.chunks(1).collect();
        let whole = outputs(&[&stream], greeted);
        prop_assert_eq!(&outputs(&pieces, greeted), &whole);
        prop_assert_eq!(&outputs(&bytes, greeted), &whole);
    }

    #[test]
    fn attack_08_a_message_has_one_encoding(
        message in prop::sample::select(messages()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = message.encode();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.extend(tail);
        if let Ok(decoded) = Message::decode_exact(&bytes) {
            prop_assert_eq!(decoded.encode(), bytes);
        }
    }

    #[test]
    fn attack_08_random_bytes_decode_to_what_encodes_to_them(
        kind in 0_u8..16,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [vec![kind], bytes].concat();
        if let Ok(decoded) = Message::decode_exact(&bytes) {
            prop_assert_eq!(decoded.encode(), bytes);
        }
    }
}
