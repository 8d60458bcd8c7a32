//! The word to systemd: ready, alive, stopping. Elsewhere there is nobody to tell.

use tokio_util::sync::CancellationToken;

/// Says ready, then pings the watchdog at half its interval until `shutdown`.
#[cfg(target_os = "linux")]
pub(super) async fn keep_alive(shutdown: CancellationToken) {
    tell(&[sd_notify::NotifyState::Ready]);
    let Some(interval) = sd_notify::watchdog_enabled() else {
        return;
    };
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(interval / 2) => tell(&[sd_notify::NotifyState::Watchdog]),
        }
    }
}

/// Says that the daemon is stopping.
#[cfg(target_os = "linux")]
pub(super) fn stopping() {
    tell(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(target_os = "linux")]
fn tell(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(error = %error, "systemd could not be told");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn keep_alive(_: CancellationToken) {}

#[cfg(not(target_os = "linux"))]
pub(super) fn stopping() {}
