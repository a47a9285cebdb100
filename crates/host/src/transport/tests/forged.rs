//! Peers that claim a key which is not theirs.

use core::sync::atomic::{AtomicBool, Ordering};

use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState};

use super::super::handshake::{PROLOGUE, PROTOCOL};
use super::super::secure;
use super::*;

/// A static key pair whose public half is a lie. With `zero` its shared secrets are guessed as zero.
struct Posing {
    curve: Box<dyn Dh>,
    public: [u8; 32],
    zero: bool,
}

impl Dh for Posing {
    fn name(&self) -> &'static str {
        self.curve.name()
    }

    fn pub_len(&self) -> usize {
        self.curve.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.curve.priv_len()
    }

    fn set(&mut self, secret: &[u8]) {
        self.curve.set(secret);
    }

    fn generate(&mut self, random: &mut dyn Random) -> Result<(), snow::Error> {
        self.curve.generate(random)
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.curve.privkey()
    }

    fn dh(&self, public: &[u8], out: &mut [u8]) -> Result<(), snow::Error> {
        if self.zero {
            out.fill(0);
            return Ok(());
        }
        self.curve.dh(public, out)
    }
}

/// Hands out the posing key pair first, where `snow` asks for the static one, then honest ones.
struct Poser {
    public: [u8; 32],
    zero: bool,
    posed: AtomicBool,
}

impl CryptoResolver for Poser {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        DefaultResolver.resolve_rng()
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        let curve = DefaultResolver.resolve_dh(choice)?;
        if self.posed.swap(true, Ordering::Relaxed) {
            return Some(curve);
        }
        Some(Box::new(Posing { curve, public: self.public, zero: self.zero }))
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

fn poser(side: Side, public: [u8; 32], zero: bool) -> HandshakeState {
    let poser = Poser { public, zero, posed: AtomicBool::new(false) };
    let noise = Builder::with_resolver(PROTOCOL.parse().unwrap(), Box::new(poser))
        .prologue(PROLOGUE)
        .unwrap()
        .local_private_key(&[66; 32])
        .unwrap();
    match side {
        Side::Dialed => noise.build_initiator().unwrap(),
        Side::Accepted => noise.build_responder().unwrap(),
    }
}

/// The outcomes of peer 1, on `side`, and of someone who poses as the owner of `public`.
async fn against_poser(side: Side, public: [u8; 32], zero: bool) -> (Secured, Secured) {
    let (ours, theirs) = sockets().await;
    let their_side = if side == Side::Dialed { Side::Accepted } else { Side::Dialed };
    let noise = poser(their_side, public, zero);
    prompt(async {
        tokio::join!(secured(ours, 1, side), secure_within(theirs, noise, None, TEST_MS))
    })
    .await
}

/// Every u-coordinate whose points have small order, and two unreduced spellings of them
/// (Bernstein, "Curve25519", "May I use any public key?").
pub(super) fn small_order_points() -> [[u8; 32]; 7] {
    [
        with_ends(0, 0, 0),
        with_ends(1, 0, 0),
        key("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        key("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        with_ends(0xec, 0xff, 0x7f),
        with_ends(0xed, 0xff, 0x7f),
        with_ends(0xee, 0xff, 0x7f),
    ]
}

fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

#[tokio::test]
async fn attack_18_a_man_in_the_middle_shows_his_own_key() {
    let (dialled, accepted) = sockets().await;
    let (victim, mallory) = prompt(async {
        tokio::join!(secured(dialled, 1, Side::Dialed), secured(accepted, 66, Side::Accepted))
    })
    .await;
    assert_eq!(victim.unwrap().2, identity(66).public());
    assert_eq!(mallory.unwrap().2, identity(1).public());
}

#[tokio::test]
async fn attack_18_forged_peer_identity_is_refused() {
    let (dialled, accepted) = sockets().await;
    let (one, friend) = (identity(1), identity(2).public());
    let (victim, mallory) = prompt(async {
        tokio::join!(
            secure(dialled, &one, Side::Dialed, Some(friend)),
            secured(accepted, 66, Side::Accepted)
        )
    })
    .await;
    match victim {
        Err(TransportError::WrongKey { got, wanted }) => {
            assert_eq!((got, wanted), (identity(66).public(), friend));
        }
        other => panic!("{other:?}"),
    }
    // The dialler hangs up before it says who it is.
    assert!(matches!(mallory, Err(TransportError::CutOff | TransportError::Io(_))));
}

#[tokio::test]
async fn an_expected_peer_is_let_in_and_another_is_not() {
    for (expected, welcome) in [(1, true), (3, false)] {
        let (dialled, accepted) = sockets().await;
        let (two, expected) = (identity(2), identity(expected).public());
        let (_, acceptor) = prompt(async {
            tokio::join!(
                secured(dialled, 1, Side::Dialed),
                secure(accepted, &two, Side::Accepted, Some(expected))
            )
        })
        .await;
        match acceptor {
            Ok((.., remote)) => assert!(welcome && remote == expected),
            Err(TransportError::WrongKey { got, wanted }) => {
                assert!(!welcome);
                assert_eq!((got, wanted), (identity(1).public(), expected));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn attack_18_a_key_without_its_secret_is_refused() {
    for (side, judged) in [(Side::Dialed, 1), (Side::Accepted, 2)] {
        for zero in [false, true] {
            match against_poser(side, identity(2).public(), zero).await.0 {
                Err(TransportError::HandshakeForged { message }) => assert_eq!(message, judged),
                other => panic!("{side:?}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn attack_21_a_key_that_needs_no_secret_is_refused() {
    for side in [Side::Dialed, Side::Accepted] {
        for point in small_order_points() {
            match against_poser(side, point, true).await.0 {
                Err(TransportError::WeakKey { got }) => assert_eq!(got, point),
                other => panic!("{side:?}, {point:02x?}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn attack_18_an_error_names_both_keys() {
    let error = TransportError::WrongKey { got: [0xab; 32], wanted: [0xcd; 32] }.to_string();
    assert_eq!(error, format!("the peer's key is {}, not {}", "ab".repeat(32), "cd".repeat(32)));
}
