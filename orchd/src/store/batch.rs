//! One transaction: a batch of commands, all of it or nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::params;
use shared::event::Micros;
use shared::payload::Flags;
use shared::protocol::Outcome;

use super::books;
use super::command::{Command, Pending};
use super::feedback::Feedback;
use super::ledger::{Ledger, LedgerBatch, LedgerOutcome};
use super::projects::Projects;
use super::rollups::Rollups;
use super::samples::Samples;
use super::sessions::Sessions;
use super::statements::Statements;
use super::{delegations, feedback, fits, local_model, plan_limits, tasks};
use crate::clock;
use crate::delegation::Entry;
use crate::fold::{Decoded, Decoding};
use crate::metrics::{Metric, Metrics};
use crate::updates::Update;
use crate::view::{Counters, SessionPatch};

/// A hook gives up after 300 ms: what seems to take longer is an event that somebody stored later.
const LONGEST_HOOK: Duration = Duration::from_secs(1);
/// Events may wait in the spool while the machine is off over a weekend.
const LONGEST_LAG: Duration = Duration::from_hours(72);
/// Sessions that an update names; more set `all`.
const NAMED_SESSIONS: usize = 32;

/// What the writer knows without asking the database. All of it is dropped when a transaction fails.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) counters: Counters,
    pub(super) paused: bool,
    pub(super) seq: i64,
    pub(super) projects: Projects,
    pub(super) sessions: Sessions,
    pub(super) rollups: Rollups,
    pub(super) ledger: Ledger,
    pub(super) samples: Samples,
    /// What the batch under way is to tell the streams besides its events.
    pub(super) told: Told,
}

/// What a batch holds besides events.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// A change of the local model.
    local_model: bool,
    /// A delegation.
    delegations: bool,
    /// More about tasks.
    tasks: bool,
    /// Sessions of whose tasks the user said something: what follows from that is to be worked out.
    sessions: Vec<String>,
}

/// What a committed batch did.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) pending: Vec<Pending>,
    pub(super) update: Option<Update>,
    /// The ledger's rollups changed.
    pub(super) ledger: bool,
    /// When the hooks of the stored events started, and whether the events were spooled.
    started: Vec<(Micros, bool)>,
}

impl Done {
    /// Records how long the events took until now. What no hook can have taken is a clock that jumped, or a replay.
    pub(super) fn measure(&self, metrics: &Metrics, now_at: Micros) {
        for &(started_at, spooled) in &self.started {
            let took = Duration::from_micros(u64::try_from(now_at - started_at).unwrap_or(0));
            if took < LONGEST_LAG {
                metrics.record(Metric::IngestLag, took);
            }
            if !spooled && took < LONGEST_HOOK {
                metrics.record(Metric::HookLatency, took);
            }
        }
    }
}

impl Memory {
    /// Writes a batch and commits it. On an error nothing of it is in the database; the commands' answers are in `pending`.
    pub(super) fn write(
        &mut self,
        statements: &mut Statements<'_>,
        commands: Vec<Command>,
        pending: &mut Vec<Pending>,
        metrics: &Metrics,
    ) -> Result<Done, rusqlite::Error> {
        let started = Instant::now();
        let before = self.counters;
        let first_seq = self.seq;
        let asked = !commands.is_empty();
        let mut hooks = Vec::with_capacity(commands.len());
        let mut result = statements.begin.execute([]).map(|_| ());
        for command in commands {
            // After an error the rest is only unpacked, so that every command gets its answer.
            let done = self.perform(statements, command, pending, &mut hooks, result.is_ok());
            result = result.and(done);
        }
        result?;
        let mut sessions = self.sessions.flush(statements)?;
        self.rollups.flush(statements)?;
        let spent = self.ledger.flush(&mut statements.ledger)?;
        self.samples.write(statements)?;
        books::write_counters(statements, &before, &self.counters)?;
        statements.commit.execute([])?;
        // Samples that are written by themselves leave none behind: an idle daemon must come to rest.
        if asked {
            metrics.record(Metric::Commit, started.elapsed());
        }
        self.samples.written();
        self.sessions.trim();
        let ledger = !spent.is_empty();
        if ledger {
            sessions.extend(spent);
            sessions.sort_unstable();
            sessions.dedup();
        }
        let Told { local_model, delegations, tasks, sessions: said_of } = std::mem::take(&mut self.told);
        if !said_of.is_empty() {
            sessions.extend(said_of);
            sessions.sort_unstable();
            sessions.dedup();
        }
        let all = sessions.len() > NAMED_SESSIONS;
        sessions.truncate(NAMED_SESSIONS);
        let events = u32::try_from(self.seq - first_seq).unwrap_or(u32::MAX);
        let changed = events > 0 || !sessions.is_empty() || local_model || delegations || tasks;
        let sessions = Arc::from(sessions);
        let update =
            changed.then_some(Update { seq: self.seq, events, sessions, all, ledger, local_model, delegations, tasks });
        Ok(Done { pending: std::mem::take(pending), update, ledger, started: hooks })
    }

    fn perform(
        &mut self,
        statements: &mut Statements<'_>,
        command: Command,
        pending: &mut Vec<Pending>,
        hooks: &mut Vec<(Micros, bool)>,
        healthy: bool,
    ) -> Result<(), rusqlite::Error> {
        let mut result = Ok(());
        let mut run = |result: &mut Result<(), rusqlite::Error>, memory: &mut Self, event: &Decoding| {
            if !healthy || result.is_err() {
                return Outcome::Rejected;
            }
            memory.append(statements, event, hooks).unwrap_or_else(|error| {
                *result = Err(error);
                Outcome::Rejected
            })
        };
        match command {
            Command::Append(event, settle) => {
                let outcome = run(&mut result, self, &event);
                pending.push(Pending::One(settle, outcome));
            }
            Command::AppendAll(events, answer) => {
                let outcomes = events.iter().map(|event| run(&mut result, self, event)).collect();
                pending.push(Pending::Many(answer, (outcomes, events)));
            }
            Command::Record(batch, answer) => {
                let recorded = if healthy { self.record(statements, *batch) } else { Ok(LedgerOutcome::default()) };
                pending.push(Pending::Recorded(answer, *recorded.as_ref().unwrap_or(&LedgerOutcome::default())));
                result = recorded.map(|_| ());
            }
            Command::EditSession(id, patch, answer) => {
                let found = if healthy { self.edit(statements, &id, &patch) } else { Ok(false) };
                pending.push(Pending::Found(answer, *found.as_ref().unwrap_or(&false)));
                result = found.map(|_| ());
            }
            Command::MarkLost(sessions, answer) => {
                pending.push(Pending::Done(answer));
                for (id, at) in sessions.into_iter().filter(|_| healthy) {
                    if let Some(session) = self.sessions.changing(statements, &id, false)? {
                        session.mark_lost(at);
                    }
                }
            }
            Command::SetClient(id, pid, started_at, answer) => {
                pending.push(Pending::Done(answer));
                if healthy && let Some(session) = self.sessions.changing(statements, &id, false)? {
                    session.set_client(pid, started_at);
                }
            }
            Command::SetPaused(paused, answer) => {
                pending.push(Pending::Done(answer));
                if healthy {
                    books::set_paused(statements.connection, paused)?;
                    self.paused = paused;
                }
            }
            Command::CountDropped(events, answer) => {
                pending.push(Pending::Done(answer));
                self.counters.received += events;
                self.counters.dropped += events;
                if healthy && events > 0 {
                    books::set_dropped_at(statements.connection, clock::now())?;
                }
            }
            Command::SetPlanLimits(limits, now_at, answer) => {
                pending.push(Pending::Done(answer));
                if healthy {
                    plan_limits::record(statements.connection, &limits, now_at)?;
                }
            }
            Command::SetLocalModel(health, answer) => {
                pending.push(Pending::Done(answer));
                if healthy {
                    local_model::record(statements.connection, &health)?;
                    self.told.local_model = true;
                }
            }
            Command::Close => {}
            of_tasks => result = self.perform_of_tasks(statements, of_tasks, pending, healthy),
        }
        result
    }

    /// Carries out what is about tasks and what is learned of them.
    fn perform_of_tasks(
        &mut self,
        statements: &mut Statements<'_>,
        command: Command,
        pending: &mut Vec<Pending>,
        healthy: bool,
    ) -> Result<(), rusqlite::Error> {
        match command {
            Command::RecordDelegation(entry, answer) => {
                let recorded = if healthy { self.delegate(statements, *entry) } else { Ok(false) };
                pending.push(Pending::Found(answer, *recorded.as_ref().unwrap_or(&false)));
                recorded.map(|_| ())
            }
            Command::SaveFit(fit, answer) => {
                let saved = if healthy { fits::save(statements.connection, &fit).map(Some) } else { Ok(None) };
                pending.push(Pending::Fitted(answer, *saved.as_ref().unwrap_or(&None)));
                saved.map(|_| ())
            }
            Command::RollBackFit(model, answer) => {
                let found = if healthy { fits::roll_back(statements.connection, &model) } else { Ok(None) };
                pending.push(Pending::Fitted(answer, *found.as_ref().unwrap_or(&None)));
                found.map(|_| ())
            }
            Command::SettleTasks(tasks, answer) => {
                pending.push(Pending::Done(answer));
                for task in tasks.into_iter().filter(|_| healthy) {
                    self.told.tasks |= tasks::settle((statements.connection, &mut self.ledger), &task)?;
                }
                Ok(())
            }
            Command::GiveFeedback(feedback, answer) => {
                let found = if healthy { self.hear(statements, &feedback) } else { Ok(false) };
                pending.push(Pending::Found(answer, *found.as_ref().unwrap_or(&false)));
                found.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        statements: &mut Statements<'_>,
        batch: LedgerBatch,
    ) -> Result<LedgerOutcome, rusqlite::Error> {
        let statements = (statements.connection, &mut statements.ledger);
        self.ledger.record(statements, &mut self.projects, batch)
    }

    fn hear(&mut self, statements: &Statements<'_>, word: &Feedback) -> Result<bool, rusqlite::Error> {
        let found = feedback::give(statements.connection, word)?;
        if found {
            self.told.tasks = true;
            self.told.sessions.extend(feedback::session(statements.connection, &word.task.task_id)?);
        }
        Ok(found)
    }

    fn append(
        &mut self,
        statements: &mut Statements<'_>,
        event: &Decoding,
        hooks: &mut Vec<(Micros, bool)>,
    ) -> Result<Outcome, rusqlite::Error> {
        let outcome = match event {
            _ if self.paused => Outcome::Dropped,
            Decoding::Event(event) => self.store(statements, event, hooks)?,
            Decoding::Rejected => Outcome::Rejected,
            Decoding::Excluded => Outcome::Dropped,
        };
        books::count(&mut self.counters, outcome);
        Ok(outcome)
    }

    fn store(
        &mut self,
        statements: &mut Statements<'_>,
        event: &Decoded,
        hooks: &mut Vec<(Micros, bool)>,
    ) -> Result<Outcome, rusqlite::Error> {
        let project_id = self.projects.id(statements.connection, &event.project_dir, event.occurred_at)?;
        let seq = self.seq + 1;
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        let event_id: &str = event.event_id.0.hyphenated().encode_lower(&mut id);
        let stored = statements.event.execute(params![
            seq,
            event_id,
            event.hook_event_name,
            event.session_id,
            project_id,
            event.prompt_id,
            event.tool_use_id,
            event.tool_name,
            event.agent_id,
            event.agent_type,
            event.occurred_at,
            event.received_at,
            event.duration_ms,
            event.failed,
            event.summary,
            event.flags,
            event.body_bytes,
            event.fact.is_of_call().then_some(1),
        ])?;
        if stored == 0 {
            return Ok(Outcome::Duplicate);
        }
        self.seq = seq;
        if let Some(body) = &event.body {
            statements.body.execute(params![seq, body.encoding, body.bytes])?;
        }
        tasks::begin(&mut statements.begin_task, event, project_id)?;
        self.sessions.merge(statements, event, seq, project_id)?;
        self.rollups.add(event, project_id, seq);
        hooks.push((event.occurred_at, Flags(event.flags).has(Flags::SPOOLED)));
        Ok(Outcome::Stored)
    }

    fn delegate(&mut self, statements: &mut Statements<'_>, entry: Entry) -> Result<bool, rusqlite::Error> {
        let connection = statements.connection;
        let is_new =
            delegations::record((connection, &mut statements.ledger), (&mut self.ledger, &mut self.projects), entry)?;
        self.told.delegations |= is_new;
        Ok(is_new)
    }

    fn edit(
        &mut self,
        statements: &mut Statements<'_>,
        id: &str,
        patch: &SessionPatch,
    ) -> Result<bool, rusqlite::Error> {
        let label = patch.label.clone().flatten().filter(|label| !label.is_empty());
        let mut edit = statements.connection.prepare_cached(include_str!("sql/edit_session.sql"))?;
        let found = edit.execute(params![id, patch.label.is_some(), label, patch.pinned])? > 0;
        if found {
            self.sessions.changing(statements, id, false)?;
        }
        Ok(found)
    }
}
