//! What a transaction does, in plain words.
use crate::source::Source;
use isonomy_types::{Action, Transaction};

/// One sentence an action, made by the module that will execute it.
pub(super) fn words(source: &Source, transaction: &Transaction) -> Vec<String> {
    transaction.intent().actions.iter().map(|action| sentence(source, action)).collect()
}

fn sentence(source: &Source, Action { module, payload, .. }: &Action) -> String {
    let words = source.modules.get(*module).map(|found| found.describe(payload));
    let unknown = || format!("{} bytes for module {module}, unknown here", payload.len());
    harmless(&words.unwrap_or_else(|_| unknown()))
}

/// Strangers' words are among them: nothing that moves a cursor or reverses what follows.
fn harmless(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn strangers_words_are_kept_but_for_what_plays_tricks() {
        assert_eq!(harmless("für Zoë 🙂"), "für Zoë 🙂");
        assert_eq!(harmless("\u{1b}[31m\r\n\u{202e}x\u{2066}"), "?[31m???x?");
    }
}
