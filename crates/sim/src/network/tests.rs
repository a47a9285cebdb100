use super::*;
use crate::agenda::Agenda;
use isonomy_types::Mono;

const A: Party = Party::Host(0);
const B: Party = Party::Host(1);

fn network(loss: u64, duplicate: u64, reorder: u64) -> Network {
    let (seed, latency_ms) = (11, (10, 50));
    let (loss_permille, duplicate_permille, reorder_permille) = (loss, duplicate, reorder);
    Network::new(&Settings {
        seed,
        latency_ms,
        loss_permille,
        duplicate_permille,
        reorder_permille,
        ..Settings::default()
    })
}

/// Runs until nothing is due; what each end was told.
fn run(network: &mut Network, agenda: &mut Agenda, limit: u64) -> Vec<(Link, Report)> {
    let mut reports = Vec::new();
    while let Some(due) = agenda.next(Mono(limit)) {
        match due {
            Due::Packet(packet) => {
                let link = packet.to.link;
                reports.extend(network.arrive(agenda, packet).map(|report| (link, report)));
            }
            Due::Resend { link, seq, waited_ms } => network.resend(agenda, link, seq, waited_ms),
            _ => panic!("only the network acts here"),
        }
    }
    reports
}

fn stream(reports: &[(Link, Report)], of: Link) -> Vec<u8> {
    let received = reports.iter().filter_map(|(link, report)| match report {
        Report::Received(bytes) if *link == of => Some(&bytes[..]),
        _ => None,
    });
    received.collect::<Vec<_>>().concat()
}

fn credit(reports: &[(Link, Report)], of: Link) -> usize {
    let freed = reports.iter().filter_map(|(link, report)| match report {
        Report::Writable(bytes) if *link == of => Some(*bytes),
        _ => None,
    });
    freed.sum()
}

#[test]
fn streams_arrive_whole_and_in_order_whatever_happens_to_packets() {
    for (loss, duplicate, reorder) in
        [(0, 0, 0), (300, 0, 0), (0, 500, 0), (0, 0, 500), (200, 200, 200)]
    {
        let (mut network, mut agenda) = (network(loss, duplicate, reorder), Agenda::default());
        let (a, b, _) = network.connect(A, B);
        let bytes: Vec<u8> = (0..100_000_u32).map(|place| (place % 251) as u8).collect();
        for piece in bytes.chunks(7_001) {
            network.send(&mut agenda, a, piece);
        }
        network.send(&mut agenda, b, b"back");
        let reports = run(&mut network, &mut agenda, 1_000_000);
        assert!(stream(&reports, b) == bytes, "{loss} {duplicate} {reorder}");
        assert_eq!(stream(&reports, a), b"back");
        assert_eq!(credit(&reports, a), bytes.len(), "every byte's credit comes back, once");
        let Stats { lost, doubled, late, resent, .. } = network.stats;
        for (count, chance) in [(lost, loss), (doubled, duplicate), (late, reorder)] {
            assert_eq!(count > 0, chance > 0);
        }
        assert!(resent > 0 || loss == 0, "what is lost is sent again");
        assert!(resent == 0 || loss + reorder > 0, "what comes in time is not");
    }
}

#[test]
fn a_split_swallows_packets_until_it_heals() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (a, b, _) = network.connect(A, B);
    network.split(&[vec![0], vec![1]]);
    network.send(&mut agenda, a, b"over");
    assert!(run(&mut network, &mut agenda, 20_000).is_empty());
    assert!(network.stats.swallowed > 3, "it was sent again and again");
    network.heal();
    let reports = run(&mut network, &mut agenda, 40_000);
    assert_eq!(stream(&reports, b), b"over");
}

#[test]
fn hosts_that_no_side_names_are_together() {
    let mut network = network(0, 0, 0);
    network.split(&[vec![0, 1]]);
    let open = |a, b| network.is_open(Party::Host(a), Party::Host(b));
    assert!(open(0, 1) && open(2, 3));
    assert!(!open(0, 2) && !open(3, 1));
    assert!(network.is_open(Party::Outsider(0), Party::Host(0)));
}

#[test]
fn who_closes_is_heard_and_hears_nothing_more() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (a, b, _) = network.connect(A, B);
    network.send(&mut agenda, b, b"too late");
    network.close(&mut agenda, a);
    let reports = run(&mut network, &mut agenda, 10_000);
    assert!(matches!(&reports[..], [(link, Report::Closed)] if *link == b));
    network.send(&mut agenda, b, b"nobody");
    assert!(run(&mut network, &mut agenda, 20_000).is_empty());
}

#[test]
fn a_crash_is_silent_and_shows_once_the_host_is_back() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (_, b, _) = network.connect(A, B);
    network.crash(0);
    network.send(&mut agenda, b, b"anyone?");
    assert!(run(&mut network, &mut agenda, 10_000).is_empty());
    network.revive(0);
    let reports = run(&mut network, &mut agenda, 20_000);
    assert!(matches!(&reports[..], [(link, Report::Closed)] if *link == b));
}

#[test]
fn who_is_muted_is_not_heard_and_hears() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (a, b, _) = network.connect(A, B);
    network.mute(0, 1);
    network.send(&mut agenda, a, b"lost");
    network.send(&mut agenda, b, b"heard");
    let reports = run(&mut network, &mut agenda, 1_000);
    assert_eq!(stream(&reports, a), b"heard");
    assert!(stream(&reports, b).is_empty() && network.stats.swallowed > 0);
    network.unmute(0, 1);
    let reports = run(&mut network, &mut agenda, 20_000);
    assert_eq!(stream(&reports, b), b"lost", "it was sent again");
}

#[test]
fn who_does_not_read_gives_no_credit_back_and_can_still_send() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (a, b, _) = network.connect(A, B);
    network.read(B, false);
    network.send(&mut agenda, a, b"unread");
    network.send(&mut agenda, b, b"heard");
    let reports = run(&mut network, &mut agenda, 10_000);
    assert_eq!(stream(&reports, a), b"heard");
    let credit = |reports: &[(Link, Report)], of| {
        reports.iter().any(|(link, report)| *link == of && matches!(report, Report::Writable(_)))
    };
    assert!(!credit(&reports, a) && credit(&reports, b) && network.stats.unread > 1);
    network.read(B, true);
    let reports = run(&mut network, &mut agenda, 20_000);
    assert!(stream(&reports, b) == b"unread" && credit(&reports, a));
}

#[test]
fn a_link_is_held_until_the_far_end_lets_go() {
    let (mut network, mut agenda) = (network(0, 0, 0), Agenda::default());
    let (a, b, _) = network.connect(A, B);
    assert!(network.is_held(a) && network.is_held(b));
    network.close(&mut agenda, b);
    assert!(!network.is_held(a), "before the near end has heard of it");
    assert!(!network.is_held(Link(99)));
}
