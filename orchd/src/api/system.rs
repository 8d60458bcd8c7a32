//! `GET /api/v1/system`.

use warp::reply::Response;

use super::context::Shared;
use super::process;
use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::analytics::system::{growth_bytes_per_day, stored};
use crate::view::{DatabaseView, SCHEMA, SystemView};

/// Is the tool itself healthy and small?
#[utoipa::path(get, path = "/api/v1/system", tag = "system",
    responses((status = 200, body = SystemView), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    json(&ask.headers, &view(&ask.shared).await?)
}

/// Returns the whole view; files and disk are looked at on the thread that asks the database.
pub(super) async fn view(shared: &Shared) -> Result<SystemView, ApiError> {
    let (clock, context, facts) = (shared.clock(), &shared.context, &shared.context.facts);
    let now_at = clock.now_at;
    let counters = context.writer.counters();
    let paused = context.writer.paused();
    let queue_depth = u64::try_from(context.writer.queue_depth()).unwrap_or(u64::MAX);
    let (streams, files) = (shared.open_streams(), std::sync::Arc::clone(facts));
    let asked = context.reader.query(move |conn| {
        let stored = stored(conn, &clock)?;
        let size_bytes = process::size_bytes(&files.database);
        let database = DatabaseView {
            path: files.database.display().to_string(),
            size_bytes,
            wal_bytes: process::size_bytes(&process::wal(&files.database)),
            events: i64::try_from(counters.stored).unwrap_or(i64::MAX),
            sessions: stored.sessions,
            oldest_at: stored.oldest_at,
            growth_bytes_per_day: growth_bytes_per_day(size_bytes, counters.stored, stored.recent),
            disk_free_bytes: process::disk_free_bytes(&files.database),
        };
        Ok((stored, database, process::spool(&files.spool_dir), process::process(streams, queue_depth)))
    });
    let (stored, database, spool, process) = asked.await?;
    Ok(SystemView {
        schema: SCHEMA,
        now_at,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
        schema_version: stored.schema_version,
        sqlite_version: rusqlite::version().to_owned(),
        uptime_s: facts.started.elapsed().as_secs(),
        socket: facts.socket.display().to_string(),
        http: facts.http.clone(),
        paused,
        durability: facts.durability.to_owned(),
        counters,
        spool,
        database,
        process,
        import: context.import.status(),
        latencies: stored.latencies,
    })
}
