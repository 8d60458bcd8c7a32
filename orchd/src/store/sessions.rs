//! Sessions in memory: read when their first event comes, written once per transaction.

use rusqlite::{OptionalExtension, Row, params};
use shared::event::Micros;

use super::hash::FastMap;
use super::statements::{CallWrites, Statements};
use crate::fold::{
    Agent, AgentMode, AgentStatus, Call, CallStatus, Claim, Counts, Decoded, Earliest, KnownCall, Latest, Session,
    State,
};
use crate::view::SessionState;

/// Sessions kept in memory.
const KEPT: usize = 256;
/// Calls read with a session.
const CALLS: i64 = 128;
/// Agents read with a session.
const AGENTS: i64 = 128;
/// Unit of `active_minute`, microseconds.
const MINUTE: Micros = 60_000_000;

#[derive(Debug)]
struct Entry {
    session: Session,
    used: u64,
    dirty: bool,
}

/// The sessions that events may change without a read.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    entries: FastMap<String, Entry>,
    dirty: Vec<String>,
    clock: u64,
}

impl Sessions {
    /// Merges one stored event.
    pub(super) fn merge(
        &mut self,
        statements: &mut Statements<'_>,
        event: &Decoded,
        seq: i64,
        project_id: i64,
    ) -> Result<(), rusqlite::Error> {
        let session = self.changing(statements, &event.session_id, true)?;
        let Some(session) = session else { return Ok(()) };
        if let Some(id) = session.missing_agent(event) {
            let known = statements.agent.query_row(params![session.session_id, id], agent).optional()?;
            if let Some(agent) = known {
                session.adopt_agent(agent);
            }
        }
        if let Some(id) = session.missing_call(event) {
            let known = statements.call.query_row(params![session.session_id, id], call).optional()?;
            if let Some(call) = known {
                session.adopt_call(call);
            }
        }
        session.merge(event, seq, project_id);
        Ok(())
    }

    /// Returns a session to change: from memory, else from the database, else a new one if `make`.
    pub(super) fn changing(
        &mut self,
        statements: &mut Statements<'_>,
        id: &str,
        make: bool,
    ) -> Result<Option<&mut Session>, rusqlite::Error> {
        self.clock += 1;
        let clock = self.clock;
        if !self.entries.contains_key(id) {
            let session = match read(statements, id)? {
                Some(session) => session,
                None if make => Session::new(id),
                None => return Ok(None),
            };
            self.entries.insert(id.to_owned(), Entry { session, used: clock, dirty: false });
        }
        let Some(entry) = self.entries.get_mut(id) else { return Ok(None) };
        entry.used = clock;
        if !entry.dirty {
            entry.dirty = true;
            self.dirty.push(id.to_owned());
        }
        Ok(Some(&mut entry.session))
    }

    /// Computes and writes what changed, and returns the sessions it changed.
    pub(super) fn flush(&mut self, statements: &mut Statements<'_>) -> Result<Vec<String>, rusqlite::Error> {
        for id in &self.dirty {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            entry.dirty = false;
            let session = &mut entry.session;
            session.settle();
            let (calls, agents) = (&mut statements.calls_written, &mut statements.upsert_agent);
            let write_call = |call: &Call| write_call(calls, id, call);
            let write_agent = |agent: &Agent| write_agent(agents, id, agent);
            if session.take_changes(write_call, write_agent)? {
                // Mostly an event only counts.
                if write_session(&mut statements.touch_session, session)? == 0 {
                    write_session(&mut statements.upsert_session, session)?;
                }
            }
        }
        Ok(std::mem::take(&mut self.dirty))
    }

    /// Drops the sessions that were not used for longest. Only after a commit.
    pub(super) fn trim(&mut self) {
        if self.entries.len() <= KEPT * 2 {
            return;
        }
        let mut used: Vec<u64> = self.entries.values().map(|entry| entry.used).collect();
        used.sort_unstable();
        let oldest = used[used.len() - KEPT];
        self.entries.retain(|_, entry| entry.used >= oldest);
    }
}

fn write_call(writes: &mut CallWrites<'_>, session_id: &str, call: &Call) -> Result<(), rusqlite::Error> {
    let (started_at, ended_at, asked_at) = (call.started_at(), call.ended_at(), call.asked_at());
    let status = call.status().as_str();
    let Some(written_start) = call.written_start() else {
        writes.insert.execute(params![
            call.call_id,
            session_id,
            call.tool_use_id,
            call.tool_name,
            call.lane,
            call.prompt_id,
            call.summary,
            started_at,
            ended_at,
            call.duration_ms,
            asked_at,
            status,
            call.start_seq,
            call.end_seq,
        ])?;
        return Ok(());
    };
    if written_start != started_at {
        // Its PreToolUse came late: all that it says is new.
        let Call { call_id, tool_name, lane, prompt_id, summary, start_seq, .. } = call;
        writes.start.execute(params![call_id, tool_name, lane, prompt_id, summary, started_at, start_seq])?;
    }
    writes.end.execute(params![
        call.call_id,
        ended_at,
        call.duration_ms,
        asked_at,
        status,
        call.start_seq,
        call.end_seq
    ])?;
    Ok(())
}

fn write_agent(
    statement: &mut rusqlite::Statement<'_>,
    session_id: &str,
    agent: &Agent,
) -> Result<(), rusqlite::Error> {
    let claim = agent.claim.as_ref();
    statement.execute(params![
        session_id,
        agent.agent_id,
        agent.agent_type,
        claim.map(|claim| &claim.tool_use_id),
        claim.is_some_and(|claim| claim.certain),
        claim.and_then(|claim| claim.parent.as_ref()),
        agent.prompt_id.get(),
        agent.mode().as_str(),
        claim.and_then(|claim| claim.description.as_ref()),
        claim.and_then(|claim| claim.requested_model.as_ref()),
        claim.and_then(|claim| claim.resolved_model.as_ref()),
        agent.started_at(),
        agent.ended_at(),
        agent.status().as_str(),
        agent.tool_calls,
        agent.tool_failures,
    ])?;
    Ok(())
}

fn write_session(statement: &mut rusqlite::Statement<'_>, session: &Session) -> Result<usize, rusqlite::Error> {
    let pid = session.client_pid.get();
    let started = session.client_started.filter(|(of, _)| Some(of) == pid).map(|(_, at)| at);
    statement.execute(params![
        session.session_id,
        session.project_id.get(),
        session.title.get().or(session.first_prompt.get()),
        session.model.get(),
        session.permission_mode.get(),
        session.entrypoint.get(),
        session.transcript_path.get(),
        pid,
        started,
        session.started_at,
        session.last_event_at,
        session.opened_at,
        session.prompt_at,
        session.stopped_at,
        session.ended.at(),
        session.lost_at,
        session.state.asked_at,
        session.ended.get().and_then(|reason| reason.as_ref()),
        word(session.state.state),
        session.state.since_at,
        session.state.waiting_for,
        session.counts.prompts,
        session.counts.tool_calls,
        session.counts.tool_failures,
        session.counts.agents,
        session.counts.compactions,
        session.counts.events,
        session.last_event_at.map(|at| at.div_euclid(MINUTE)),
        session.parent_task.get(),
    ])
}

fn read(statements: &mut Statements<'_>, id: &str) -> Result<Option<Session>, rusqlite::Error> {
    let Some(mut known) = statements.session.query_row([id], |row| session(id, row)).optional()? else {
        return Ok(None);
    };
    let calls = statements.calls.query_map(params![id, CALLS], call)?.collect::<Result<Vec<_>, _>>()?;
    let agents = statements.agents.query_map(params![id, AGENTS], agent)?.collect::<Result<Vec<_>, _>>()?;
    let all = |read: usize, counted: i64| i64::try_from(read) == Ok(counted);
    let partial = !all(calls.len(), known.counts.tool_calls) || !all(agents.len(), known.counts.agents);
    known.adopt(calls, agents, partial);
    Ok(Some(known))
}

fn session(id: &str, row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    let mut session = Session::new(id);
    let (started_at, last_event_at): (Micros, Micros) = (row.get("started_at")?, row.get("last_event_at")?);
    session.project_id = Earliest::known(started_at, row.get("project_id")?);
    // The row does not say where a title came from: it gives way to the client's own only.
    session.title = Latest::known(Micros::MIN, row.get("title")?);
    session.model = Latest::known(last_event_at, row.get("model")?);
    session.permission_mode = Latest::known(last_event_at, row.get("permission_mode")?);
    session.entrypoint = Latest::known(last_event_at, row.get("entrypoint")?);
    session.parent_task = Earliest::known(started_at, row.get("parent_task")?);
    session.transcript_path = Latest::known(last_event_at, row.get("transcript_path")?);
    let pid: Option<u32> = row.get("client_pid")?;
    session.client_pid = Latest::known(last_event_at, pid);
    session.client_started = pid.zip(row.get("client_start_us")?);
    session.started_at = Some(started_at);
    session.last_event_at = Some(last_event_at);
    session.opened_at = row.get("opened_at")?;
    session.prompt_at = row.get("prompt_at")?;
    session.stopped_at = row.get("stopped_at")?;
    session.lost_at = row.get("lost_at")?;
    let (ended_at, reason): (Option<Micros>, Option<String>) = (row.get("ended_at")?, row.get("end_reason")?);
    session.ended = Latest::known(ended_at.unwrap_or_default(), ended_at.map(|_| reason));
    let asked_at: Option<Micros> = row.get("asked_at")?;
    let waiting_for: Option<String> = row.get("waiting_for")?;
    session.known_question = Latest::known(asked_at.unwrap_or_default(), asked_at.map(|_| waiting_for.clone()));
    session.counts = Counts {
        prompts: row.get("prompts")?,
        tool_calls: row.get("tool_calls")?,
        tool_failures: row.get("tool_failures")?,
        agents: row.get("agents")?,
        compactions: row.get("compactions")?,
        events: row.get("events")?,
    };
    let state = parse(row.get_ref("state")?.as_str()?);
    session.state = State { state, since_at: row.get("state_since_at")?, waiting_for, asked_at };
    Ok(session)
}

fn call(row: &Row<'_>) -> Result<Call, rusqlite::Error> {
    let mut call = Call::default();
    call.call_id = row.get("call_id")?;
    call.tool_use_id = row.get("tool_use_id")?;
    call.tool_name = row.get("tool_name")?;
    call.lane = row.get("agent_id")?;
    call.prompt_id = row.get("prompt_id")?;
    call.summary = row.get("summary")?;
    call.duration_ms = row.get("duration_ms")?;
    call.start_seq = row.get("start_seq")?;
    call.end_seq = row.get("end_seq")?;
    Ok(Call::known(KnownCall {
        call,
        started_at: row.get("started_at")?,
        asked_at: row.get("permission_asked_at")?,
        ended_at: row.get("ended_at")?,
        status: CallStatus::parse(row.get_ref("status")?.as_str()?),
    }))
}

fn agent(row: &Row<'_>) -> Result<Agent, rusqlite::Error> {
    let started_at: Micros = row.get("started_at")?;
    let tool_use_id: Option<String> = row.get("tool_use_id")?;
    let claim = match tool_use_id {
        None => None,
        Some(tool_use_id) => Some(Claim {
            tool_use_id,
            certain: row.get("tool_use_certain")?,
            parent: row.get("parent_agent_id")?,
            mode: AgentMode::parse(row.get_ref("mode")?.as_str()?),
            description: row.get("description")?,
            requested_model: row.get("requested_model")?,
            resolved_model: row.get("resolved_model")?,
            end: None,
        }),
    };
    let mut plain = Agent::default();
    plain.agent_id = row.get("agent_id")?;
    plain.agent_type = row.get("agent_type")?;
    plain.prompt_id = Earliest::known(started_at, row.get("prompt_id")?);
    plain.tool_calls = row.get("tool_calls")?;
    plain.tool_failures = row.get("tool_failures")?;
    plain.claim = claim;
    let status = AgentStatus::parse(row.get_ref("status")?.as_str()?);
    Ok(Agent::known(plain, started_at, row.get("ended_at")?, status))
}

fn word(state: SessionState) -> &'static str {
    match state {
        SessionState::Working => "working",
        SessionState::Waiting => "waiting",
        SessionState::Idle => "idle",
        SessionState::Ended => "ended",
        SessionState::Lost => "lost",
    }
}

fn parse(word: &str) -> SessionState {
    match word {
        "working" => SessionState::Working,
        "waiting" => SessionState::Waiting,
        "ended" => SessionState::Ended,
        "lost" => SessionState::Lost,
        _ => SessionState::Idle,
    }
}
