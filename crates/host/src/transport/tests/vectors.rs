//! Keys of RFC 7748, and the bytes of one connection from a second implementation of Noise, written
//! from revision 34 of its specification on other primitives. A change here is a change of format.

use snow::{Builder, HandshakeState};

use super::super::error::hex;
use super::super::handshake::{PROLOGUE, PROTOCOL};
use super::*;

/// The connection's frames: static secrets are all ones and all twos, ephemeral ones threes and fours.
const DIALLER: [&str; 3] = [
    "00205dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22",
    "0040b7cdf8c991735a27cbc64fb59293bea96330d41179052f565b352ffad9b79b87549956897f496f1e4f327f1f\
     7794346c3ab9cd231b50f4d6feeccd3039a29b59",
    "0015080be1478366f34f9ec00f50d66049f7f86e60fd310010453763cddc7d11de48da5b318e913603",
];
const ACCEPTOR: [&str; 2] = [
    "0060ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10ba008df889bb35e8223335723\
     afaf9154defd8da5df240cc3592090c2fb4518e0253e706227f0c0cf22c8c351bfb771387da2fa55ecd74109c3ec\
     4424f2fa573e",
    "00153ab620cecf20963421bdae14e9710f494d105f146700105c7c391a4888798d85c02fc4da037034",
];

fn fixed(side: Side) -> HandshakeState {
    let (secret, ephemeral) =
        if side == Side::Dialed { ([1; 32], [3; 32]) } else { ([2; 32], [4; 32]) };
    let noise = Builder::new(PROTOCOL.parse().unwrap())
        .prologue(PROLOGUE)
        .unwrap()
        .local_private_key(&secret)
        .unwrap()
        .fixed_ephemeral_key_for_testing_only(&ephemeral);
    match side {
        Side::Dialed => noise.build_initiator().unwrap(),
        Side::Accepted => noise.build_responder().unwrap(),
    }
}

#[test]
fn keys_of_rfc_7748() {
    for (secret, public) in [
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        ),
    ] {
        let identity = Identity::from_secret(key(secret)).unwrap();
        assert_eq!(identity.public(), key(public));
        assert_eq!(*identity.secret(), key(secret));
    }
}

#[test]
fn an_identity_shows_its_public_key_alone() {
    let identity = Identity::from_secret([7; 32]).unwrap();
    assert_eq!(format!("{identity:?}"), format!("Identity({})", hex(&identity.public())));
}

#[test]
fn generated_identities_differ_and_come_back_from_their_secrets() {
    let (one, two) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    assert_ne!(one.public(), two.public());
    assert_eq!(Identity::from_secret(*one.secret()).unwrap().public(), one.public());
    assert_ne!(*one.secret(), [0; 32]);
}

/// Plays one side from the list, and checks that the other answers as the list says.
async fn play(
    side: Side,
    says: &[&str],
    hears: &[&str],
    word: &[u8],
    answer: &[u8],
    peer: [u8; 32],
) {
    let (ours, mut theirs) = sockets().await;
    let script = unhex(&says.concat());
    theirs.write_all(&script).await.unwrap();
    let (mut reader, mut writer, remote) =
        prompt(secure_within(ours, fixed(side), None, TEST_MS)).await.unwrap();
    assert_eq!(remote, peer);
    let (got, end) = drain(&mut reader).await;
    assert!(got == answer && end.is_none());
    writer.write(word).await.unwrap();
    writer.close().await;
    let mut heard = Vec::new();
    prompt(theirs.read_to_end(&mut heard)).await.unwrap();
    assert_eq!(heard, unhex(&hears.concat()));
}

#[tokio::test]
async fn a_dialler_speaks_as_the_specification_says() {
    let remote = key("ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59");
    play(Side::Dialed, &ACCEPTOR, &DIALLER, b"hello", b"world", remote).await;
}

#[tokio::test]
async fn an_acceptor_speaks_as_the_specification_says() {
    let remote = key("a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209");
    play(Side::Accepted, &DIALLER, &ACCEPTOR, b"world", b"hello", remote).await;
}
