//! Keeps the small file of figures for the status line fresh while the daemon runs, and takes it away when it stops.
//!
//! The database is asked only after the ledger changed or a day began; in between the file only gets a new time, by which its
//! reader tells a running daemon from a dead one. A file that cannot be written grows stale, which is what it should show.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use shared::event::Micros;
use shared::sealed::STALE_AFTER;
use shared::status_line::Figures;
use tokio_util::sync::CancellationToken;

use crate::analytics::{Clock, status_line};
use crate::clock::now;
use crate::config::Budget;
use crate::error::chain;
use crate::kept_file::replace;
use crate::local_model::LocalModel;
use crate::store::{Reader, Writer};

/// How often it is looked whether the ledger changed: a request is on the line that much later at most.
const LOOK: Duration = Duration::from_secs(2);
/// Age at which unchanged figures are written again: three of these fit into [`STALE_AFTER`].
const REPEAT: Duration = Duration::from_micros(STALE_AFTER.unsigned_abs() / 3);

/// What the file is kept from.
#[derive(Debug)]
pub struct StatusLineKeeper {
    /// Where the file lies.
    pub path: PathBuf,
    /// The ledger.
    pub reader: Reader,
    /// Knows when the ledger changed.
    pub writer: Writer,
    /// Zone of the day.
    pub timezone: TimeZone,
    /// What it warns of.
    pub budget: Budget,
    /// How the local model is.
    pub local_model: LocalModel,
}

/// What stands in the file.
struct Kept {
    figures: Figures,
    /// The ledger's changes that are in it.
    changes: u64,
    written: Instant,
}

impl StatusLineKeeper {
    /// Keeps the file until `shutdown`.
    pub async fn keep(self, shutdown: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut kept: Option<Kept> = None;
        let mut failing = false;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = look.tick() => {}
            }
            let failed = self.refresh(&mut kept).await.err();
            // The first failure is logged, not each try.
            match &failed {
                Some(error) if !failing => tracing::warn!(error, "the status line's figures are not kept"),
                None if failing => tracing::info!("the status line's figures are kept again"),
                _ => {}
            }
            failing = failed.is_some();
        }
        // It may never have been written.
        let _ = fs::remove_file(&self.path);
    }

    /// Writes the file when what it should say changed, or it grows old.
    async fn refresh(&self, kept: &mut Option<Kept>) -> Result<(), String> {
        let (changes, now_at) = (self.writer.ledger_changes(), now());
        let local_model = self.local_model.status_line();
        let figures = match kept {
            Some(kept) if !is_outdated(kept, changes, now_at) => {
                if kept.written.elapsed() < REPEAT && kept.figures.local_model == local_model {
                    return Ok(());
                }
                Figures { written_at: now_at, local_model, ..kept.figures.clone() }
            }
            _ => {
                let clock = Clock { now_at, timezone: self.timezone.clone() };
                let budget = self.budget;
                let asked = self.reader.look(move |connection| status_line::figures(connection, &clock, &budget)).await;
                Figures { local_model, ..asked.map_err(|error| chain(&error))? }
            }
        };
        let (path, bytes) = (self.path.clone(), figures.encode());
        let written = tokio::task::spawn_blocking(move || replace(&path, &bytes)).await;
        written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        *kept = Some(Kept { figures, changes, written: Instant::now() });
        Ok(())
    }
}

fn is_outdated(kept: &Kept, changes: u64, now_at: Micros) -> bool {
    kept.changes != changes || now_at >= kept.figures.day_ends_at || now_at < kept.figures.written_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_asked_for_again_when_they_may_have_changed() {
        let figures = Figures { written_at: 100, day_ends_at: 200, ..Figures::default() };
        let kept = Kept { figures, changes: 7, written: Instant::now() };
        for (changes, now_at, outdated) in
            [(7, 100, false), (7, 199, false), (8, 150, true), (7, 200, true), (7, 99, true)]
        {
            assert_eq!(is_outdated(&kept, changes, now_at), outdated, "{changes} {now_at}");
        }
    }
}
