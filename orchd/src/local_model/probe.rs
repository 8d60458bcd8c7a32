//! Looks at one server again and again, as its breaker and the budget of all let it, and tells what counts. Only this loop sleeps;
//! what it decides is in `breaker`, `budget` and `health`.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesOrdered, StreamExt};
use reqwest::Client;
use shared::event::Micros;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::answer::Asker;
use super::breaker::{Breaker, Outcome};
use super::budget::Budget;
use super::health::{Health, first};
use super::kind::{Kind, MOST_REQUESTS};
use super::look::{Finding, look};
use super::state::State;
use super::{Endpoint, LocalEndpoint};
use crate::metrics::{Metric, Metrics};

/// Time one look may take as a whole, all its requests together.
pub(super) const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// Longest sleep of a look that waits for its requests.
const RESERVE_AGAIN: Duration = Duration::from_millis(500);

/// Returns the time between two looks at a server that answers: with several servers all of them together stay within the budget.
pub(crate) fn interval(endpoints: usize) -> Duration {
    Duration::from_secs(5 + 5 * u64::try_from(endpoints.max(1)).unwrap_or(1))
}

/// Looks at one server.
#[derive(Debug)]
pub(crate) struct Probe {
    /// Its place in the order of preference.
    pub(crate) place: usize,
    pub(crate) settings: LocalEndpoint,
    pub(crate) client: Client,
    pub(crate) budget: Arc<Mutex<Budget>>,
    pub(crate) interval: Duration,
    pub(crate) metrics: Metrics,
    pub(crate) now: fn() -> Micros,
    pub(crate) tell: mpsc::Sender<(usize, Health)>,
}

impl Probe {
    /// Looks until nobody listens any more.
    pub(crate) async fn run(self) {
        let url = self.settings.endpoint.base_url.clone();
        let mut health = Health::unknown(State::Unknown, &url, (self.now)());
        let mut breaker = Breaker::new(Instant::now(), self.interval);
        // A server that is gone may come back as another.
        let mut known = None;
        loop {
            sleep_until(breaker.due()).await;
            let reserved = known.map_or(MOST_REQUESTS, Kind::requests);
            self.reserve(reserved).await;
            if !breaker.begin(Instant::now()) {
                continue;
            }
            let endpoint = self.endpoint().await;
            let (finding, sent) = self.look(&endpoint, known).await;
            self.give_back(reserved.saturating_sub(sent));
            let Some(finding) = finding else {
                known = None;
                continue;
            };
            if breaker.end(Instant::now(), outcome(&finding)) {
                known = match &finding {
                    Finding::Models(kind, _) => Some(*kind),
                    Finding::Failed(_) | Finding::Foreign(_) => None,
                    _ => known,
                };
                health = health.after(finding, &endpoint, (self.now)());
                if self.tell.send((self.place, health.clone())).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Returns what was found, None when the server is not of the kind that is known, and how many requests that took; keeps how long.
    async fn look(&self, endpoint: &Endpoint, known: Option<Kind>) -> (Option<Finding>, u32) {
        let began = Instant::now();
        let (finding, sent) = bounded(&self.client, endpoint, known).await;
        let failed = matches!(finding, Some(Finding::Failed(_) | Finding::Foreign(_)));
        let metric = if failed { Metric::LocalProbeFailed } else { Metric::LocalProbe };
        self.metrics.record(metric, began.elapsed());
        (finding, sent)
    }

    /// Returns the endpoint with its token, which may stand in a file.
    async fn endpoint(&self) -> Endpoint {
        if self.settings.token_file.is_none() {
            return self.settings.endpoint.clone();
        }
        let settings = self.settings.clone();
        let read = tokio::task::spawn_blocking(move || settings.resolved()).await;
        read.unwrap_or_else(|_| self.settings.endpoint.clone())
    }

    /// Waits until so many requests may be sent.
    async fn reserve(&self, requests: u32) {
        loop {
            let taken = self.budget().take(requests, Instant::now());
            match taken {
                Ok(()) => return,
                // Another look may give back what it did not need.
                Err(wait) => sleep(wait.min(RESERVE_AGAIN)).await,
            }
        }
    }

    fn give_back(&self, requests: u32) {
        self.budget().give_back(requests, Instant::now());
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at a server once, from outside of the daemon: as bounded as every look, and within no budget.
pub async fn look_once(client: &Client, endpoint: &Endpoint, now_at: Micros) -> Health {
    let before = Health::unknown(State::Unknown, &endpoint.base_url, now_at);
    match bounded(client, endpoint, None).await.0 {
        Some(finding) => before.after(finding, endpoint, now_at),
        None => before,
    }
}

/// Looks once at all of them at the same time; returns the health that counts, as [`Snapshot`](super::Snapshot) has it. None of no
/// servers. Those behind the first that is available are not waited for.
pub async fn look_once_at(client: &Client, endpoints: &[Endpoint], now_at: Micros) -> Option<Health> {
    let looks = endpoints.iter().map(|endpoint| look_once(client, endpoint, now_at));
    let mut looks: FuturesOrdered<_> = looks.collect();
    let mut healths = Vec::new();
    while let Some(health) = looks.next().await {
        if health.state.is_available() {
            return Some(health);
        }
        healths.push(health);
    }
    first(&healths).cloned()
}

/// Returns what one look found in its time, and how many requests it took.
async fn bounded(client: &Client, endpoint: &Endpoint, known: Option<Kind>) -> (Option<Finding>, u32) {
    let sent = AtomicU32::new(0);
    let asker = Asker { client, endpoint, sent: &sent };
    let late = |_| Some(Finding::Failed(format!("it does not answer within {} s", LOOK_WITHIN.as_secs())));
    let finding = timeout(LOOK_WITHIN, look(&asker, known)).await.unwrap_or_else(late);
    (finding, sent.into_inner())
}

fn outcome(finding: &Finding) -> Outcome {
    match finding {
        Finding::Models(_, models) if models.iter().any(|model| model.loaded == super::models::Loaded::Loading) => {
            Outcome::Changing
        }
        Finding::Loading => Outcome::Changing,
        Finding::Models(..) | Finding::Forbidden | Finding::Busy => Outcome::Answered,
        Finding::Foreign(_) => Outcome::Foreign,
        Finding::Failed(_) => Outcome::Failed,
    }
}
