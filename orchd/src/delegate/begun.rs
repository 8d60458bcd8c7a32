//! A delegation from its beginning to what the local model made of it.

use std::future::Future;
use std::time::Instant;

use shared::decision::Decision;
use shared::event::{DelegationId, Micros};
use uuid::Uuid;

use super::local::{Watcher, answer};
use super::outcome::{Delegation, Local};
use super::place::Place;
use crate::clock::now;
use crate::local_model::chat::{ChatRequest, Limits, Meter};

/// A delegation that has begun, and is to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    id: DelegationId,
    started_at: Micros,
    instant: Instant,
}

impl Begun {
    /// Begins one. Finding the place is a part of it.
    pub(crate) fn now() -> Self {
        Self { id: DelegationId(Uuid::now_v7()), started_at: now(), instant: Instant::now() }
    }

    /// Returns the time now, which is not before the beginning even where the clock was set back.
    pub(crate) fn now_at(&self) -> Micros {
        self.started_at + Micros::try_from(self.instant.elapsed().as_micros()).unwrap_or(0)
    }

    /// Asks the model of a place, unless that is known to be of no use, whatever the router decided. It ends early with the code that
    /// `stop` returns.
    pub(crate) async fn ask(
        self,
        (mut place, decision): (Place, Decision),
        request: ChatRequest,
        limits: Limits,
        watcher: &mut impl Watcher,
        stop: impl Future<Output = u8>,
    ) -> Delegation {
        let meter = Meter::default();
        let local = match place.refused.take() {
            Some(error) => Local::Failed(error),
            None => answer(&place, &request, limits, &meter, watcher, stop).await,
        };
        Delegation {
            id: self.id,
            started_at: self.started_at,
            ended_at: self.now_at(),
            endpoint: place.endpoint.base_url,
            state: place.state,
            decision: Box::new(decision),
            request,
            context_tokens: place.context_tokens,
            tries: meter.tries(),
            local_time: meter.worked(),
            local,
            claude: None,
        }
    }
}
