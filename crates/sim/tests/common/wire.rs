//! Speaks the peer protocol by hand.
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_peer::{CloseReason, Hello, Message, PROTOCOL_VERSION};
use isonomy_sim::Sim;
use isonomy_types::{Decode, Encode, Text};

pub(crate) fn hello(genesis: Hash, nonce: u64) -> Message {
    let (version, agent) = (PROTOCOL_VERSION, Text::default());
    Message::Hello(Hello { version, genesis, nonce, height: 0, listening: None, agent })
}

/// As it travels: length, then kind and content.
pub(crate) fn frame(message: &Message) -> Vec<u8> {
    framed(&message.encode())
}

pub(crate) fn framed(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_le_bytes()[..], content].concat()
}

/// The messages of a stream, as far as they are whole.
pub(crate) fn messages(mut stream: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = stream.split_first_chunk::<4>()
        && let Some((content, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)
    {
        messages.push(Message::decode_exact(content).unwrap());
        stream = rest;
    }
    messages
}

/// Links an outsider to a host and shakes hands.
pub(crate) fn befriend(sim: &mut Sim, genesis: Hash, host: usize) -> usize {
    let outsider = sim.intrude(host);
    sim.inject(outsider, &frame(&hello(genesis, 1_000 + outsider as u64)));
    sim.run_for(500);
    assert!(sim.outsider(outsider).is_open());
    outsider
}

/// Why a host hung up on links, latest last.
pub(crate) fn reasons(sim: &Sim, host: usize) -> Vec<CloseReason> {
    let closed = sim.host(host).events().iter().filter_map(|(_, event)| match event {
        Event::Closed { why, .. } => Some(why.clone()),
        _ => None,
    });
    closed.collect()
}
