//! How the local model was, and how long its server took to say so.

use rusqlite::Connection;

use super::{Clock, latency};
use crate::metrics::Metric;
use crate::view::{LatencyView, LocalModelChange};

/// Changes that are told.
const MOST: i64 = 200;

/// Answers the changes, the newest first, and the looks of the last 24 hours.
pub fn history(conn: &Connection, clock: &Clock) -> rusqlite::Result<(Vec<LocalModelChange>, Vec<LatencyView>)> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/local_model_history.sql"))?;
    let changes = ask.query_map([MOST], |row| {
        Ok(LocalModelChange {
            since_at: row.get(0)?,
            state: row.get(1)?,
            url: row.get(2)?,
            kind: row.get(3)?,
            model: row.get(4)?,
            context_tokens: row.get(5)?,
            quantization: row.get(6)?,
            reason: row.get(7)?,
        })
    })?;
    let probes = [Metric::LocalProbe, Metric::LocalProbeFailed];
    let probes = probes.into_iter().map(|metric| latency::latency(conn, metric, clock));
    Ok((changes.collect::<Result<_, _>>()?, probes.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn the_newest_change_is_first_and_their_number_is_bounded() {
        let conn = seed::database();
        for n in 0..300 {
            let state = if n % 2 == 0 { "down" } else { "ready" };
            let row = "INSERT INTO local_model_states (since_at, state, url, model) VALUES (?1, ?2, 'http://h', 'm')";
            conn.execute(row, rusqlite::params![n, state]).expect("stored");
        }
        let (changes, probes) = history(&conn, &seed::clock()).expect("answers");
        assert_eq!((changes.len(), changes[0].since_at, changes[0].state.as_str()), (200, 299, "ready"));
        assert_eq!(
            probes.iter().map(|probe| probe.metric.as_str()).collect::<Vec<_>>(),
            ["local_probe", "local_probe_failed"]
        );
    }
}
