//! The bytes of the file, and what becomes of a bad one.
use super::*;
use isonomy_types::{Address, Intent, List, Nonce, Signer, Version};

const CHAIN: Hash = Hash::from_bytes([7; 32]);

fn transaction(seq: u64) -> Transaction {
    let signer = Signer { account: Address::default(), nonce: Nonce { lane: 0, seq } };
    let intent = Intent {
        version: Version,
        signers: vec![signer].try_into().unwrap(),
        actions: List::default(),
        meter_limit: 1,
        price: 2,
        expires: 3,
    };
    Transaction::new(intent, List::default())
}

fn file(dir: &Path) -> MempoolFile {
    MempoolFile { path: dir.join("mempool"), genesis: CHAIN, write_ms: MEMPOOL_WRITE_MS }
}

fn names(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Frozen: a change of this is a new version.
#[test]
fn the_bytes_are_these() {
    let bytes = encode(&[transaction(1)], CHAIN);
    let entry = transaction(1).encode();
    let (head, rest) = bytes.split_at(HEAD_BYTES);
    assert_eq!(head, [&b"isonpool"[..], &[1, 0, 0, 0], &[7; 32], &[1, 0, 0, 0]].concat());
    assert_eq!(rest[..4], u32::try_from(entry.len()).unwrap().to_le_bytes());
    assert_eq!(rest[4..4 + entry.len()], entry);
    assert_eq!(rest[4 + entry.len()..], *CHECK.hash(&bytes[..bytes.len() - 32]).as_bytes());
}

#[test]
fn what_is_written_is_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    assert!(file.load().is_empty(), "there is none yet");
    for count in [3, 0, 1] {
        let list: Vec<_> = (0..count).map(transaction).collect();
        let (sender, thread) = start(file.clone()).unwrap();
        sender.send(list.clone()).unwrap();
        drop(sender);
        thread.join().unwrap();
        assert_eq!(file.load(), list);
        assert_eq!(names(dir.path()), ["mempool"], "nothing else is left");
    }
}

#[test]
fn one_flipped_bit_anywhere_is_found() {
    let bytes = encode(&[transaction(1), transaction(2)], CHAIN);
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        assert!(decode(&damaged, CHAIN).is_err(), "byte {place}");
        assert!(decode(&bytes[..place], CHAIN).is_err(), "cut at {place}");
    }
    assert!(decode(&[&bytes[..], &[0]].concat(), CHAIN).is_err());
    assert_eq!(decode(&bytes, CHAIN).unwrap().len(), 2);
}

/// A count that lies under a right check, as only a bug could make it.
#[test]
fn a_lying_count_reads_as_damaged() {
    let mut bytes = encode(&[transaction(1)], CHAIN);
    bytes[HEAD_BYTES - 4] = 2;
    bytes.truncate(bytes.len() - 32);
    bytes.extend(CHECK.hash(&bytes).as_bytes());
    assert!(matches!(decode(&bytes, CHAIN), Err(Unreadable::Damaged)));
}

#[test]
fn what_cannot_be_read_is_set_aside() {
    let good = encode(&[transaction(1)], CHAIN);
    let mut newer = good.clone();
    newer[8] = 2;
    let mut older = good.clone();
    older[8] = 0;
    let mut damaged = good.clone();
    damaged[60] ^= 1;
    let foreign = encode(&[transaction(1)], Hash::ZERO);
    let table = [
        ("its version is 2, this program knows 1: a newer one wrote it", newer),
        ("it is damaged, or no mempool file", older),
        ("it is damaged, or no mempool file", damaged),
        ("it is damaged, or no mempool file", b"something else".to_vec()),
        ("it is damaged, or no mempool file", Vec::new()),
        ("it is of the chain 00", foreign),
    ];
    for (words, bytes) in table {
        let dir = tempfile::tempdir().unwrap();
        let file = file(dir.path());
        fs::write(&file.path, &bytes).unwrap();
        assert!(file.read().unwrap_err().to_string().starts_with(words), "{words}");
        assert!(file.load().is_empty());
        assert_eq!(names(dir.path()), ["mempool.aside"]);
        assert_eq!(fs::read(dir.path().join("mempool.aside")).unwrap(), bytes, "as it was");
        assert!(file.load().is_empty());
    }
}

#[test]
fn a_file_too_large_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let large = File::create(&file.path).unwrap();
    large.set_len(MEMPOOL_FILE_BYTES_MAX as u64 + 1).unwrap();
    let limit = MEMPOOL_FILE_BYTES_MAX as u64;
    let why = file.read().unwrap_err();
    assert!(matches!(why, Unreadable::Large { got, limit: of } if got == limit + 1 && of == limit));
}

#[test]
fn a_disk_that_refuses_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let missing = file(&dir.path().join("missing"));
    let (sender, thread) = start(missing.clone()).unwrap();
    sender.send(vec![transaction(1)]).unwrap();
    sender.send(Vec::new()).unwrap();
    drop(sender);
    thread.join().unwrap();
    assert!(missing.load().is_empty());
    // A directory in its place: neither read nor replaced, and no part of a new one is left.
    let taken = file(dir.path());
    fs::create_dir(&taken.path).unwrap();
    assert!(taken.write(b"new").is_err());
    assert_eq!(names(dir.path()), ["mempool"]);
}
