//! The daemon's calibration: what decisions go by now, read anew when a fit was stored, when the local model is another, and every few
//! minutes besides.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::decision::Settings;
use shared::event::Micros;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::knowledge::Knowledge;
use super::log::newest_model;
use super::money::money;
use super::refitting::{Refit, RefitAsk, refit, roll_back};
use crate::config::LocalMoney;
use crate::error::chain;
use crate::local_model::LocalModel;
use crate::pricing::KeptPrices;
use crate::store::{Reader, StoreError, Writer};

/// Age at which what is known is read anew: the log grows, prices change.
const REFRESH: Duration = Duration::from_mins(3);

/// A cheap handle to what decisions go by.
#[derive(Debug, Clone)]
pub struct Calibration(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    local_model: LocalModel,
    /// What the user laid down.
    users: Settings,
    quality_floor: f64,
    money: LocalMoney,
    prices: KeptPrices,
    known: watch::Sender<Arc<Knowledge>>,
    /// Told when a fit was stored.
    stored: Notify,
}

impl Calibration {
    /// Returns the calibration of a store. `users` is what the user laid down, `prices_file` their own prices.
    #[must_use]
    pub fn new(
        (reader, writer): (Reader, Writer),
        local_model: LocalModel,
        (users, quality_floor): (Settings, f64),
        (money, prices_file): (LocalMoney, PathBuf),
    ) -> Self {
        Self(Arc::new(Inner {
            reader,
            writer,
            local_model,
            users,
            quality_floor,
            money,
            prices: KeptPrices::new(prices_file),
            known: watch::Sender::new(Arc::default()),
            stored: Notify::new(),
        }))
    }

    /// Returns what decisions go by now. Never waits.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.known.borrow().settings(&self.0.users)
    }

    /// Whether recording is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.0.writer.paused()
    }

    /// Returns the part of quality that is to be kept.
    #[must_use]
    pub fn quality_floor(&self) -> f64 {
        self.0.quality_floor
    }

    /// Returns what tells that decisions go by something else than before.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Knowledge>> {
        self.0.known.subscribe()
    }

    /// Returns the local model that counts now; None where there is none.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        self.0.local_model.snapshot().health.model.as_ref().map(|model| model.id.clone())
    }

    /// Fits to the user's outcomes, or goes back to the fit before. Returns the local model besides; None where nobody knows any.
    pub async fn refit(&self, ask: RefitAsk, now_at: Micros) -> Result<Option<(String, Refit)>, StoreError> {
        let model = match ask.model.or_else(|| self.model()) {
            Some(model) => Some(model),
            None => self.0.reader.query(newest_model).await?,
        };
        let Some(model) = model else { return Ok(None) };
        let store = (&self.0.reader, &self.0.writer);
        let done = if ask.rollback {
            roll_back(store, &model).await?
        } else {
            refit(store, &model, ask.dry_run, now_at).await?
        };
        self.0.stored.notify_one();
        Ok(Some((model, done)))
    }

    /// Keeps what is known fresh until `shutdown`.
    pub async fn keep(self, now: fn() -> Micros, shutdown: CancellationToken) {
        let mut local_model = self.0.local_model.clone();
        let mut failing = false;
        loop {
            // Taken before it is read, so that a model that comes meanwhile is another one.
            let model = self.model();
            let failed = self.read(now()).await.err();
            // The first failure is logged, not each try.
            if let Some(error) = failed.as_ref().filter(|_| !failing) {
                tracing::warn!(error = %chain(error), "what decisions go by is not read");
            }
            failing = failed.is_some();
            let another = async {
                while self.model() == model {
                    local_model.changed().await;
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.0.stored.notified() => {}
                () = another => {}
                () = tokio::time::sleep(REFRESH) => {}
            }
        }
    }

    async fn read(&self, now_at: Micros) -> Result<(), StoreError> {
        let (inner, model) = (Arc::clone(&self.0), self.model());
        let reading = self.0.reader.look(move |conn| {
            let known = Knowledge::of(conn, model.as_deref(), inner.quality_floor)?;
            let Ok(prices) = inner.prices.table(|_| Ok::<_, std::convert::Infallible>(Vec::new()));
            let money = money(conn, model.as_deref(), (&inner.money, &prices), now_at)?;
            Ok(Knowledge { money, ..known })
        });
        let known = Arc::new(reading.await?);
        self.0.known.send_if_modified(|before| {
            let is_new = *before != known;
            *before = known;
            is_new
        });
        Ok(())
    }
}
