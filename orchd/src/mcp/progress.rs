//! Tells the client how far the local model is, where it asked to be told: at most once a second, and when something else begins.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::Peer;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::command::Failure;
use crate::delegate::doing::Doing;
use crate::delegate::local::Watcher;
use crate::local_model::chat::Update;

/// Least time between two lines that tell of the same.
const EVERY: Duration = Duration::from_secs(1);
/// Longest the last line may take: a client that does not read gets none.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// What a client is told of one task.
#[derive(Debug)]
pub(super) struct Progress {
    doing: Doing,
    told: Option<(Doing, Duration)>,
    out: Option<Out>,
}

/// A way to the client, and who tells it.
#[derive(Debug)]
struct Out {
    /// Seconds, and the line.
    lines: mpsc::Sender<(f64, String)>,
    telling: JoinHandle<()>,
}

impl Progress {
    /// Returns the progress of a call; without a token nobody is told.
    pub(super) fn new(peer: &Peer<RoleServer>, token: Option<ProgressToken>) -> Self {
        let out = token.map(|token| {
            // One line waits at most: of an older one nothing is to be learnt.
            let (lines, mut told) = mpsc::channel::<(f64, String)>(1);
            let peer = peer.clone();
            let telling = tokio::spawn(async move {
                while let Some((seconds, line)) = told.recv().await {
                    let note = ProgressNotificationParam::new(token.clone(), seconds).with_message(line);
                    // A client that is gone is told of elsewhere.
                    let _ = peer.notify_progress(note).await;
                }
            });
            Out { lines, telling }
        });
        Self { doing: Doing::Waiting, told: None, out }
    }

    /// Waits until the last line is out: none may come after the answer.
    pub(super) async fn end(self) {
        if let Some(Out { lines, mut telling }) = self.out {
            drop(lines);
            if tokio::time::timeout(LAST_WITHIN, &mut telling).await.is_err() {
                telling.abort();
            }
        }
    }
}

impl Watcher for Progress {
    fn is_watched(&self) -> bool {
        self.out.is_some()
    }

    fn loads(&mut self) {
        self.doing = Doing::Loading(None);
    }

    fn update(&mut self, update: &Update) -> Result<(), Failure> {
        self.doing = match update {
            Update::Loading(percent) => Doing::Loading(*percent),
            Update::Reasoning(_) => Doing::Thinking,
            Update::Answer(_) | Update::AnswerWasReasoning => Doing::Answering,
        };
        Ok(())
    }

    fn tick(&mut self, spent: Duration, tokens: u64, holds: bool) {
        let doing = if holds { Doing::Thinking } else { self.doing };
        if self.told.is_some_and(|(told, at)| told == doing && spent.saturating_sub(at) < EVERY) {
            return;
        }
        if let Some(Out { lines, .. }) = &self.out {
            self.told = Some((doing, spent));
            let _ = lines.try_send((spent.as_secs_f64(), doing.line(spent, tokens)));
        }
    }
}
