//! The watch over client processes: a session whose client is gone without SessionEnd is lost, not working for ever.
//!
//! A process is known by its id and its start, so a reused id is not taken for the client. The start is counted from the
//! system's boot: the wall clock may be set. A client that was never seen (it died at once, or lives in another pid
//! namespace) is given a while of silence before it counts as gone.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use shared::event::{Micros, SessionId};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::error::chain;
use crate::store::{Reader, StoreError, Writer};

/// How often clients are looked at. Not at each event: that would wake a thread beside every hook.
const TICK: Duration = Duration::from_secs(5);

/// Silence after which a client that was never seen alive counts as gone.
const UNSEEN_SILENCE: Micros = 20_000_000;

/// Two starts of one process may differ by this much: the system counts in whole seconds.
const START_TOLERANCE: Micros = 2_000_000;

/// A live session and the client it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Client {
    session_id: SessionId,
    pid: u32,
    /// Start of the process as seen earlier, microseconds since the boot; None until it was seen.
    start_us: Option<Micros>,
    last_event_at: Micros,
}

/// When a process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    /// Microseconds since the system's boot.
    us: Micros,
    /// By the wall clock as it is set now.
    at: Micros,
}

/// What a look at one client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It runs; its start was known.
    Alive,
    /// It runs and was seen for the first time; when it started, microseconds since the boot.
    Seen(Micros),
    /// It is gone.
    Gone,
    /// It was never seen and spoke a moment ago.
    Unknown,
}

/// Decides what became of a client, given the start of the process that has its id now.
fn judge(client: &Client, running: Option<Start>, now: Micros) -> Verdict {
    match (client.start_us, running) {
        (Some(known), Some(start)) if (known - start.us).abs() <= START_TOLERANCE => Verdict::Alive,
        (Some(_), _) => Verdict::Gone,
        // A process that started after the session spoke is another one with the same id.
        (None, Some(start)) if start.at <= client.last_event_at + START_TOLERANCE => Verdict::Seen(start.us),
        (None, _) if now - client.last_event_at > UNSEEN_SILENCE => Verdict::Gone,
        (None, _) => Verdict::Unknown,
    }
}

/// Watches until `shutdown`.
pub async fn watch_clients(reader: Reader, writer: Writer, shutdown: CancellationToken) {
    let mut suspects = HashSet::new();
    loop {
        match look(&reader, &writer, &mut suspects).await {
            Ok(()) => {}
            Err(error) => tracing::error!(error = %chain(&error), "clients could not be looked at"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// One look at all clients. A client is lost when two looks in a row found it gone: SessionEnd may still be on its way.
async fn look(reader: &Reader, writer: &Writer, suspects: &mut HashSet<SessionId>) -> Result<(), StoreError> {
    let clients = reader.look(live_clients).await?;
    if clients.is_empty() {
        suspects.clear();
        return Ok(());
    }
    let pids: HashSet<u32> = clients.iter().map(|client| client.pid).collect();
    // Without a list of processes nobody is judged.
    let Ok(Some(running)) = tokio::task::spawn_blocking(move || running_since(&pids)).await else {
        return Ok(());
    };
    let now = now();
    let mut gone = HashSet::new();
    for client in clients {
        match judge(&client, running.get(&client.pid).copied(), now) {
            Verdict::Alive | Verdict::Unknown => {}
            Verdict::Seen(since) => writer.set_client(client.session_id, client.pid, since).await?,
            Verdict::Gone => {
                gone.insert(client.session_id);
            }
        }
    }
    let lost: Vec<_> = gone.intersection(suspects).map(|session| (session.clone(), now)).collect();
    *suspects = gone;
    if !lost.is_empty() {
        tracing::info!(sessions = lost.len(), "sessions lost their client");
        writer.mark_lost(lost).await?;
    }
    Ok(())
}

fn live_clients(conn: &rusqlite::Connection) -> Result<Vec<Client>, rusqlite::Error> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/live_clients.sql"))?;
    let rows = ask.query_map([], |row| {
        let session_id: String = row.get("session_id")?;
        Ok(SessionId::parse(&session_id).map(|session_id| {
            Ok::<_, rusqlite::Error>(Client {
                session_id,
                pid: row.get("client_pid")?,
                start_us: row.get("client_start_us")?,
                last_event_at: row.get("last_event_at")?,
            })
        }))
    })?;
    rows.filter_map(Result::transpose).map(|client| client?).collect()
}

/// Returns the start of each of these processes that runs now; None when the system does not tell. A zombie is gone.
fn running_since(pids: &HashSet<u32>) -> Option<HashMap<u32, Start>> {
    let pids: Vec<Pid> = pids.iter().map(|&pid| Pid::from_u32(pid)).collect();
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, ProcessRefreshKind::nothing());
    let alive = system.processes().values().filter(|process| process.status() != sysinfo::ProcessStatus::Zombie);
    let micros = |seconds| Micros::try_from(seconds).unwrap_or(0) * 1_000_000;
    let boot_at = micros(System::boot_time().ok()?);
    let start = |seconds| Start { us: micros(seconds) - boot_at, at: micros(seconds) };
    Some(alive.map(|process| (process.pid().as_u32(), start(process.start_time()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The boot was at 40 s of the wall clock, the client's last event at 100 s.
    fn check(start_us: Option<Micros>, running_us: Option<Micros>, silence: Micros, expected: Verdict) {
        let session_id = SessionId::parse("s").expect("an id");
        let client = Client { session_id, pid: 1, start_us, last_event_at: 100_000_000 };
        let running = running_us.map(|us| Start { us, at: us + 40_000_000 });
        assert_eq!(judge(&client, running, 100_000_000 + silence), expected);
    }

    #[test]
    fn clients_are_judged_by_id_and_start() {
        check(Some(50_000_000), Some(50_000_000), 0, Verdict::Alive);
        check(Some(50_000_000), Some(51_000_000), 0, Verdict::Alive);
        check(Some(50_000_000), Some(90_000_000), 0, Verdict::Gone);
        check(Some(50_000_000), None, 0, Verdict::Gone);
        check(None, Some(50_000_000), 0, Verdict::Seen(50_000_000));
        check(None, Some(150_000_000), 60_000_000, Verdict::Gone);
        check(None, None, 1_000_000, Verdict::Unknown);
        check(None, None, 60_000_000, Verdict::Gone);
    }

    #[test]
    fn this_process_runs_and_a_wild_id_does_not() {
        let own = std::process::id();
        let running = running_since(&HashSet::from([own, u32::MAX - 1])).expect("Linux tells");
        assert!(running.get(&own).is_some_and(|start| start.at > 1_000_000_000_000_000 && start.us > 0));
        assert_eq!(running.len(), 1);
    }
}
