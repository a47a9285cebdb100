//! A leader proposes a block that comes to something else than its header says.
use crate::common::wire::befriend;
use crate::rules::{LeaderSeal, Phase, Signed, Statement};
use crate::variants::right;
use crate::world::{FIRST, World, leads, secret};
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_peer::Message;
use isonomy_sim::wire::{frame, messages};
use isonomy_sim::{Settings, check};
use isonomy_types::{Address, Blob, Body, Encode, Entry, Header, List, Wall};

/// The height that the false leader leads.
const FALSE: u64 = 3;

/// A sealed header whose state is none, and the proposal that names it.
fn propose(parent: &Header, key: u8) -> (Entry, Signed) {
    let mut header = Header {
        parent: parent.id(),
        height: FALSE,
        time: Wall(parent.time.0 + 1),
        producer: Address::default(),
        body_root: Body::default().root(),
        state_root: Hash::ZERO,
        ..parent.clone()
    };
    let what = header.seal_hash();
    let statement = Statement { height: FALSE, round: 0, phase: Phase::Propose, what };
    let signature = secret(key).sign(&statement.to_sign(), &[0; 32]).unwrap();
    header.seal = Blob::truncated(LeaderSeal { round: 0, signature }.encode());
    let entry = Entry { header, authority: None, certificate: None };
    (entry, Signed { statement, key: secret(key).public(), signature })
}

#[test]
fn a_proposal_that_cannot_be_executed_gets_no_vote() {
    let mut world = World::new(Settings::default());
    let false_leader = leads(FALSE, 0);
    for key in FIRST.into_iter().filter(|key| *key != false_leader) {
        world.join(key, right);
    }
    let hosts = [0, 1, 2];
    let genesis = world.genesis();
    let outsiders = hosts.map(|host| befriend(&mut world.sim, genesis, host));
    assert!(world.run_to(60_000, &hosts, FALSE - 1));

    let parent = world.log.lock().host(0).finals[&(FALSE - 1)];
    let parent = world.sim.node(0).chain().header(&parent).unwrap().clone();
    let (entry, proposal) = propose(&parent, false_leader);
    let id = entry.header.id();
    let entries = List::truncated(vec![entry]);
    for outsider in outsiders {
        world.sim.inject(outsider, &frame(&Message::NewHeaders { entries: entries.clone() }));
        let message = Blob::truncated(proposal.encode());
        world.sim.inject(outsider, &frame(&Message::Engine { message }));
    }
    world.sim.run_for(300);
    for outsider in outsiders {
        let heard = messages(world.sim.outsider(outsider).heard());
        assert!(heard.contains(&Message::GetBody { id }), "the body is wanted");
        let bytes = Blob::truncated(Body::default().encode());
        world.sim.inject(outsider, &frame(&Message::Body { id, bytes }));
    }

    assert!(world.run_to(60_000, &hosts, FALSE + 3), "the next leader's round decides");
    for host in hosts {
        let is_condemned =
            |event: &Event| matches!(event, Event::Condemned { id: of, .. } if *of == id);
        assert!(world.sim.host(host).events().iter().any(|(_, event)| is_condemned(event)));
    }
    let statements = world.log.lock().statements();
    let whats = |phase| statements.iter().filter(move |((.., of), _)| *of == phase);
    assert!(whats(Phase::Prepare).all(|(_, whats)| !whats.contains(&id)), "nobody votes for it");
    assert!(world.rounds(FALSE) > 0);
    check::running(&world.sim).unwrap();
    check::agreement(&world.sim).unwrap();
}
