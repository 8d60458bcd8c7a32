//! The part of the daemon that keeps the local model's state: a probe for each server, what they say put together, and every change
//! told, logged and stored.

use std::sync::{Arc, Mutex};

use reqwest::Client;
use shared::event::Micros;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Local;
use crate::error::chain;
use crate::local_model::budget::Budget;
use crate::local_model::probe::{Probe, interval};
use crate::local_model::{Health, LocalEndpoint, LocalModel, Snapshot, State, client};
use crate::metrics::Metrics;
use crate::store::Writer;

/// Keeps the state of the local model.
#[derive(Debug)]
pub struct Prober {
    endpoints: Vec<LocalEndpoint>,
    client: Client,
    publish: watch::Sender<Arc<Snapshot>>,
    metrics: Metrics,
    writer: Writer,
    now: fn() -> Micros,
}

impl Prober {
    /// Returns the part, and the handle that others read. Without a server in the settings nothing is ever asked.
    pub fn new(
        settings: &Local,
        metrics: Metrics,
        writer: Writer,
        now: fn() -> Micros,
    ) -> Result<(Self, LocalModel), reqwest::Error> {
        let endpoints = if settings.enabled { settings.endpoints.clone() } else { Vec::new() };
        let urls: Vec<_> = endpoints.iter().map(|entry| entry.endpoint.base_url.clone()).collect();
        let (publish, model) = LocalModel::new(&urls, now());
        // A connection of its own for every look: one that is kept may be dead by then.
        let client = client::builder().pool_max_idle_per_host(0).build()?;
        Ok((Self { endpoints, client, publish, metrics, writer, now }, model))
    }

    /// Looks until `shutdown`.
    pub async fn keep(self, shutdown: CancellationToken) {
        let (tell, mut told) = mpsc::channel(8);
        let budget = Arc::new(Mutex::new(Budget::new(Instant::now())));
        let mut probes = JoinSet::new();
        for (place, settings) in self.endpoints.iter().enumerate() {
            let probe = Probe {
                place,
                settings: settings.clone(),
                client: self.client.clone(),
                budget: Arc::clone(&budget),
                interval: interval(self.endpoints.len()),
                metrics: self.metrics.clone(),
                now: self.now,
                tell: tell.clone(),
            };
            probes.spawn(probe.run());
        }
        drop(tell);
        let mut stored: Option<Health> = None;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                next = told.recv() => match next {
                    Some((place, health)) => self.take(place, health),
                    // There is no server to look at.
                    None => return shutdown.cancelled().await,
                },
            }
            self.store(&mut stored).await;
        }
    }

    /// Takes in how one server is, publishes what that makes of the whole, and logs what changed.
    fn take(&self, place: usize, health: Health) {
        let before = Arc::clone(&self.publish.borrow());
        let mut endpoints = before.endpoints.clone();
        let Some(slot) = endpoints.get_mut(place) else { return };
        // The first failure and the recovery are logged, not each try.
        if slot.state != health.state {
            log(slot.state, &health);
        }
        *slot = health;
        let mut next = Snapshot::of(endpoints);
        // The whole changed only now, however long the server that counts has been so.
        next.health.since_at = if next.health.is_same(&before.health) { before.health.since_at } else { (self.now)() };
        self.publish.send_replace(Arc::new(next));
    }

    /// Stores a change, once; what the store does not take now is offered again with the next look.
    async fn store(&self, stored: &mut Option<Health>) {
        let health = self.publish.borrow().health.clone();
        if health.state == State::Unknown || stored.as_ref().is_some_and(|stored| stored.is_same(&health)) {
            return;
        }
        match self.writer.set_local_model(health.clone()).await {
            Ok(()) => *stored = Some(health),
            Err(error) => tracing::debug!(error = %chain(&error), "a change of the local model was not stored"),
        }
    }
}

/// A model that is lost is worth a warning; one that was not there when the daemon started is not.
fn log(before: State, health: &Health) {
    let (state, found) = (health.state.word(), health.line());
    let advice = health.state.advice(health.kind).unwrap_or_default();
    if before.is_available() && !health.state.is_available() {
        tracing::warn!(state, found, advice, "the local model is lost");
    } else {
        tracing::info!(state, found, "the local model");
    }
}
