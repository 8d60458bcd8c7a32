//! Subagents: usage, outcome, cost and duration by type, what follows what, and the newest runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params};
use shared::event::Micros;

use super::Scope;
use super::costs::{CostQuery, usd};
use crate::view::{SCHEMA, SubagentChain, SubagentRun, SubagentType, Subagents};

/// Runs that are looked at.
const MOST_RUNS: usize = 20_000;
/// Runs that are listed.
const LISTED: usize = 200;
/// Chains that are listed.
const MOST_CHAINS: usize = 50;
/// Longest chain that is told apart; of longer ones the start.
const MOST_LINKS: usize = 12;

/// A subagent that is defined somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// built-in, user, project or seed.
    pub source: &'static str,
}

/// One run with all that sums and chains go by.
struct Run {
    view: SubagentRun,
    unknown_cost_requests: i64,
    quality_score: Option<f64>,
    /// What it was called for: the prompt, or the delegation whose session it is of.
    caller: String,
}

/// Answers all about the subagents in some days of a project. `defined` names those that need not have run; of one name the first counts.
pub fn subagents(
    conn: &Connection,
    (since, until): (Option<Date>, Option<Date>),
    project_dir: Option<&str>,
    defined: &[Definition],
    timezone: &TimeZone,
) -> rusqlite::Result<Subagents> {
    let (from_at, before_at) = CostQuery { since, until, ..CostQuery::default() }.range(timezone);
    let scope = Scope::of(conn, project_dir)?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/subagent_runs.sql"))?;
    let most = i64::try_from(MOST_RUNS + 1).unwrap_or(i64::MAX);
    let mut runs =
        ask.query_map(params![from_at, before_at, scope.0, most], run)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let left_out = runs.len() > MOST_RUNS;
    runs.truncate(MOST_RUNS);
    Ok(Subagents {
        schema: SCHEMA,
        agents: types(&runs, defined),
        chains: chains(&runs),
        newest_runs: left_out.then_some(MOST_RUNS),
        runs: runs.into_iter().take(LISTED).map(|run| run.view).collect(),
    })
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let session_id: String = row.get("session_id")?;
    let (prompt_id, parent_task): (Option<String>, Option<String>) = (row.get("prompt_id")?, row.get("parent_task")?);
    // A report of a background agent has a prompt id of its own; the parent task names the prompt that was typed.
    let typed =
        parent_task.filter(|task| task.starts_with("prompt:")).or_else(|| prompt_id.map(|id| format!("prompt:{id}")));
    let ledger_model: Option<String> = row.get("model")?;
    let resolved_model: Option<String> = row.get("resolved_model")?;
    Ok(Run {
        caller: format!("{session_id} {}", typed.unwrap_or_default()),
        unknown_cost_requests: row.get::<_, Option<i64>>("unknown_cost_requests")?.unwrap_or(0),
        quality_score: row.get("quality_score")?,
        view: SubagentRun {
            task_id: row.get("task_id")?,
            agent_id: row.get("agent_id")?,
            session_id,
            parent_agent_id: row.get("parent_agent_id")?,
            agent_type: row.get("agent_type")?,
            description: row.get("description")?,
            mode: row.get("mode")?,
            model: ledger_model.or(resolved_model),
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            status: row.get("status")?,
            label: row.get::<_, Option<String>>("label")?.unwrap_or_else(|| "unknown".to_owned()),
            cost_usd: row.get::<_, Option<i64>>("cost_nano_usd")?.map(usd),
            input_tokens: row.get("input_tokens")?,
            output_tokens: row.get("output_tokens")?,
            tool_calls: row.get("tool_calls")?,
            tool_failures: row.get("tool_failures")?,
            suggested_agent: row.get("suggested_agent")?,
            suggested_agent_confidence: row.get("suggested_agent_confidence")?,
        },
    })
}

fn types(runs: &[Run], defined: &[Definition]) -> Vec<SubagentType> {
    let mut by_type: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for definition in defined {
        by_type.entry(&definition.name).or_default();
    }
    for run in runs {
        by_type.entry(&run.view.agent_type).or_default().push(run);
    }
    let of = |(name, of_type): (&str, Vec<&Run>)| {
        let definition = defined.iter().find(|definition| definition.name == name);
        let suggested = runs.iter().filter(|run| run.view.suggested_agent.as_deref() == Some(name));
        let used = suggested.clone().filter(|run| run.view.agent_type == name);
        one_type(name, &of_type, (count(suggested), count(used)), definition)
    };
    let mut types: Vec<_> = by_type.into_iter().map(of).collect();
    types.sort_by(|a, b| b.runs.cmp(&a.runs).then_with(|| a.agent_type.cmp(&b.agent_type)));
    types
}

fn one_type(
    name: &str,
    runs: &[&Run],
    (suggested, suggested_and_used): (i64, i64),
    definition: Option<&Definition>,
) -> SubagentType {
    let running = |run: &&&Run| run.view.status == "running";
    let labelled = |label: &str| count(runs.iter().filter(|run| !running(run) && run.view.label == label));
    let mut durations: Vec<i64> = runs.iter().filter_map(|run| duration_ms(&run.view)).collect();
    durations.sort_unstable();
    let scores: Vec<f64> = runs.iter().filter_map(|run| run.quality_score).collect();
    let models: BTreeSet<&String> = runs.iter().filter_map(|run| run.view.model.as_ref()).collect();
    #[expect(clippy::cast_precision_loss, reason = "at most 20,000")]
    let quality_score = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
    SubagentType {
        agent_type: name.to_owned(),
        runs: count(runs.iter()),
        running: count(runs.iter().filter(running)),
        success: labelled("success"),
        failure: labelled("failure"),
        unknown: labelled("unknown"),
        cost_usd: known_sum(runs.iter().map(|run| run.view.cost_usd)),
        costed_runs: count(runs.iter().filter(|run| run.view.cost_usd.is_some())),
        unknown_cost_requests: runs.iter().map(|run| run.unknown_cost_requests).sum(),
        input_tokens: known_tokens(runs.iter().map(|run| run.view.input_tokens)),
        output_tokens: known_tokens(runs.iter().map(|run| run.view.output_tokens)),
        duration_ms_p50: percentile(&durations, 50),
        duration_ms_p95: percentile(&durations, 95),
        tool_calls: runs.iter().map(|run| run.view.tool_calls).sum(),
        tool_failures: runs.iter().map(|run| run.view.tool_failures).sum(),
        models: models.into_iter().cloned().collect(),
        suggested,
        suggested_and_used,
        quality_score,
        description: definition.and_then(|definition| definition.description.clone()),
        source: definition.map(|definition| definition.source),
    }
}

/// Types in the order of their starts, whether some ran at once, whether one called the other.
type Links<'r> = (Vec<&'r str>, bool, bool);

/// Returns what follows what: subagents that one caller called for one prompt, and each with the one that called it.
fn chains(runs: &[Run]) -> Vec<SubagentChain> {
    let mut siblings: HashMap<(&str, Option<&str>), Vec<&Run>> = HashMap::new();
    let by_id: HashMap<(&str, &str), &Run> =
        runs.iter().map(|run| ((&*run.view.session_id, &*run.view.agent_id), run)).collect();
    let mut found: BTreeMap<Links<'_>, Vec<Vec<&Run>>> = BTreeMap::new();
    for run in runs {
        let caller = run.view.parent_agent_id.as_deref();
        siblings.entry((&run.caller, caller)).or_default().push(run);
        if let Some(caller) = caller.and_then(|id| by_id.get(&(&*run.view.session_id, id))) {
            let types = vec![&*caller.view.agent_type, &*run.view.agent_type];
            found.entry((types, false, true)).or_default().push(vec![caller, run]);
        }
    }
    for mut group in siblings.into_values().filter(|group| group.len() > 1) {
        group.sort_by_key(|run| (run.view.started_at, run.view.agent_id.clone()));
        group.truncate(MOST_LINKS);
        let types = group.iter().map(|run| &*run.view.agent_type).collect();
        found.entry((types, overlap(&group), false)).or_default().push(group);
    }
    let chain = |((agents, parallel, nested), groups): (Links<'_>, Vec<Vec<&Run>>)| SubagentChain {
        agents: agents.into_iter().map(str::to_owned).collect(),
        parallel,
        nested,
        runs: count(groups.iter()),
        success: count(groups.iter().filter(|group| group.iter().all(|run| run.view.label == "success"))),
        cost_usd: known_sum(groups.iter().flatten().map(|run| run.view.cost_usd)),
    };
    let mut chains: Vec<_> = found.into_iter().map(chain).collect();
    chains.sort_by_key(|chain| std::cmp::Reverse(chain.runs));
    chains.truncate(MOST_CHAINS);
    chains
}

/// Whether one starts before one that started earlier has ended. One that runs has no end yet.
fn overlap(by_start: &[&Run]) -> bool {
    let mut latest: Option<Micros> = None;
    by_start.iter().any(|run| {
        let overlaps = latest.is_some_and(|end| run.view.started_at < end);
        latest = latest.max(Some(run.view.ended_at.unwrap_or(Micros::MAX)));
        overlaps
    })
}

fn duration_ms(run: &SubagentRun) -> Option<i64> {
    run.ended_at.map(|end| (end - run.started_at).max(0) / 1_000)
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

/// Sums what is known; None where nothing is.
fn known_sum(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    values.flatten().fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

fn known_tokens(values: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    values.flatten().fold(None, |sum: Option<i64>, value| Some(sum.unwrap_or(0).saturating_add(value)))
}

/// Returns a percentile by nearest rank: the value of a run.
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    const T0: Micros = 1_795_338_600_000_000;

    /// Stores a run: id, type, caller, start and end in seconds, label.
    fn add(
        conn: &Connection,
        (id, kind, parent): (&str, &str, Option<&str>),
        (start, end): (i64, Option<i64>),
        label: &str,
    ) {
        let (start, end) = (T0 + start * 1_000_000, end.map(|end| T0 + end * 1_000_000));
        conn.execute(
            "INSERT INTO subagent_invocations (session_id, agent_id, agent_type, tool_use_id, parent_agent_id, prompt_id, mode, started_at, ended_at,
               status, tool_calls, tool_failures)
             VALUES (?1, ?2, ?3, 't-' || ?2, ?4, 'p1', 'foreground', ?5, ?6, ?7, 3, 1)",
            params![seed::WORKING, id, kind, parent, start, end, if end.is_some() { "completed" } else { "running" }],
        )
        .expect("stores a run");
        conn.execute(
            "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, reasons, tries, local_ms, suggested_agent, cost_nano_usd)
             VALUES ('agent:t-' || ?1, 'agent', 1, ?2, 'observe', '[]', 0, 0, 'general-purpose', 1000000000)",
            params![id, start],
        )
        .expect("stores a task");
        conn.execute(
            "INSERT INTO task_outcomes (task_id, outcome, ended_at, duration_ms, label, evidence, quality_score, quality_parts)
             VALUES ('agent:t-' || ?1, 'completed', 0, 0, ?2, '[]', 0.5, '{}')",
            params![id, label],
        )
        .expect("stores an outcome");
    }

    #[test]
    fn types_chains_and_runs() {
        let conn = seed::database();
        conn.execute_batch("DELETE FROM subagent_invocations").expect("empties");
        add(&conn, ("a1", "Explore", None), (0, Some(10)), "success");
        add(&conn, ("a2", "general-purpose", None), (5, Some(30)), "success");
        add(&conn, ("a3", "Explore", Some("a2")), (6, None), "unknown");
        let defined = [
            Definition { name: "Explore".into(), description: None, source: "built-in" },
            Definition { name: "reviewer".into(), description: Some("Reviews.".into()), source: "user" },
        ];
        let all = subagents(&conn, (None, None), None, &defined, &TimeZone::UTC).expect("answers");
        let names: Vec<_> = all.agents.iter().map(|agent| (&*agent.agent_type, agent.runs, agent.source)).collect();
        assert_eq!(
            names,
            [("Explore", 2, Some("built-in")), ("general-purpose", 1, None), ("reviewer", 0, Some("user"))]
        );
        let explore = &all.agents[0];
        assert_eq!((explore.running, explore.success, explore.unknown, explore.tool_calls), (1, 1, 0, 6));
        assert_eq!((explore.duration_ms_p50, explore.cost_usd, explore.input_tokens), (Some(10_000), Some(2.0), None));
        let general = &all.agents[1];
        assert_eq!((general.suggested, general.suggested_and_used, general.quality_score), (3, 1, Some(0.5)));
        let never = &all.agents[2];
        assert_eq!((never.cost_usd, never.duration_ms_p95, never.quality_score), (None, None, None));
        let chains: Vec<_> = all
            .chains
            .iter()
            .map(|chain| (chain.agents.join(" "), chain.parallel, chain.nested, chain.success))
            .collect();
        assert_eq!(
            chains,
            [("Explore general-purpose".into(), true, false, 1), ("general-purpose Explore".into(), false, true, 0)]
        );
        assert_eq!(all.runs.iter().map(|run| &*run.agent_id).collect::<Vec<_>>(), ["a3", "a2", "a1"]);
        let none = subagents(&conn, (None, None), Some("/nowhere"), &[], &TimeZone::UTC).expect("answers");
        assert!(none.agents.is_empty() && none.runs.is_empty() && none.chains.is_empty());
    }

    #[test]
    fn percentiles_are_of_a_run() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!((percentile(&[7], 50), percentile(&[7], 95)), (Some(7), Some(7)));
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 95)), (Some(50), Some(95)));
    }
}
