use isonomy_peer::{CloseReason, Violation};

/// The far end hung up, or the line broke.
pub(super) const LOST: &str = "lost";

/// Every reason for which a link ends.
pub(super) const REASONS: [&str; 18] = [
    LOST,
    "full",
    "local",
    "malformed",
    "frame_too_long",
    "unknown_kinds",
    "out_of_turn",
    "other_chain",
    "other_version",
    "self_connection",
    "duplicate",
    "unrequested",
    "too_much",
    "slow_reader",
    "slow",
    "costly",
    "silent",
    "content",
];

/// What the metrics call a reason: a word of ours, never one of the peer's.
pub(super) const fn reason(why: &CloseReason) -> &'static str {
    let violation = match why {
        CloseReason::Full { .. } => return "full",
        CloseReason::Local(_) => return "local",
        CloseReason::Violation(violation) => violation,
    };
    match violation {
        Violation::Malformed(_) => "malformed",
        Violation::FrameTooLong { .. } => "frame_too_long",
        Violation::UnknownKinds { .. } => "unknown_kinds",
        Violation::OutOfTurn(_) => "out_of_turn",
        Violation::OtherChain { .. } => "other_chain",
        Violation::OtherVersion { .. } => "other_version",
        Violation::SelfConnection => "self_connection",
        Violation::Duplicate => "duplicate",
        Violation::Unrequested(_) => "unrequested",
        Violation::TooMuch { .. } => "too_much",
        Violation::SlowReader { .. } => "slow_reader",
        Violation::Slow { .. } => "slow",
        Violation::Costly { .. } => "costly",
        Violation::Silent { .. } => "silent",
        Violation::Content(_) => "content",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_makes_no_new_reason() {
        let said = "isonomy{} \" \n".to_owned();
        for why in [
            CloseReason::Local(said.clone()),
            CloseReason::Full { limit: 3 },
            Violation::Malformed(said.clone()).into(),
            Violation::Content(said).into(),
            Violation::Slow { what: "reader", got: 1, limit: 2 }.into(),
            Violation::Duplicate.into(),
        ] {
            assert!(REASONS.contains(&reason(&why)), "{why:?}");
        }
    }
}
