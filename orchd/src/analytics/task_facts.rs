//! What the tables know of a session that tasks belong to: all that their settling goes by.

use rusqlite::{Connection, OptionalExtension, Row};
use shared::event::Micros;

use crate::fold::{AgentStatus, TASK_NOTIFICATION_FLAG, may_be_cut, unpack};
use crate::ledger::flags;
use crate::pricing::{Tokens, Usage};
use crate::task_outcome::{
    Agent, AsGood, Call, CallStatus, Delegated, Downshift, Judged, Kind, Request, SessionFacts, Settlement, Spent,
    Task, Turn, TurnKind, Verdict, answer_of, is_check,
};

/// Answers what is known of a session; None where it has no task.
pub fn task_facts(conn: &Connection, session_id: &str) -> rusqlite::Result<Option<SessionFacts>> {
    let tasks = tasks(conn, (Some(session_id), None))?;
    if tasks.is_empty() { Ok(None) } else { around(conn, session_id, tasks).map(Some) }
}

/// Answers what is known of a task and its session; None where there is no such task.
pub fn facts_of_task(conn: &Connection, task_id: &str) -> rusqlite::Result<Option<SessionFacts>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/session_of_task.sql"))?;
    let session: Option<Option<String>> = ask.query_row([task_id], |row| row.get(0)).optional()?;
    match session {
        None => Ok(None),
        Some(Some(session_id)) => task_facts(conn, &session_id),
        Some(None) => Ok(Some(SessionFacts { tasks: tasks(conn, (None, Some(task_id)))?, ..SessionFacts::default() })),
    }
}

fn around(conn: &Connection, session_id: &str, tasks: Vec<Task>) -> rusqlite::Result<SessionFacts> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_session.sql"))?;
    let marks = ask.query_row([session_id], |row| Ok((row.get("rest_at")?, row.get("lost_at")?))).optional()?;
    let (rest_at, lost_at) = marks.unwrap_or_default();
    Ok(SessionFacts {
        turns: turns(conn, session_id)?,
        rest_at,
        lost_at,
        calls: calls(conn, session_id)?,
        agents: agents(conn, session_id)?,
        requests: requests(conn, session_id)?,
        tasks,
    })
}

/// Answers in which sessions tasks may have to be settled anew after a start: those unsettled, those with an event since `since_at`, and
/// those of the last `newest` requests.
pub fn sessions_to_settle(conn: &Connection, since_at: Micros, newest: i64) -> rusqlite::Result<Vec<String>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_to_settle.sql"))?;
    ask.query_map([since_at / 60_000_000, newest], |row| row.get(0))?.collect()
}

/// Answers which sessions have tasks.
pub fn sessions_with_tasks(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_with_tasks.sql"))?;
    ask.query_map([], |row| row.get(0))?.collect()
}

fn turns(conn: &Connection, session_id: &str) -> rusqlite::Result<Vec<Turn>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_turns.sql"))?;
    let turn = |row: &Row<'_>| {
        let (event_id, prompt_id): (String, Option<String>) = (row.get("event_id")?, row.get("prompt_id")?);
        let kind = match row.get_ref("hook_event_name")?.as_str()? {
            "Stop" => TurnKind::Stop,
            "StopFailure" => TurnKind::Failure,
            "SessionEnd" => TurnKind::End,
            _ if row.get("is_report")? => TurnKind::Notification,
            _ => TurnKind::Prompt,
        };
        let words: Option<String> = if kind == TurnKind::Prompt { row.get("summary")? } else { None };
        Ok(Turn {
            at: row.get("occurred_at")?,
            kind,
            task_id: (kind == TurnKind::Prompt).then(|| format!("prompt:{}", prompt_id.as_ref().unwrap_or(&event_id))),
            prompt_id,
            answer: words.as_deref().and_then(answer_of),
        })
    };
    ask.query_map((session_id, TASK_NOTIFICATION_FLAG), turn)?.collect()
}

fn calls(conn: &Connection, session_id: &str) -> rusqlite::Result<Vec<Call>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_calls.sql"))?;
    let call = |row: &Row<'_>| {
        let call = Call {
            tool_use_id: row.get("tool_use_id")?,
            tool_name: row.get("tool_name")?,
            agent_id: row.get("agent_id")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            status: CallStatus::parse(row.get_ref("status")?.as_str()?),
            command: row.get("command")?,
            error: row.get("error")?,
            background: false,
        };
        Ok((call, row.get::<_, Option<i64>>("start_seq")?))
    };
    let mut calls = Vec::new();
    for found in ask.query_map([session_id], call)? {
        let (mut call, start_seq) = found?;
        if is_check(&call) {
            let asked = start_seq.map(|seq| asked(conn, seq)).transpose()?.unwrap_or_default();
            call.background = asked.background;
            // What makes the exit code another command's may stand behind a cut.
            call.command = asked.command.or(call.command.filter(|summary| !may_be_cut(summary)));
        }
        calls.push(call);
    }
    Ok(calls)
}

/// What the payload of a call's start asks for.
#[derive(Debug, Default)]
struct Asked {
    /// The whole command; None where it is not kept.
    command: Option<String>,
    /// To run in the background; where it is not kept, it is taken not to.
    background: bool,
}

fn asked(conn: &Connection, seq: i64) -> rusqlite::Result<Asked> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/event_body.sql"))?;
    let body = ask.query_row([seq], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
    let Some((encoding, stored)) = body else { return Ok(Asked::default()) };
    let Ok(payload) = unpack(encoding, &stored) else { return Ok(Asked::default()) };
    let input = shared::payload::scan(&payload).and_then(|payload| payload.nested("tool_input"));
    Ok(input.map_or_else(Asked::default, |input| Asked {
        command: input.text("command").map(std::borrow::Cow::into_owned),
        background: input.bool("run_in_background") == Some(true),
    }))
}

fn agents(conn: &Connection, session_id: &str) -> rusqlite::Result<Vec<Agent>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_agents.sql"))?;
    let agent = |row: &Row<'_>| {
        Ok(Agent {
            agent_id: row.get("agent_id")?,
            tool_use_id: row.get("tool_use_id")?,
            certain: row.get("tool_use_certain")?,
            parent_agent_id: row.get("parent_agent_id")?,
            resolved_model: row.get("resolved_model")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            status: AgentStatus::parse(row.get_ref("status")?.as_str()?),
        })
    };
    ask.query_map([session_id], agent)?.collect()
}

fn requests(conn: &Connection, session_id: &str) -> rusqlite::Result<Vec<Request>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_requests.sql"))?;
    let request = |row: &Row<'_>| {
        let count = |name: &str| Ok::<_, rusqlite::Error>(u64::try_from(row.get::<_, i64>(name)?).unwrap_or(0));
        let (written, hour) = (count("cache_creation_input_tokens")?, count("cache_creation_1h_input_tokens")?);
        let bits: i64 = row.get("flags")?;
        Ok(Request {
            agent_id: row.get("agent_id")?,
            prompt_id: row.get("prompt_id")?,
            requested_at: row.get("requested_at")?,
            model: row.get("model")?,
            usage: Usage {
                tokens: Tokens {
                    input: count("input_tokens")?,
                    output: count("output_tokens")?,
                    cache_read: count("cache_read_input_tokens")?,
                    cache_write_5m: written.saturating_sub(hour),
                    cache_write_1h: hour,
                },
                web_searches: count("web_searches")?,
                fast: bits & flags::FAST != 0,
                batch: bits & flags::BATCH != 0,
                us_only: bits & flags::US_ONLY != 0,
                ..Usage::default()
            },
            cost_nano_usd: row.get("cost_nano_usd")?,
        })
    };
    ask.query_map([session_id], request)?.collect()
}

fn tasks(conn: &Connection, of: (Option<&str>, Option<&str>)) -> rusqlite::Result<Vec<Task>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/tasks_of_session.sql"))?;
    ask.query_map(of, task)?.filter_map(Result::transpose).collect()
}

/// Reads a task; None of a kind that this build does not know.
fn task(row: &Row<'_>) -> rusqlite::Result<Option<Task>> {
    let Some(kind) = Kind::parse(row.get_ref("kind")?.as_str()?) else { return Ok(None) };
    let word: Option<String> = row.get("feedback")?;
    let feedback = word.as_deref().and_then(Verdict::parse);
    let judged = judged(row)?;
    let ran: Option<String> = row.get("ran")?;
    let delegated = judged.as_ref().filter(|_| kind == Kind::Delegation).map(|judged| Delegated {
        outcome: judged.outcome.clone(),
        reason: judged.reason.clone(),
        ended_at: judged.ended_at,
        duration_ms: judged.duration_ms,
        ran_local: ran.as_deref() == Some("local"),
    });
    let displaced: Option<String> = row.get("displaced_model")?;
    let downshift = displaced.filter(|_| kind == Kind::Agent).map(|displaced_model| {
        Ok::<_, rusqlite::Error>(Downshift {
            displaced_model,
            price: row.get("price")?,
            displaced_cost_nano_usd: row.get("displaced_cost_nano_usd")?,
            saving_nano_usd: row.get("saving_nano_usd")?,
        })
    });
    Ok(Some(Task {
        kind,
        decided_at: row.get("decided_at")?,
        tool_use_id: row.get("tool_use_id")?,
        downshifted_to: row.get("downshifted_to")?,
        feedback,
        delegated,
        written: Settlement {
            task_id: row.get("task_id")?,
            is_delegation: kind == Kind::Delegation,
            parent_task: row.get("parent_task")?,
            agent_id: row.get("agent_id")?,
            settled_at: row.get("settled_at")?,
            ran,
            spent: Spent {
                requests: row.get("requests")?,
                model: row.get("model")?,
                input_tokens: row.get("input_tokens")?,
                output_tokens: row.get("output_tokens")?,
                cache_read_input_tokens: row.get("cache_read_input_tokens")?,
                cache_creation_input_tokens: row.get("cache_creation_input_tokens")?,
                cost_nano_usd: row.get("cost_nano_usd")?,
                unknown_cost_requests: row.get("unknown_cost_requests")?,
            },
            downshift: downshift.transpose()?,
            judged,
            feedback,
        },
    }))
}

fn judged(row: &Row<'_>) -> rusqlite::Result<Option<Judged>> {
    let Some(outcome) = row.get::<_, Option<String>>("outcome")? else { return Ok(None) };
    let as_good: Option<bool> = row.get("as_good")?;
    let judged_by: Option<String> = row.get("judged_by")?;
    Ok(Some(Judged {
        outcome,
        reason: row.get("reason")?,
        ended_at: row.get("ended_at")?,
        duration_ms: row.get("duration_ms")?,
        label: row.get("label")?,
        evidence: row.get("evidence")?,
        quality_score: row.get("quality_score")?,
        quality_parts: row.get("quality_parts")?,
        as_good: as_good.map(|is_as_good| AsGood { is_as_good, judged_by: judged_by.unwrap_or_default() }),
    }))
}
