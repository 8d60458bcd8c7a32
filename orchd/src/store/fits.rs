//! Fits to the user's outcomes: each is kept, one of a local model is in force.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

/// A fit as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFit {
    /// The local model.
    pub model: String,
    /// The weights that it was fitted on top of.
    pub weights: String,
    /// The log odds times this,
    pub slope: f64,
    /// plus this.
    pub intercept: f64,
    /// Plus this in some projects: folder and offset.
    pub projects: Vec<(String, f64)>,
    /// How many outcomes it rests on.
    pub outcomes: usize,
    /// How it did on held-back outcomes, as JSON.
    pub guard: String,
    /// When it was made.
    pub fitted_at: Micros,
}

/// Writes a fit, in force instead of the one before; its number.
pub(super) fn save(connection: &Connection, fit: &NewFit) -> Result<i64, rusqlite::Error> {
    let replaces = retire(connection, &fit.model)?;
    let values = params![
        fit.model,
        fit.weights,
        fit.slope,
        fit.intercept,
        serde_json::json!(fit.projects).to_string(),
        i64::try_from(fit.outcomes).unwrap_or(i64::MAX),
        fit.guard,
        fit.fitted_at,
        replaces
    ];
    connection.prepare_cached(include_str!("sql/insert_fit.sql"))?.query_row(values, |row| row.get(0))
}

/// Puts the fit before the one in force into force; its number, None where there is none. Without one in force nothing changes.
pub(super) fn roll_back(connection: &Connection, model: &str) -> Result<Option<i64>, rusqlite::Error> {
    let Some(retired) = retire(connection, model)? else { return Ok(None) };
    let mut restore = connection.prepare_cached(include_str!("sql/restore_fit.sql"))?;
    restore.query_row([retired], |row| row.get(0)).optional()
}

fn retire(connection: &Connection, model: &str) -> Result<Option<i64>, rusqlite::Error> {
    connection.prepare_cached(include_str!("sql/retire_fit.sql"))?.query_row([model], |row| row.get(0)).optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().expect("opens");
        connection.execute_batch(include_str!("../../schema.sql")).expect("made");
        connection
    }

    fn active(connection: &Connection, model: &str) -> Option<i64> {
        let sql = "SELECT fit_id FROM router_fits WHERE model = ?1 AND is_active = 1";
        connection.query_row(sql, [model], |row| row.get(0)).optional().expect("asked")
    }

    #[test]
    fn a_fit_is_in_force_until_the_next_and_again_after_a_rollback() {
        let connection = database();
        let fit = |model: &str, slope| NewFit {
            model: model.to_owned(),
            weights: "0a".to_owned(),
            slope,
            intercept: 0.0,
            projects: vec![("/w".to_owned(), 0.5)],
            outcomes: 200,
            guard: "{}".to_owned(),
            fitted_at: 7,
        };
        let [first, other, second] = [("r1", 0.9), ("qwen", 1.0), ("r1", 0.8)]
            .map(|(model, slope)| save(&connection, &fit(model, slope)).expect("stored"));
        assert_eq!((active(&connection, "r1"), active(&connection, "qwen")), (Some(second), Some(other)));
        assert_eq!(roll_back(&connection, "r1").expect("done"), Some(first));
        assert_eq!(active(&connection, "r1"), Some(first));
        let third = save(&connection, &fit("r1", 1.1)).expect("stored");
        assert_eq!(roll_back(&connection, "r1").expect("done"), Some(first), "not the one that was rolled back");
        assert_eq!(roll_back(&connection, "r1").expect("done"), None);
        assert_eq!(active(&connection, "r1"), None, "before the first there was none");
        assert_eq!(roll_back(&connection, "r1").expect("done"), None);
        assert!(third > second && active(&connection, "qwen") == Some(other));
        let kept: i64 = connection.query_row("SELECT count(*) FROM router_fits", [], |row| row.get(0)).expect("asked");
        assert_eq!(kept, 4, "every one is kept");
    }
}
