//! Answers that many ask for at once, kept for a moment: made once per change of the database and at most once a second
//! without one.
//!
//! An answer is never older than the last commit the streams were told of, so a page that fetches after a `changed` sees it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::reject::ApiError;
use super::reply::Tagged;
use crate::updates::{Update, Updates};

/// How old an answer may be when nothing was stored: `now` and what the daemon knows move on.
const LONGEST: Duration = Duration::from_secs(1);
/// Different questions kept.
const MOST: usize = 64;

/// The answers and what tells that they are old.
#[derive(Debug)]
pub(super) struct Answers {
    seen: Mutex<(Receiver<Update>, u64)>,
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Kept>>>>>,
}

#[derive(Debug)]
struct Kept {
    version: u64,
    made: Instant,
    answer: Tagged,
}

impl Answers {
    pub(super) fn new(updates: &Updates) -> Self {
        Self { seen: Mutex::new((updates.subscribe(), 0)), slots: Mutex::default() }
    }

    /// Makes all answers old: something changed that is not published.
    pub(super) fn forget(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).1 += 1;
    }

    /// Returns a number that is higher after every commit.
    fn version(&self) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match seen.0.try_recv() {
                Ok(_) | Err(TryRecvError::Lagged(_)) => seen.1 += 1,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return seen.1,
            }
        }
    }

    /// Returns the answer to the question named `key`, made by `make` unless it is known. Askers of one question wait for one answer.
    pub(super) async fn get<A>(&self, key: String, make: impl FnOnce() -> A) -> Result<Tagged, ApiError>
    where
        A: Future<Output = Result<Tagged, ApiError>>,
    {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.len() >= MOST && !slots.contains_key(&key) {
                slots.clear();
            }
            Arc::clone(slots.entry(key).or_default())
        };
        let mut slot = slot.lock().await;
        // Taken before the question, so that what is stored meanwhile makes the answer old.
        let version = self.version();
        if let Some(kept) = slot.as_ref().filter(|kept| kept.version == version && kept.made.elapsed() < LONGEST) {
            return Ok(kept.answer.clone());
        }
        let started = Instant::now();
        let answer = make().await?;
        *slot = Some(Kept { version, made: started, answer: answer.clone() });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_kept_until_something_is_stored() {
        let updates = Updates::default();
        let answers = Answers::new(&updates);
        let made = AtomicU32::new(0);
        let ask = || {
            answers.get("q".to_owned(), || async {
                made.fetch_add(1, Ordering::Relaxed);
                Tagged::json(&1)
            })
        };
        let expect = |count| assert_eq!(made.load(Ordering::Relaxed), count);
        ask().await.expect("answers");
        ask().await.expect("answers");
        expect(1);
        for seq in 0..300 {
            updates.publish(Update {
                seq,
                events: 1,
                sessions: Arc::new([]),
                all: false,
                ledger: false,
                local_model: false,
                delegations: false,
                tasks: false,
            });
        }
        ask().await.expect("answers");
        expect(2);
        answers.forget();
        ask().await.expect("answers");
        expect(3);
    }
}
