//! `GET /api/v1/export`: rows to take elsewhere, written as the asker reads them.
//!
//! Each page is a question of its own, so that no connection to the database waits for a slow asker, and two exports leave the others
//! room. An export that cannot go on breaks its connection off: no asker takes half of one for the whole.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::civil::Date;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;
use warp::Reply;
use warp::reply::Response;

use super::params::{Params, bad};
use super::reject::ApiError;
use super::router::Ask;
use crate::analytics::calendar::day_of;
use crate::analytics::costs::CostQuery;
use crate::export::{Export, Pages, Table, TextFormat};
use crate::store::{Reader, StoreError};

/// How long an asker may leave a page unread.
const LONGEST: Duration = Duration::from_mins(1);

/// The rows of a table, all that match.
#[utoipa::path(get, path = "/api/v1/export", tag = "export",
    params(
        ("format" = Option<String>, Query, description = "csv (the default) or jsonl: one object a line, with the names of the other answers and every digit of a cost"),
        ("table" = Option<String>, Query, description = "requests (the default), sessions, events or costs (by day)"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01"),
        ("until" = Option<String>, Query, description = "Last day"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("model" = Option<String>, Query, description = "Model; not for events"),
        ("agent" = Option<String>, Query, description = "Type of agent, main for the main thread; not for sessions"),
        ("session" = Option<String>, Query, description = "session_id")),
    responses((status = 200, content_type = "text/csv"), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let shared = &ask.shared;
    let clock = shared.clock();
    let format = ask.params.one_of("format", &TextFormat::NAMES)?.unwrap_or(TextFormat::Csv);
    let export = Export {
        table: ask.params.one_of("table", &Table::NAMES)?.unwrap_or(Table::Requests),
        of: query(&ask.params)?,
        timezone: clock.timezone.clone(),
        bodies: false,
    };
    if let Some(name) = export.misfit() {
        return Err(bad(name, "left out for this table"));
    }
    let permit = Arc::clone(&shared.exports).try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let today = day_of(clock.now_at, &clock.timezone);
    let name = format!("attachment; filename=\"orch-{}-{today}.{}\"", export.table.name(), format.name());
    let head = format.head(&export).into();
    // Asked before the answer begins, so that what goes wrong is told as an error.
    let reader = shared.context.reader.clone();
    let first = page(&reader, format, Pages::new(export)).await?;
    let pieces = pieces(reader, format, (head, first), permit, shared.shutdown.clone());
    let mut response = warp::reply::stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.extend(HeaderValue::try_from(name).map(|name| (CONTENT_DISPOSITION, name)));
    Ok(response)
}

fn query(params: &Params) -> Result<CostQuery, ApiError> {
    let day = |name| params.parsed::<Date>(name, "a day such as 2026-11-22");
    let query = CostQuery {
        since: day("since")?,
        until: day("until")?,
        project_dir: params.text("project")?,
        model: params.text("model")?,
        agent: params.text("agent")?,
        session_id: params.text("session")?,
    };
    let reversed = query.since.zip(query.until).is_some_and(|(since, until)| since > until);
    if reversed { Err(bad("until", "since or a later day")) } else { Ok(query) }
}

/// A page as bytes, with what comes behind it; None behind the last.
type Page = Option<(Pages, Bytes)>;

async fn page(reader: &Reader, format: TextFormat, mut pages: Pages) -> Result<Page, StoreError> {
    let read = reader.query(move |conn| {
        let rows = pages.next(conn)?;
        Ok(rows.map(|rows| (pages, rows)))
    });
    let page = read.await?;
    Ok(page.map(|(pages, rows)| {
        let lines = format.lines(pages.export(), &rows).into();
        (pages, lines)
    }))
}

/// One thing on its way to the asker.
enum Piece {
    Lines(Bytes),
    End,
}

/// Returns the bytes of an answer. They end with an error unless all pages were sent.
fn pieces(
    reader: Reader,
    format: TextFormat,
    (head, first): (Bytes, Page),
    permit: OwnedSemaphorePermit,
    shutdown: CancellationToken,
) -> impl stream::Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    // One page waits at most; the next is read when it is taken.
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let _permit = permit;
        tokio::select! {
            () = send_all(&reader, format, (head, first), &send) => {}
            () = send.closed() => {}
            () = shutdown.cancelled() => {}
        }
    });
    stream::unfold(Some(receive), |receive| async move {
        let mut receive: mpsc::Receiver<Piece> = receive?;
        match receive.recv().await {
            Some(Piece::Lines(lines)) => Some((Ok(lines), Some(receive))),
            Some(Piece::End) => None,
            None => Some((Err(io::ErrorKind::ConnectionAborted.into()), None)),
        }
    })
}

async fn send_all(reader: &Reader, format: TextFormat, (head, first): (Bytes, Page), send: &mpsc::Sender<Piece>) {
    let deliver = async |piece| matches!(tokio::time::timeout(LONGEST, send.send(piece)).await, Ok(Ok(())));
    if !head.is_empty() && !deliver(Piece::Lines(head)).await {
        return;
    }
    let mut next = first;
    while let Some((pages, lines)) = next {
        if !lines.is_empty() && !deliver(Piece::Lines(lines)).await {
            return;
        }
        next = match page(reader, format, pages).await {
            Ok(page) => page,
            Err(error) => return tracing::error!(error = %crate::error::chain(&error), "an export broke off"),
        };
    }
    deliver(Piece::End).await;
}
