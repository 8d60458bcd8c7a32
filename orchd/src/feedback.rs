//! The user's word on a task, from whoever passes it on to the store: how the task came out, or whether its recommended route was right.

use serde::{Deserialize, Serialize};
use shared::decision::Route;
use shared::event::Micros;

use crate::analytics::task_facts::facts_of_task;
use crate::analytics::tasks::task;
use crate::store::{About, Feedback, Reader, StoreError, Writer};
use crate::task_outcome::{Verdict, judged_by_user};
use crate::view::TaskRow;

/// What the user says, as it comes over HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The task's id.
    pub task: String,
    /// What is said of it.
    pub verdict: Said,
    /// What that is about.
    #[serde(default)]
    pub about: Subject,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It is good.
    Good,
    /// It is not.
    Bad,
}

/// What a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// How the task came out. Of a task that ran on the local model it also says whether that is as good as Claude.
    #[default]
    Result,
    /// Whether the recommended route was right.
    Route,
}

/// Why a word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// No such task is stored.
    #[error("there is no such task")]
    NoTask,
    /// It is about a route, and none was recommended.
    #[error("no route was recommended for this task")]
    NoRoute,
    /// The database failed.
    #[error("the database did not take it")]
    Store(#[from] StoreError),
}

/// Writes the user's word; returns the task as it stands by that.
pub async fn give(reader: &Reader, writer: &Writer, word: Word, now_at: Micros) -> Result<TaskRow, NotTaken> {
    let task_id = word.task.clone();
    let known = reader.query(move |conn| Ok(task(conn, &task_id)?.zip(facts_of_task(conn, &task_id)?))).await?;
    let (row, facts) = known.ok_or(NotTaken::NoTask)?;
    let verdict = if word.verdict == Said::Good { Verdict::Good } else { Verdict::Bad };
    let (about, as_good) = match word.about {
        Subject::Result => {
            (About::Result, row.ran.as_deref().filter(|ran| *ran == "local").map(|_| verdict == Verdict::Good))
        }
        Subject::Route => {
            let route = row.recommended_route.as_deref().and_then(Route::parse).ok_or(NotTaken::NoRoute)?;
            (About::Route, Some((route == Route::Local) == (verdict == Verdict::Good)))
        }
    };
    let said = (about == About::Result).then_some(verdict);
    let task = judged_by_user(&facts, &word.task, said).ok_or(NotTaken::NoTask)?;
    if !writer.give_feedback(Feedback { task, verdict, about, as_good, given_at: now_at }).await? {
        return Err(NotTaken::NoTask);
    }
    let task_id = word.task;
    let row = reader.query(move |conn| self::task(conn, &task_id)).await?;
    row.ok_or(NotTaken::NoTask)
}
