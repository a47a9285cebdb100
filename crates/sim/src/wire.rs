//! The peer protocol by hand: for outsiders, who say what they like.
use isonomy_crypto::Hash;
use isonomy_peer::{Hello, Message, PROTOCOL_VERSION};
use isonomy_types::{Decode, Encode, Text};

/// The first message of a node that follows the chain of this genesis block.
#[must_use]
pub fn hello(genesis: Hash, nonce: u64) -> Message {
    let (version, agent) = (PROTOCOL_VERSION, Text::default());
    Message::Hello(Hello { version, genesis, nonce, height: 0, listening: None, agent })
}

/// A message as it travels: length, then kind and content.
#[must_use]
pub fn frame(message: &Message) -> Vec<u8> {
    framed(&message.encode())
}

/// Any content behind its length, which is cut to four bytes.
#[must_use]
pub fn framed(content: &[u8]) -> Vec<u8> {
    let [a, b, c, d, ..] = content.len().to_le_bytes();
    [&[a, b, c, d][..], content].concat()
}

/// The messages of a stream, as far as they are whole and sound.
#[must_use]
pub fn messages(mut stream: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = stream.split_first_chunk::<4>()
        && let Ok(length) = usize::try_from(u32::from_le_bytes(*length))
        && let Some((content, rest)) = rest.split_at_checked(length)
        && let Ok(message) = Message::decode_exact(content)
    {
        messages.push(message);
        stream = rest;
    }
    messages
}
