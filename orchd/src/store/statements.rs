//! The writer's statements, prepared once per connection.

use rusqlite::{Connection, Statement};

/// Every statement on the path of an event.
pub(super) struct Statements<'c> {
    pub(super) connection: &'c Connection,
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    pub(super) event: Statement<'c>,
    pub(super) body: Statement<'c>,
    pub(super) begin_task: Statement<'c>,
    pub(super) touch_session: Statement<'c>,
    pub(super) upsert_session: Statement<'c>,
    pub(super) calls_written: CallWrites<'c>,
    pub(super) upsert_agent: Statement<'c>,
    pub(super) session: Statement<'c>,
    pub(super) calls: Statement<'c>,
    pub(super) call: Statement<'c>,
    pub(super) agents: Statement<'c>,
    pub(super) agent: Statement<'c>,
    pub(super) activity_15m: Statement<'c>,
    pub(super) activity_day: Statement<'c>,
    pub(super) tool_duration_15m: Statement<'c>,
    pub(super) performance_metric: Statement<'c>,
    pub(super) counter: Statement<'c>,
    pub(super) ledger: LedgerStatements<'c>,
}

/// Every statement on the path of a request.
pub(super) struct LedgerStatements<'c> {
    pub(super) by_message: Statement<'c>,
    pub(super) by_request: Statement<'c>,
    pub(super) unmatched: Statement<'c>,
    pub(super) alike: Statement<'c>,
    pub(super) has_nameless: Statement<'c>,
    pub(super) of_session: Statement<'c>,
    pub(super) insert: Statement<'c>,
    pub(super) update: Statement<'c>,
    pub(super) mark: Statement<'c>,
    /// Adds to a row of a rollup, and takes one out that nothing is left in.
    pub(super) cost_metric: [Statement<'c>; 2],
    pub(super) cost_day: [Statement<'c>; 2],
    pub(super) cost_day_total: [Statement<'c>; 2],
    pub(super) cost_session: [Statement<'c>; 2],
}

/// How a tool call is written: whole the first time, then only what changes.
pub(super) struct CallWrites<'c> {
    pub(super) insert: Statement<'c>,
    pub(super) start: Statement<'c>,
    pub(super) end: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        let prepare = |sql| connection.prepare(sql);
        Ok(Self {
            connection,
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            event: prepare(include_str!("sql/insert_event.sql"))?,
            body: prepare(include_str!("sql/insert_body.sql"))?,
            begin_task: prepare(include_str!("sql/begin_task.sql"))?,
            touch_session: prepare(include_str!("sql/touch_session.sql"))?,
            upsert_session: prepare(include_str!("sql/upsert_session.sql"))?,
            calls_written: CallWrites {
                insert: prepare(include_str!("sql/insert_call.sql"))?,
                start: prepare(include_str!("sql/start_call.sql"))?,
                end: prepare(include_str!("sql/end_call.sql"))?,
            },
            upsert_agent: prepare(include_str!("sql/upsert_agent.sql"))?,
            session: prepare(include_str!("sql/session.sql"))?,
            calls: prepare(include_str!("sql/calls.sql"))?,
            call: prepare(include_str!("sql/call.sql"))?,
            agents: prepare(include_str!("sql/agents.sql"))?,
            agent: prepare(include_str!("sql/agent.sql"))?,
            activity_15m: prepare(include_str!("sql/add_activity_15m.sql"))?,
            activity_day: prepare(include_str!("sql/add_activity_day.sql"))?,
            tool_duration_15m: prepare(include_str!("sql/add_tool_duration_15m.sql"))?,
            performance_metric: prepare(include_str!("sql/add_performance_metric.sql"))?,
            counter: prepare(include_str!("sql/set_counter.sql"))?,
            ledger: LedgerStatements {
                by_message: prepare(include_str!("sql/request_by_message.sql"))?,
                by_request: prepare(include_str!("sql/request_by_request.sql"))?,
                unmatched: prepare(include_str!("sql/request_unmatched.sql"))?,
                alike: prepare(include_str!("sql/request_alike.sql"))?,
                has_nameless: prepare(include_str!("sql/has_nameless.sql"))?,
                of_session: prepare(include_str!("sql/requests_of_session.sql"))?,
                insert: prepare(include_str!("sql/insert_request.sql"))?,
                update: prepare(include_str!("sql/update_request.sql"))?,
                mark: prepare(include_str!("sql/set_transcript_file.sql"))?,
                cost_metric: [
                    prepare(include_str!("sql/add_cost_metric.sql"))?,
                    prepare(include_str!("sql/drop_cost_metric.sql"))?,
                ],
                cost_day: [
                    prepare(include_str!("sql/add_cost_day.sql"))?,
                    prepare(include_str!("sql/drop_cost_day.sql"))?,
                ],
                cost_day_total: [
                    prepare(include_str!("sql/add_cost_day_total.sql"))?,
                    prepare(include_str!("sql/drop_cost_day_total.sql"))?,
                ],
                cost_session: [
                    prepare(include_str!("sql/add_cost_session.sql"))?,
                    prepare(include_str!("sql/drop_cost_session.sql"))?,
                ],
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Durability;
    use crate::store::open::open_writer;

    #[test]
    fn no_question_on_a_path_reads_a_whole_table() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let connection = open_writer(&folder.path().join("orch.db"), Durability::Commit).expect("opens");
        for ask in [
            include_str!("sql/session.sql"),
            include_str!("sql/calls.sql"),
            include_str!("sql/call.sql"),
            include_str!("sql/agents.sql"),
            include_str!("sql/agent.sql"),
            include_str!("sql/silent_sessions.sql"),
            include_str!("sql/request_by_message.sql"),
            include_str!("sql/request_by_request.sql"),
            include_str!("sql/request_unmatched.sql"),
            include_str!("sql/request_alike.sql"),
            include_str!("sql/requests_of_session.sql"),
            include_str!("sql/has_nameless.sql"),
            include_str!("sql/session_home.sql"),
        ] {
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {ask}")).expect("valid");
            let values = (0..explain.parameter_count()).map(|_| "x");
            let steps = explain.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3));
            let steps = steps.expect("explained").collect::<Result<Vec<_>, _>>().expect("text");
            assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?} of {ask}");
        }
    }
}
