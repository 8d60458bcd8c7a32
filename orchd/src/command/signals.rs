//! The signals that end a command.

use super::failure::{Code, Failure};

/// Returns the exit code by which shells name the signal, when the user, the terminal or the system asks to end. Without a way to
/// hear signals it never does.
pub(crate) async fn interrupted() -> u8 {
    match heard().await {
        Ok(code) => code,
        Err(_) => std::future::pending().await,
    }
}

/// Returns the exit code of the signal that asks to end.
#[cfg(unix)]
pub(crate) async fn heard() -> Result<u8, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(deaf)?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done.map(|()| 130).map_err(deaf),
        _ = terminate.recv() => Ok(143),
        _ = hangup.recv() => Ok(129),
    }
}

/// Returns the exit code of the signal that asks to end.
#[cfg(not(unix))]
pub(crate) async fn heard() -> Result<u8, Failure> {
    tokio::signal::ctrl_c().await.map(|()| 130).map_err(deaf)
}

fn deaf(source: std::io::Error) -> Failure {
    Failure::new(Code::Internal, "failed to listen to signals").because(source)
}
