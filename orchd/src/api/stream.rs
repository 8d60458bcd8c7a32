//! `GET /api/v1/stream`: says what changed, with an id; the page fetches what it shows.
//!
//! A stream holds nothing but its place in the bounded broadcast. A reader that falls behind is told to fetch anew.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};
use http::HeaderMap;
use rusqlite::OptionalExtension;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use warp::Reply;
use warp::reply::Response;
use warp::sse::Event;

use super::reject::ApiError;
use super::router::Ask;
use crate::updates::Update;

/// Time between comments on a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Least time between two messages: what is committed meanwhile becomes one.
const PACE: Duration = Duration::from_millis(40);
/// The same where only the ledger changed: an import commits a hundred times a second, and each message makes a page ask.
const LEDGER_PACE: Duration = Duration::from_millis(250);
/// Events that a returning reader may have missed; beyond, fetching anew is cheaper.
const MOST_MISSED: i64 = 10_000;
/// Sessions named in one message.
const MOST_SESSIONS: usize = 32;
/// The same, as a parameter of a question.
const MOST_NAMED: i64 = 32;

/// What changed, as it is committed. Events: `hello` at the start (its id is the place to come back to), `changed`, `resync`.
#[utoipa::path(get, path = "/api/v1/stream", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Tells what was missed since, or resync")),
    responses((status = 200, content_type = "text/event-stream"), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let shared = &ask.shared;
    let permit = Arc::clone(&shared.streams).try_acquire_owned().map_err(|_| ApiError::TooManyStreams)?;
    let last = last_event_id(&ask.headers);
    // Subscribed before the question, so that no commit falls between the two.
    let updates = shared.context.updates.subscribe();
    let (newest, first) = shared.context.reader.query(move |conn| missed(conn, last)).await?;
    let messages = messages(updates, newest, first, permit, shared.shutdown.clone());
    Ok(warp::sse::reply(warp::sse::keep_alive().interval(KEEP_ALIVE).stream(messages)).into_response())
}

/// What a browser came back with; None when it comes for the first time. What is not an id of ours is newer than every event.
fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    let given = headers.get("last-event-id")?;
    given.to_str().ok().and_then(|id| id.parse().ok()).filter(|id| *id >= 0).or(Some(i64::MAX))
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Message {
    Hello(i64),
    Changed {
        seq: i64,
        events: u64,
        sessions: Vec<String>,
        all: bool,
        ledger: bool,
        local_model: bool,
        delegations: bool,
        tasks: bool,
    },
    Resync(i64),
}

impl Message {
    fn event(&self) -> Event {
        let (name, id, json) = match self {
            Self::Hello(seq) => ("hello", seq, serde_json::json!({ "seq": seq })),
            Self::Resync(seq) => ("resync", seq, serde_json::json!({ "seq": seq })),
            Self::Changed { seq, events, sessions, all, ledger, local_model, delegations, tasks } => {
                let told = serde_json::json!({
                    "seq": seq, "events": events, "sessions": sessions, "all": all, "ledger": ledger, "local_model": local_model,
                    "delegations": delegations, "tasks": tasks,
                });
                ("changed", seq, told)
            }
        };
        Event::default().event(name).id(id.to_string()).data(json.to_string())
    }
}

/// Returns the newest seq, and what a reader that last saw `last` must be told first.
fn missed(conn: &rusqlite::Connection, last: Option<i64>) -> rusqlite::Result<(i64, Message)> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/newest_event.sql"))?;
    let newest = ask.query_row([], |row| row.get(0)).optional()?.unwrap_or(0);
    let message = match last {
        None => Message::Hello(newest),
        Some(last) if last == newest => Message::Hello(newest),
        Some(last) if last < newest && newest - last <= MOST_MISSED => {
            let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_since.sql"))?;
            let sessions = ask.query_map([last, MOST_NAMED + 1], |row| row.get(0))?;
            let mut sessions = sessions.collect::<rusqlite::Result<Vec<String>>>()?;
            let all = sessions.len() > MOST_SESSIONS;
            sessions.truncate(MOST_SESSIONS);
            // Nobody noted whether the ledger, the local model or a delegation changed meanwhile: whoever was away asks.
            let events = (newest - last).unsigned_abs();
            Message::Changed {
                seq: newest,
                events,
                sessions,
                all,
                ledger: true,
                local_model: true,
                delegations: true,
                tasks: true,
            }
        }
        // Too old, or of another database.
        Some(_) => Message::Resync(newest),
    };
    Ok((newest, message))
}

/// Returns the messages of one stream. They end at shutdown, and the place among the streams is given back with them.
fn messages(
    updates: Receiver<Update>,
    newest: i64,
    first: Message,
    permit: OwnedSemaphorePermit,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + Sync + 'static {
    // One message waits at most: the task below then waits too, and the broadcast tells it what it missed.
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let _permit = permit;
        let gone = send.clone();
        let told = tell(updates, newest, first, send);
        tokio::select! {
            () = told => {}
            () = gone.closed() => {}
            () = shutdown.cancelled() => {}
        }
    });
    stream::unfold(receive, |mut receive| async move {
        let message: Message = receive.recv().await?;
        Some((Ok(message.event()), receive))
    })
}

/// Sends what is published, merged to one message per [`PACE`], or per [`LEDGER_PACE`] where only the ledger changed.
async fn tell(mut updates: Receiver<Update>, newest: i64, first: Message, send: mpsc::Sender<Message>) {
    let mut newest = newest;
    let mut next = Some(first);
    let mut merged = Merged::default();
    let mut ledger_due = Instant::now();
    loop {
        if let Some(message) = next.take()
            && send.send(message).await.is_err()
        {
            return;
        }
        let began = Instant::now();
        let received = if merged.ledger {
            tokio::select! {
                received = updates.recv() => Some(received),
                () = tokio::time::sleep_until(ledger_due) => None,
            }
        } else {
            Some(updates.recv().await)
        };
        match received {
            Some(Ok(update)) => merged.add(&update, newest),
            Some(Err(RecvError::Lagged(_))) => merged.lagged = true,
            Some(Err(RecvError::Closed)) => return,
            None => {}
        }
        tokio::time::sleep_until(began + PACE).await;
        loop {
            match updates.try_recv() {
                Ok(update) => merged.add(&update, newest),
                Err(TryRecvError::Lagged(_)) => merged.lagged = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if merged.is_ledger_alone() && Instant::now() < ledger_due {
            continue;
        }
        if merged.ledger {
            ledger_due = Instant::now() + LEDGER_PACE;
        }
        newest = newest.max(merged.seq);
        next = std::mem::take(&mut merged).message(newest);
    }
}

/// Updates on their way into one message.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts of several updates, each true or not")]
struct Merged {
    seq: i64,
    events: u64,
    sessions: VecDeque<String>,
    all: bool,
    ledger: bool,
    local_model: bool,
    delegations: bool,
    tasks: bool,
    lagged: bool,
    /// Updates that told of more than the ledger.
    others: u64,
}

impl Merged {
    /// Adds an update, unless the reader knows of it: events up to `known` were told at the start.
    fn add(&mut self, update: &Update, known: i64) {
        if update.events > 0 && update.seq <= known {
            return;
        }
        self.seq = self.seq.max(update.seq);
        self.events += u64::from(update.events);
        self.all |= update.all;
        self.ledger |= update.ledger;
        self.local_model |= update.local_model;
        self.delegations |= update.delegations;
        self.tasks |= update.tasks;
        self.others += u64::from(update.events > 0 || !update.ledger || update.delegations || update.tasks);
        for session in update.sessions.iter() {
            if self.sessions.contains(session) {
                continue;
            }
            if self.sessions.len() == MOST_SESSIONS {
                self.all = true;
                break;
            }
            self.sessions.push_back(session.clone());
        }
    }

    fn is_ledger_alone(&self) -> bool {
        self.ledger && self.others == 0 && !self.lagged
    }

    fn message(self, seq: i64) -> Option<Message> {
        if self.lagged {
            return Some(Message::Resync(seq));
        }
        let Self { events, sessions, all, ledger, local_model, delegations, tasks, others, .. } = self;
        let sessions = sessions.into();
        (others > 0 || ledger).then_some(Message::Changed {
            seq,
            events,
            sessions,
            all,
            ledger,
            local_model,
            delegations,
            tasks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;
    use crate::updates::Updates;

    fn update(seq: i64, sessions: &[&str]) -> Update {
        let sessions = sessions.iter().map(|&id| id.to_owned()).collect();
        Update {
            seq,
            events: 1,
            sessions,
            all: false,
            ledger: false,
            local_model: false,
            delegations: false,
            tasks: false,
        }
    }

    #[test]
    fn a_returning_reader_is_told_what_it_missed() {
        let conn = seed::database();
        let (newest, _) = missed(&conn, None).expect("answers");
        assert_eq!(newest, 13);
        for (last, expected) in [
            (None, Message::Hello(13)),
            (Some(13), Message::Hello(13)),
            (Some(14), Message::Resync(13)),
            (Some(i64::MAX), Message::Resync(13)),
            (
                Some(10),
                Message::Changed {
                    seq: 13,
                    events: 3,
                    sessions: vec![seed::WORKING.to_owned()],
                    all: false,
                    ledger: true,
                    local_model: true,
                    delegations: true,
                    tasks: true,
                },
            ),
        ] {
            assert_eq!(missed(&conn, last).expect("answers").1, expected, "{last:?}");
        }
        let long = seed::empty();
        seed::many_events(&long, 10_002);
        assert_eq!(missed(&long, Some(1)).expect("answers").1, Message::Resync(10_002));
        assert!(matches!(missed(&long, Some(2)).expect("answers").1, Message::Changed { .. }));
        assert_eq!(missed(&seed::empty(), Some(0)).expect("answers").1, Message::Hello(0));
    }

    #[tokio::test]
    async fn commits_are_merged_without_gap_or_repetition() {
        let updates = Updates::default();
        let (send, mut receive) = mpsc::channel(1);
        let receiver = updates.subscribe();
        updates.publish(update(5, &["known"]));
        updates.publish(update(6, &["a"]));
        updates.publish(update(7, &["b", "a"]));
        let task = tokio::spawn(tell(receiver, 5, Message::Hello(5), send));
        assert_eq!(receive.recv().await, Some(Message::Hello(5)));
        let merged = Message::Changed {
            seq: 7,
            events: 2,
            sessions: vec!["a".into(), "b".into()],
            all: false,
            ledger: false,
            local_model: false,
            delegations: false,
            tasks: false,
        };
        assert_eq!(receive.recv().await, Some(merged));
        for seq in 8..1_000 {
            updates.publish(update(seq, &[]));
        }
        assert!(matches!(receive.recv().await, Some(Message::Resync(_))));
        drop(updates);
        task.await.expect("ends when nobody publishes");
    }

    #[tokio::test]
    async fn what_an_import_commits_is_told_four_times_a_second_and_events_at_once() {
        let updates = Updates::default();
        let (send, mut receive) = mpsc::channel(1);
        tokio::spawn(tell(updates.subscribe(), 5, Message::Hello(5), send));
        assert_eq!(receive.recv().await, Some(Message::Hello(5)));
        let spent = || Update {
            seq: 5,
            events: 0,
            sessions: Arc::new([]),
            all: false,
            ledger: true,
            local_model: false,
            delegations: false,
            tasks: false,
        };
        let (began, mut told) = (Instant::now(), 0);
        let publish = async {
            for _ in 0..240 {
                updates.publish(spent());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let hear = async {
            while receive.recv().await.is_some() {
                told += 1;
            }
        };
        tokio::select! {
            () = publish => {}
            () = hear => {}
        }
        let most = began.elapsed().as_millis() / LEDGER_PACE.as_millis() + 1;
        assert!(told >= 2 && told <= most, "{told} messages in {:?}", began.elapsed());
        updates.publish(spent());
        updates.publish(update(6, &["a"]));
        let asked = Instant::now();
        let message = receive.recv().await;
        assert!(matches!(message, Some(Message::Changed { events: 1, ledger: true, .. })), "{message:?}");
        assert!(asked.elapsed() <= PACE * 2, "{:?}", asked.elapsed());
    }

    #[test]
    fn more_sessions_than_a_message_names_are_all() {
        let mut merged = Merged::default();
        for n in 0..=MOST_SESSIONS {
            merged.add(&update(1, &[&n.to_string()]), 0);
        }
        assert!(merged.all && merged.sessions.len() == MOST_SESSIONS);
    }
}
