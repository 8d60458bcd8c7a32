//! Asks the local model and shows what comes, until it ends or whoever asked has seen enough.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::outcome::Local;
use super::place::Place;
use crate::command::Failure;
use crate::command::number::grouped;
use crate::local_model::chat::{Answering, ChatError, ChatRequest, Limits, Meter, Reply, Update, ask};
use crate::local_model::client;

/// How often progress is shown.
const TICK: Duration = Duration::from_millis(200);

/// Who watches an answer come: a terminal, or a client of the MCP server.
pub(crate) trait Watcher {
    /// Whether progress is worth the time.
    fn is_watched(&self) -> bool;
    /// Says that the server loads its model.
    fn loads(&mut self);
    /// Shows a piece.
    fn update(&mut self, update: &Update) -> Result<(), Failure>;
    /// Shows how far it is; `holds` while text is held back until it is known to be reasoning or answer.
    fn tick(&mut self, spent: Duration, tokens: u64, holds: bool);
    /// Takes what stands there of progress away.
    fn clear(&mut self) {}
}

/// Returns what came of asking; the meter tells how often that was, and how long the model had it. It ends early with the code that
/// `stop` returns.
pub(crate) async fn answer(
    place: &Place,
    request: &ChatRequest,
    limits: Limits,
    meter: &Meter,
    watcher: &mut impl Watcher,
    stop: impl Future<Output = u8>,
) -> Local {
    if let Some(misfit) = misfit(request.estimated_tokens(), place.context_tokens) {
        return Local::Failed(misfit);
    }
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut watch = Watch { begun: Instant::now(), ticks, stop: pin!(stop) };
    let client = match client::builder().build() {
        Ok(client) => client,
        Err(source) => {
            let url = place.endpoint.base_url.clone();
            return Local::Failed(ChatError::Unreachable { url, refused: false, source });
        }
    };
    let loads = AtomicBool::new(false);
    let says_so = || loads.store(true, Ordering::Relaxed);
    let mut asking = pin!(ask(&client, &place.endpoint, request, limits, meter, says_so));
    let begun = loop {
        tokio::select! {
            begun = &mut asking => break begun,
            _ = watch.ticks.tick(), if watcher.is_watched() => {
                if loads.load(Ordering::Relaxed) {
                    watcher.loads();
                }
                watcher.tick(watch.begun.elapsed(), 0, false);
            }
            code = &mut watch.stop => return Local::Cancelled(code),
        }
    };
    let local = match begun {
        Ok(answering) => follow(answering, meter, &mut watch, watcher).await,
        Err(error) => Local::Failed(error),
    };
    watcher.clear();
    local.and_is_json(request)
}

/// What ends a wait besides the server.
struct Watch<'a, F> {
    begun: Instant,
    ticks: Interval,
    stop: Pin<&'a mut F>,
}

/// Shows an answer as it comes. Leaving early drops it, which closes the connection: the server stops.
async fn follow(
    mut answering: Answering,
    meter: &Meter,
    watch: &mut Watch<'_, impl Future<Output = u8>>,
    watcher: &mut impl Watcher,
) -> Local {
    loop {
        let (tokens, holds) = (answering.pieces(), answering.is_holding());
        let next = tokio::select! {
            next = answering.next() => next,
            _ = watch.ticks.tick(), if watcher.is_watched() => {
                watcher.tick(watch.begun.elapsed(), tokens, holds);
                continue;
            }
            code = &mut watch.stop => return Local::Cancelled(code),
        };
        match next {
            Ok(Some(update)) => {
                if let Err(failure) = watcher.update(&update) {
                    return Local::Unwritten(failure);
                }
            }
            Ok(None) => break,
            Err(error) => {
                meter.ends(answering.pieces() > 0 || !error.is_before_a_model());
                return Local::Failed(error);
            }
        }
    }
    let pieces = answering.pieces();
    let finished = answering.finish();
    meter.ends(pieces > 0 || !finished.as_ref().is_err_and(ChatError::is_before_a_model));
    show(finished, watcher).unwrap_or_else(Local::Unwritten)
}

fn show(finished: Result<(Vec<Update>, Reply), ChatError>, watcher: &mut impl Watcher) -> Result<Local, Failure> {
    match finished {
        Ok((rest, reply)) => {
            rest.iter().try_for_each(|update| watcher.update(update))?;
            Ok(Local::Answered(Box::new(reply)))
        }
        Err(error) => Ok(Local::Failed(error)),
    }
}

impl Local {
    /// Refuses an answer that is not JSON where a schema asked for it.
    fn and_is_json(self, request: &ChatRequest) -> Self {
        let is_json = |reply: &Reply| serde_json::from_str::<serde::de::IgnoredAny>(&reply.answer);
        match self {
            Self::Answered(reply) if request.json_schema.is_some() => match is_json(&reply) {
                Ok(_) => Self::Answered(reply),
                Err(source) => Self::Failed(ChatError::NotJson { reply, source }),
            },
            other => other,
        }
    }
}

/// Returns why a question cannot be asked, when it is larger than the context that is loaded.
fn misfit(estimated: u64, context: Option<u64>) -> Option<ChatError> {
    let context = context.filter(|context| estimated > *context)?;
    let words = format!("it is about {} tokens, the loaded context holds {}", grouped(estimated), grouped(context));
    Some(ChatError::TooLong(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_must_fit_where_the_context_is_known() {
        assert!(misfit(5000, None).is_none());
        assert!(misfit(4096, Some(4096)).is_none());
        let text = misfit(12_400, Some(4096)).map(|error| error.to_string());
        let expected = "the task does not fit: it is about 12,400 tokens, the loaded context holds 4,096";
        assert_eq!(text.as_deref(), Some(expected));
    }
}
