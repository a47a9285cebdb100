//! The terminal: taken, read, drawn on, and always given back.
use super::draw::draw;
use super::keys::{Chosen, Command, Over};
use super::view::View;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Milliseconds between two frames while no key is pressed.
const FRAME_MS: u64 = 200;
/// Commands that wait for the network; a key more is not heard.
const COMMANDS_MAX: usize = 8;
/// Bytes of a log's end that are read.
const LOG_BYTES: u64 = 16 * 1024;

/// Whether the terminal is ours: whoever sets it to false gives it back, once.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A dashboard that draws itself and hears keys, on a thread of its own: neither waits for the
/// network. Gives the terminal back when it is dropped.
pub(super) struct Dashboard {
    view: Arc<Mutex<View>>,
    commands: mpsc::Receiver<Command>,
    quit: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Dashboard {
    pub(super) fn start(view: View) -> io::Result<Self> {
        give_back_on_panic();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let opened = execute!(io::stderr(), EnterAlternateScreen, cursor::Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        let terminal = opened.inspect_err(|_| give_back())?;
        let (sender, commands) = mpsc::channel(COMMANDS_MAX);
        let (view, quit) = (Arc::new(Mutex::new(view)), Arc::new(Notify::new()));
        let (shown, ended) = (view.clone(), quit.clone());
        let thread = std::thread::Builder::new().name("dashboard".into());
        let thread = thread.spawn(move || {
            // Without a terminal nobody could end it.
            let _ = show(terminal, &shown, &sender);
            give_back();
            ended.notify_one();
        })?;
        Ok(Self { view, commands, quit, thread: Some(thread) })
    }

    /// Changes what is shown.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut View) -> T) -> T {
        change(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a key asked for, if anything.
    pub(super) fn command(&mut self) -> Option<Command> {
        self.commands.try_recv().ok()
    }

    /// Notified once somebody wants to leave, or there is no terminal any more.
    pub(super) fn quit(&self) -> Arc<Notify> {
        self.quit.clone()
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        give_back();
        if let Some(thread) = self.thread.take() {
            // A panic of it was shown.
            let _ = thread.join();
        }
    }
}

/// Draws and hears keys until somebody quits or the terminal is given back.
fn show(
    mut terminal: Terminal<CrosstermBackend<io::Stderr>>,
    view: &Mutex<View>,
    commands: &mpsc::Sender<Command>,
) -> io::Result<()> {
    let mut chosen = Chosen::default();
    while TAKEN.load(Ordering::SeqCst) {
        let view = || view.lock().unwrap_or_else(PoisonError::into_inner);
        let log = match chosen.over {
            Over::Log => {
                let view = view();
                let number = view.snapshot.nodes.keys().nth(chosen.node).copied();
                number.and_then(|number| view.nodes.get(&number)).map(|node| node.log.clone())
            }
            _ => None,
        };
        let log = log.map_or_else(String::new, |path| end(&path));
        terminal.draw(|frame| draw(frame, &view(), chosen, &log))?;
        if !event::poll(Duration::from_millis(FRAME_MS))? {
            continue;
        }
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let nodes = view().snapshot.nodes.len();
        match chosen.key(key, nodes) {
            Some(Command::Quit) => return Ok(()),
            // One that finds no place is pressed again.
            Some(command) => drop(commands.try_send(command)),
            None => {}
        }
    }
    Ok(())
}

/// The last bytes of a log, or why there are none.
fn end(path: &Path) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(LOG_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(LOG_BYTES).read_to_end(&mut bytes)?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    match read() {
        Ok(text) if text.is_empty() => "It has said nothing: all is well.".into(),
        Ok(text) => text,
        Err(error) => format!("cannot read {}: {error}", path.display()),
    }
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = execute!(io::stderr(), LeaveAlternateScreen, cursor::Show);
    }
}

/// Before the panic is told, so that it can be read.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_log_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        assert!(end(&path).contains("cannot read"));
        std::fs::write(&path, "").unwrap();
        assert!(end(&path).contains("all is well"));
        std::fs::write(&path, "a".repeat(100_000) + "the end\n").unwrap();
        let text = end(&path);
        assert!(text.len() == 16 * 1024 && text.ends_with("athe end\n"));
    }
}
