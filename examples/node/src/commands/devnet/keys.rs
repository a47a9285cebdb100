use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks of the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Command {
    /// Stop sending transfers, or go on.
    Pause,
    /// Pay a new account.
    Faucet,
    /// End it all.
    Quit,
}

/// What a person has chosen to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Chosen {
    /// The place of the selected node, from 0.
    pub(super) node: usize,
    pub(super) over: Over,
}

/// What covers the dashboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Over {
    #[default]
    Nothing,
    Log,
    Help,
}

impl Chosen {
    /// Follows a key, with so many nodes to choose from.
    pub(super) fn key(&mut self, key: KeyEvent, nodes: usize) -> Option<Command> {
        let last = nodes.saturating_sub(1);
        self.node = self.node.min(last);
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Some(Command::Quit);
            }
            KeyCode::Char('q') => return Some(Command::Quit),
            KeyCode::Char('p') => return Some(Command::Pause),
            KeyCode::Char('f') => return Some(Command::Faucet),
            KeyCode::Char('l') => self.toggle(Over::Log),
            KeyCode::Char('?' | 'h') => self.toggle(Over::Help),
            KeyCode::Esc => self.over = Over::Nothing,
            KeyCode::Up | KeyCode::Left => self.node = self.node.saturating_sub(1),
            KeyCode::Down | KeyCode::Right => self.node = self.node.saturating_add(1).min(last),
            _ => {}
        }
        None
    }

    fn toggle(&mut self, over: Over) {
        self.over = if self.over == over { Over::Nothing } else { over };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(chosen: &mut Chosen, code: KeyCode) -> Option<Command> {
        chosen.key(KeyEvent::from(code), 3)
    }

    #[test]
    fn arrows_stay_within_the_nodes_also_when_they_get_fewer() {
        let mut chosen = Chosen::default();
        press(&mut chosen, KeyCode::Up);
        assert_eq!(chosen.node, 0);
        (0..5).for_each(|_| assert_eq!(press(&mut chosen, KeyCode::Down), None));
        assert_eq!(chosen.node, 2);
        chosen.key(KeyEvent::from(KeyCode::Up), 2);
        assert_eq!(chosen.node, 0);
        chosen.key(KeyEvent::from(KeyCode::Down), 0);
        assert_eq!(chosen.node, 0);
    }

    #[test]
    fn a_key_opens_and_closes_what_covers_the_rest() {
        let mut chosen = Chosen::default();
        let mut over = |code| {
            assert_eq!(press(&mut chosen, code), None);
            chosen.over
        };
        assert_eq!(over(KeyCode::Char('l')), Over::Log);
        assert_eq!(over(KeyCode::Char('?')), Over::Help);
        assert_eq!(over(KeyCode::Char('?')), Over::Nothing);
        assert_eq!(over(KeyCode::Char('l')), Over::Log);
        assert_eq!(over(KeyCode::Esc), Over::Nothing);
        assert_eq!(over(KeyCode::Char('c')), Over::Nothing, "without control it is no key");
    }

    #[test]
    fn commands_go_to_the_network() {
        let mut chosen = Chosen::default();
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(chosen.key(control_c, 3), Some(Command::Quit));
        for (key, command) in [('q', Command::Quit), ('p', Command::Pause), ('f', Command::Faucet)]
        {
            assert_eq!(press(&mut chosen, KeyCode::Char(key)), Some(command));
        }
    }
}
