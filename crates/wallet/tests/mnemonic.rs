//! BIP39 and BIP32: published vectors, the path, and words that are none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]
use bip32::{ChildNumber, ExtendedPrivateKey, ExtendedPublicKey, Prefix, XPrv, XPub};
use isonomy_wallet::{
    ACCOUNT_INDEX_END, MNEMONIC_PASSPHRASE_BYTES_MAX, Mnemonic, MnemonicError, WalletError,
    WordCount,
};
use std::path::Path;

const ABANDON: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon about";

/// The folder's file, or `None` where it is missing. Under `CI` it must be there.
fn vectors() -> Option<serde_json::Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    match std::fs::read_to_string(Path::new(folder).join("bip39.json")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) if std::env::var_os("CI").is_some() => panic!("bip39.json: {error}"),
        Err(error) => {
            eprintln!("skipped: no vectors bip39.json: {error}");
            None
        }
    }
}

#[test]
fn bip39_vectors_pass() {
    let Some(vectors) = vectors() else { return };
    let rows = vectors["english"].as_array().unwrap();
    assert_eq!(rows.len(), 24);
    for row in rows {
        let [entropy, words, seed, key] = [0, 1, 2, 3].map(|at| row[at].as_str().unwrap());
        let drawn = Mnemonic::from_entropy(&const_hex::decode(entropy).unwrap()).unwrap();
        assert_eq!(*drawn.words(), words);
        let read = Mnemonic::parse(words).unwrap();
        assert_eq!(read.words(), drawn.words());
        let read = read.with_passphrase("TREZOR").unwrap();
        assert_eq!(const_hex::encode(*read.seed()), seed, "{words}");
        let root = XPrv::new(&*read.seed()).unwrap();
        assert_eq!(*root.to_string(Prefix::XPRV), key, "{words}");
    }
}

/// One chain of BIP32's test vectors: a seed, steps, and the keys after each.
struct Chain {
    seed: &'static str,
    steps: &'static [(&'static str, &'static str, &'static str)],
}

/// Test vectors 1 to 4: a hardened step ends in `'`, and `m` is the root.
const CHAINS: [Chain; 4] = [
    Chain {
        seed: "000102030405060708090a0b0c0d0e0f",
        steps: &[
            (
                "m",
                "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            ),
            (
                "0'",
                "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
                "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7",
            ),
            (
                "1",
                "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ",
                "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs",
            ),
            (
                "2'",
                "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5",
                "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM",
            ),
            (
                "2",
                "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV",
                "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334",
            ),
            (
                "1000000000",
                "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy",
                "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76",
            ),
        ],
    },
    Chain {
        seed: "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
        steps: &[
            (
                "m",
                "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
                "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U",
            ),
            (
                "0",
                "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
                "xprv9vHkqa6EV4sPZHYqZznhT2NPtPCjKuDKGY38FBWLvgaDx45zo9WQRUT3dKYnjwih2yJD9mkrocEZXo1ex8G81dwSM1fwqWpWkeS3v86pgKt",
            ),
            (
                "2147483647'",
                "xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8RuJiHjaDMBU4Zn9h8LZNnBC5y4a",
                "xprv9wSp6B7kry3Vj9m1zSnLvN3xH8RdsPP1Mh7fAaR7aRLcQMKTR2vidYEeEg2mUCTAwCd6vnxVrcjfy2kRgVsFawNzmjuHc2YmYRmagcEPdU9",
            ),
            (
                "1",
                "xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89LojfZ537wTfunKau47EL2dhHKon",
                "xprv9zFnWC6h2cLgpmSA46vutJzBcfJ8yaJGg8cX1e5StJh45BBciYTRXSd25UEPVuesF9yog62tGAQtHjXajPPdbRCHuWS6T8XA2ECKADdw4Ef",
            ),
            (
                "2147483646'",
                "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL",
                "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc",
            ),
            (
                "2",
                "xpub6FnCn6nSzZAw5Tw7cgR9bi15UV96gLZhjDstkXXxvCLsUXBGXPdSnLFbdpq8p9HmGsApME5hQTZ3emM2rnY5agb9rXpVGyy3bdW6EEgAtqt",
                "xprvA2nrNbFZABcdryreWet9Ea4LvTJcGsqrMzxHx98MMrotbir7yrKCEXw7nadnHM8Dq38EGfSh6dqA9QWTyefMLEcBYJUuekgW4BYPJcr9E7j",
            ),
        ],
    },
    Chain {
        seed: "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be",
        steps: &[
            (
                "m",
                "xpub661MyMwAqRbcEZVB4dScxMAdx6d4nFc9nvyvH3v4gJL378CSRZiYmhRoP7mBy6gSPSCYk6SzXPTf3ND1cZAceL7SfJ1Z3GC8vBgp2epUt13",
                "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6",
            ),
            (
                "0'",
                "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y",
                "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L",
            ),
        ],
    },
    Chain {
        seed: "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678",
        steps: &[
            (
                "m",
                "xpub661MyMwAqRbcGczjuMoRm6dXaLDEhW1u34gKenbeYqAix21mdUKJyuyu5F1rzYGVxyL6tmgBUAEPrEz92mBXjByMRiJdba9wpnN37RLLAXa",
                "xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv",
            ),
            (
                "0'",
                "xpub69AUMk3qDBi3uW1sXgjCmVjJ2G6WQoYSnNHyzkmdCHEhSZ4tBok37xfFEqHd2AddP56Tqp4o56AePAgCjYdvpW2PU2jbUPFKsav5ut6Ch1m",
                "xprv9vB7xEWwNp9kh1wQRfCCQMnZUEG21LpbR9NPCNN1dwhiZkjjeGRnaALmPXCX7SgjFTiCTT6bXes17boXtjq3xLpcDjzEuGLQBM5ohqkao9G",
            ),
            (
                "1'",
                "xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9T5XnxkopaeS7jGk1GyyVziaMt",
                "xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1",
            ),
        ],
    },
];

/// Of test vector 5, whatever is no key. Its four roots with a parent are left out: `bip32` takes
/// them, and nothing here reads extended keys.
const NO_KEYS: [&str; 12] = [
    "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6LBpB85b3D2yc8sfvZU521AAwdZafEz7mnzBBsz4wKY5fTtTQBm",
    "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFGTQQD3dC4H2D5GBj7vWvSQaaBv5cxi9gafk7NF3pnBju6dwKvH",
    "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Txnt3siSujt9RCVYsx4qHZGc62TG4McvMGcAUjeuwZdduYEvFn",
    "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFGpWnsj83BHtEy5Zt8CcDr1UiRXuWCmTQLxEK9vbz5gPstX92JQ",
    "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6N8ZMMXctdiCjxTNq964yKkwrkBJJwpzZS4HS2fxvyYUA4q2Xe4",
    "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD9y5gkZ6Eq3Rjuahrv17fEQ3Qen6J",
    "DMwo58pR1QLEFihHiXPVykYB6fJmsTeHvyTp7hRThAtCX8CvYzgPcn8XnmdfHGMQzT7ayAmfo4z3gY5KfbrZWZ6St24UVf2Qgo6oujFktLHdHY4",
    "DMwo58pR1QLEFihHiXPVykYB6fJmsTeHvyTp7hRThAtCX8CvYzgPcn8XnmdfHPmHJiEDXkTiJTVV9rHEBUem2mwVbbNfvT2MTcAqj3nesx8uBf9",
    "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzF93Y5wvzdUayhgkkFoicQZcP3y52uPPxFnfoLZB21Teqt1VvEHx",
    "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD5SDKr24z3aiUvKr9bJpdrcLg1y3G",
    "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Q5JXayek4PRsn35jii4veMimro1xefsM58PgBMrvdYre8QyULY",
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBzrMPHL",
];

#[test]
fn bip32_vectors_pass() {
    for Chain { seed, steps } in CHAINS {
        let seed = const_hex::decode(seed).unwrap();
        let mut key = ExtendedPrivateKey::<k256::SecretKey>::new(&seed).unwrap();
        for (step, public, private) in steps {
            if *step != "m" {
                let hardened = step.ends_with('\'');
                let index = step.trim_end_matches('\'').parse().unwrap();
                key = key.derive_child(ChildNumber::new(index, hardened).unwrap()).unwrap();
            }
            assert_eq!(*key.to_string(Prefix::XPRV), *private, "{step}");
            let shown: ExtendedPublicKey<k256::PublicKey> = key.public_key();
            assert_eq!(shown.to_string(Prefix::XPUB), *public, "{step}");
        }
    }
    for text in NO_KEYS {
        assert!(text.parse::<XPrv>().is_err() && text.parse::<XPub>().is_err(), "{text}");
    }
}

#[test]
fn an_account_lies_on_the_path_that_is_documented() {
    let mnemonic = Mnemonic::parse(ABANDON).unwrap();
    assert_eq!(Mnemonic::path(3), "m/86'/1'/3'/0/0");
    for index in [0, 1, 7, ACCOUNT_INDEX_END - 1] {
        let path = Mnemonic::path(index).parse().unwrap();
        let key = XPrv::derive_from_path(&*mnemonic.seed(), &path).unwrap();
        let secret = mnemonic.account(index).unwrap();
        assert_eq!(*secret.to_bytes(), key.to_bytes(), "{path}");
        // x-only: the point's first coordinate, whichever its second.
        assert_eq!(secret.public().as_bytes(), &key.public_key().to_bytes()[1..], "{path}");
    }
    // BIP86's keys of Bitcoin's test networks for the same words: an independent implementation's.
    let key = mnemonic.account(0).unwrap().public().to_string();
    assert_eq!(key, "55355ca83c973f1d97ce0e3843c85d78905af16b4dc531bc488e57212d230116");
    let index = ACCOUNT_INDEX_END;
    assert_eq!(mnemonic.account(index).unwrap_err(), MnemonicError::Index { index });
}

#[test]
fn a_passphrase_of_its_own_gives_other_keys() {
    let plain = Mnemonic::parse(ABANDON).unwrap();
    assert!(!plain.has_passphrase());
    let other = plain.clone().with_passphrase("caf\u{e9}").unwrap();
    assert!(other.has_passphrase());
    assert_ne!(plain.account(0).unwrap().public(), other.account(0).unwrap().public());
    // Two spellings of é are one: BIP39 normalises.
    let spelt = plain.clone().with_passphrase("cafe\u{301}").unwrap();
    assert_eq!(spelt.account(0).unwrap().public(), other.account(0).unwrap().public());
    let long = "x".repeat(MNEMONIC_PASSPHRASE_BYTES_MAX + 1);
    let error = plain.with_passphrase(&long).unwrap_err();
    assert!(matches!(error, MnemonicError::Passphrase { got: 257, limit: 256 }), "{error}");
}

#[test]
fn words_that_are_no_mnemonic_say_what_is_wrong_and_repeat_none() {
    let swapped = ABANDON.replacen("abandon", "zoo", 1);
    let short = &ABANDON[8..];
    let unknown = ABANDON.replacen("abandon", "abandoned", 1).replace("about", "abandoned");
    let table = [
        ("", "has 0 words, expected 12"),
        (short, "has 11 words"),
        (&*unknown, "word 1 of the mnemonic is not"),
        (&*swapped, "checksum is wrong"),
        (&ABANDON.replace("about", "above"), "checksum is wrong"),
    ];
    for (text, words) in table {
        let error = Mnemonic::parse(text).unwrap_err();
        assert!(error.to_string().contains(words), "{text}: {error}");
        for secret in ["abandon", "zoo", "above"] {
            assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
        }
    }
    let spaced = format!("  {}\n", ABANDON.to_uppercase().replace(' ', "\t  "));
    assert_eq!(*Mnemonic::parse(&spaced).unwrap().words(), ABANDON);
}

#[test]
fn new_words_differ_and_come_back_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (twelve, more) = (Mnemonic::generate(WordCount::Twelve), WordCount::TwentyFour);
    let (twelve, more) = (twelve.unwrap(), Mnemonic::generate(more).unwrap());
    assert_eq!(twelve.words().split(' ').count(), 12);
    assert_eq!(more.words().split(' ').count(), 24);
    assert_ne!(twelve.words(), Mnemonic::generate(WordCount::Twelve).unwrap().words());
    let path = dir.path().join("words");
    more.create(&path).unwrap();
    assert_eq!(Mnemonic::open(&path).unwrap().words(), more.words());
    assert!(matches!(more.create(&path), Err(WalletError::Exists { .. })));
    assert_eq!(format!("{more:?}"), "Mnemonic(..)");
}
