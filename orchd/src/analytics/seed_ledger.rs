//! A small ledger for the tests of this crate: 60 requests over 30 days up to [`super::seed::NOW`], and its rollups.

use rusqlite::{Connection, params};

use super::seed::{NOW, WORKING};
use super::{DAY, HOUR};

/// Fills the ledger of a database that `seed` filled. One model of three has no price.
pub(crate) fn fill(conn: &Connection) {
    conn.execute("INSERT INTO prices VALUES (1, 'test claude-opus-5')", []).expect("fills");
    for n in 0..60_i64 {
        let model = ["claude-opus-5", "claude-haiku-4-5", "local-model"][usize::try_from(n % 3).expect("small")];
        let known = model != "local-model";
        let agent = (n % 4 == 3).then_some("Explore");
        // Every other request is the working session's, over a month; the others are of two sessions a day.
        let session =
            if n % 2 == 0 { WORKING.to_owned() } else { format!("0199aaaa-0000-7000-8000-0000000001{:02}", n / 4) };
        conn.execute(
            "INSERT INTO api_requests VALUES (NULL, ?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, 0, 'transcript', ?13, ?14)",
            params![
                format!("msg_{n}"),
                format!("req_{n}"),
                session,
                agent,
                format!("prompt-{}", n / 5),
                1 + n % 2,
                model,
                NOW - n * DAY / 2 - HOUR,
                10 + n,
                100 + n,
                1_000 * n,
                50 * n,
                known.then_some(1),
                known.then_some(1_000_000 * (n + 1)),
            ],
        )
        .expect("stores a request");
    }
    roll_up(conn);
}

/// Makes the rollups anew from the ledger's rows.
pub(crate) fn roll_up(conn: &Connection) {
    let sums = "count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens),
        coalesce(sum(cost_nano_usd), 0), sum(cost_nano_usd IS NULL) FROM api_requests GROUP BY 1, 2, 3, 4";
    conn.execute_batch(&format!(
        "DELETE FROM cost_metrics; DELETE FROM cost_day; DELETE FROM cost_session; DELETE FROM cost_day_total;
         INSERT INTO cost_metrics SELECT requested_at / 900000000 * 900000000, project_id, model, coalesce(agent_type, ''), {sums};
         INSERT INTO cost_day SELECT date(requested_at / 1000000, 'unixepoch'), project_id, model, coalesce(agent_type, ''), {sums};
         INSERT INTO cost_session SELECT session_id, model, project_id, coalesce(agent_type, ''), min(requested_at), max(requested_at), {sums};
         {}",
        include_str!("../store/sql/sum_cost_days.sql")
    ))
    .expect("fills");
}
