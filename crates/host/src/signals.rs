#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the system's wish that the process ends: SIGINT (Ctrl-C) or SIGTERM.
///
/// # Errors
/// If the system does not let signals be caught.
pub async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// The owner's wishes that the process reads its settings again: SIGHUP. While this stands, the signal
/// does not end the process.
pub struct Reloads(#[cfg(unix)] Signal);

impl Reloads {
    /// Listens from now on.
    ///
    /// # Errors
    /// If the system does not let signals be caught.
    pub fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        return Ok(Self(signal(SignalKind::hangup())?));
        #[cfg(not(unix))]
        Ok(Self())
    }

    /// Waits for the next. Several that came meanwhile are one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.0.recv().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}
