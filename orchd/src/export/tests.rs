//! Every format of every table, against the same questions asked otherwise.

use jiff::civil::date;
use parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::*;
use crate::analytics::costs::{self, Group};
use crate::analytics::requests::{RequestQuery, requests};
use crate::analytics::seed;
use crate::analytics::seed_ledger::roll_up;
use crate::fold::Body;

fn export(table: Table) -> Export {
    Export { table, of: CostQuery::default(), timezone: TimeZone::UTC, bodies: false }
}

fn rows(conn: &Connection, export: &Export) -> Vec<Vec<Cell>> {
    let mut pages = Pages::new(export.clone());
    let mut rows = Vec::new();
    while let Some(page) = pages.next(conn).expect("reads") {
        assert!(page.len() <= pages::ROWS);
        rows.extend(page);
    }
    rows
}

fn text(conn: &Connection, export: &Export, format: TextFormat) -> String {
    let mut bytes = format.head(export);
    bytes.extend(format.lines(export, &rows(conn, export)));
    String::from_utf8(bytes).expect("text")
}

fn objects(conn: &Connection, export: &Export) -> Vec<Value> {
    let lines = text(conn, export, TextFormat::Jsonl);
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Sums a column.
fn sum(export: &Export, rows: &[Vec<Cell>], name: &str) -> i64 {
    let place = export.columns().iter().position(|column| column.name == name).expect("a column");
    rows.iter().map(|row| row[place].whole()).sum()
}

#[test]
fn totals_are_those_of_the_costs_to_the_nano_dollar() {
    let conn = seed::database();
    for of in [
        CostQuery::default(),
        CostQuery { model: Some("claude-opus-5".into()), ..CostQuery::default() },
        CostQuery { model: Some("local-model".into()), ..CostQuery::default() },
        CostQuery { session_id: Some(seed::WORKING.into()), ..CostQuery::default() },
        CostQuery { project_dir: Some("/home/dev/shop".into()), ..CostQuery::default() },
        CostQuery { project_dir: Some("/nowhere".into()), ..CostQuery::default() },
        CostQuery { since: Some(date(2026, 11, 10)), until: Some(date(2026, 11, 12)), ..CostQuery::default() },
        CostQuery { agent: Some("Explore".into()), ..CostQuery::default() },
    ] {
        let total = costs::total(&costs::rows(&conn, &of, Group::Model, &TimeZone::UTC).expect("answers"));
        for table in [Table::Requests, Table::Costs, Table::Sessions] {
            let export = Export { of: of.clone(), ..export(table) };
            if export.misfit().is_some() || (table == Table::Sessions && of.since.is_some()) {
                continue;
            }
            let rows = rows(&conn, &export);
            let count = match table {
                Table::Requests => i64::try_from(rows.len()).expect("few"),
                _ => sum(&export, &rows, "requests"),
            };
            assert_eq!(count, total.requests, "{export:?}");
            for (name, expected) in [
                ("cost_usd", total.cost_nano_usd),
                ("input_tokens", total.input),
                ("output_tokens", total.output),
                ("cache_read_input_tokens", total.cache_read),
                ("cache_creation_input_tokens", total.cache_creation),
            ] {
                assert_eq!(sum(&export, &rows, name), expected, "{name} of {export:?}");
            }
        }
    }
}

#[test]
fn lines_of_json_are_the_rows_of_the_api() {
    let conn = seed::database();
    let query = RequestQuery { limit: 1_000, ..RequestQuery::default() };
    let list = requests(&conn, &query, &TimeZone::UTC).expect("answers").items;
    let lines = objects(&conn, &export(Table::Requests));
    assert_eq!(lines.len(), list.len());
    for (line, row) in lines.iter().zip(&list) {
        assert_eq!(*line, serde_json::to_value(row).expect("JSON"));
    }
}

#[test]
fn every_request_of_many_pages_is_there_once() {
    let conn = seed::empty();
    seed::fill(&conn);
    let before = rows(&conn, &export(Table::Requests)).len();
    // All at one moment: the number alone tells them apart.
    conn.execute(
        "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 4500)
         INSERT INTO api_requests SELECT NULL, NULL, NULL, 's', NULL, NULL, NULL, 1, 'm', 5, 1, 1, 0, 0, 0, 0, 0, 'telemetry', NULL, n FROM n",
        [],
    )
    .expect("fills");
    roll_up(&conn);
    for of in [CostQuery::default(), CostQuery { session_id: Some("s".into()), ..CostQuery::default() }] {
        let all = of.session_id.is_none();
        let rows = rows(&conn, &Export { of, ..export(Table::Requests) });
        let mut numbers: Vec<_> = rows.iter().map(|row| row[0].whole()).collect();
        assert_eq!(numbers.len(), 4_500 + if all { before } else { 0 });
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), rows.len());
    }
}

#[test]
fn a_spreadsheet_sees_no_formula_and_times_of_the_zone() {
    let conn = seed::database();
    conn.execute("UPDATE api_requests SET model = '=HYPERLINK(\"http://x\")', agent_type = ' @cmd', requested_at = 1795366689948001", [])
        .expect("changes");
    conn.execute("UPDATE projects SET dir = '+' || dir", []).expect("changes");
    roll_up(&conn);
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule");
    let csv = text(&conn, &Export { timezone: berlin, ..export(Table::Requests) }, TextFormat::Csv);
    let mut lines = ::csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<_> = lines.headers().expect("a head").iter().map(str::to_owned).collect();
    let place = |name: &str| names.iter().position(|column| column == name).expect("a column");
    let mut count = 0;
    for line in lines.records() {
        let line = line.expect("a row");
        assert_eq!(&line[place("model")], "'=HYPERLINK(\"http://x\")");
        assert_eq!(&line[place("agent_type")], "' @cmd");
        assert!(line[place("project_dir")].starts_with("'+"));
        assert_eq!(&line[place("requested_at")], "2026-11-22T17:58:09.948001+01:00");
        let starts = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!line.iter().any(starts), "{line:?}");
        count += 1;
    }
    assert_eq!(count, 60);
}

#[test]
fn events_come_with_their_payloads_when_asked_for() {
    let conn = seed::database();
    let stored = Body::of(b"{\"prompt\":\"[redacted:key]\"}".to_vec());
    conn.execute("DELETE FROM event_bodies", []).expect("changes");
    conn.execute("INSERT INTO event_bodies VALUES (2, ?1, ?2)", params![stored.encoding, stored.bytes]).expect("fills");
    let lines = objects(&conn, &Export { bodies: true, ..export(Table::Events) });
    assert_eq!(lines.len(), 13);
    assert_eq!((&lines[0]["body"], &lines[1]["body"]["prompt"]), (&Value::Null, &"[redacted:key]".into()));
    let without = objects(&conn, &export(Table::Events));
    assert!(without.iter().all(|line| line.get("body").is_none() && line["failed"].is_boolean()));
    let of = CostQuery { session_id: Some(seed::WORKING.into()), ..CostQuery::default() };
    let of_session = objects(&conn, &Export { of, ..export(Table::Events) });
    assert!(!of_session.is_empty() && of_session.len() < 13);
}

#[test]
fn large_payloads_end_a_page_early() {
    let conn = seed::empty();
    seed::many_events(&conn, 2_500);
    conn.execute_batch(
        "DELETE FROM event_bodies; INSERT INTO event_bodies SELECT seq, 0, zeroblob(1 << 20) FROM events LIMIT 12",
    )
    .expect("fills");
    let mut pages = Pages::new(Export { bodies: true, ..export(Table::Events) });
    let mut sizes = Vec::new();
    while let Some(page) = pages.next(&conn).expect("reads") {
        sizes.push(page.len());
    }
    assert_eq!(sizes.iter().sum::<usize>(), 2_500);
    assert!(sizes[0] < 10, "{sizes:?}");
}

#[test]
fn an_empty_database_is_a_head_and_a_file_without_rows() {
    let conn = seed::empty();
    for (_, table) in Table::NAMES {
        let export = export(table);
        assert_eq!(text(&conn, &export, TextFormat::Csv).lines().count(), 1);
        assert_eq!(text(&conn, &export, TextFormat::Jsonl), "");
        let file = ParquetFile::new(export.columns(), Vec::new()).and_then(ParquetFile::finish).expect("writes");
        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).expect("a Parquet file");
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}

#[test]
fn parquet_comes_back_typed_and_whole() {
    let conn = seed::database();
    for (_, table) in Table::NAMES {
        let export = export(table);
        let rows = rows(&conn, &export);
        let mut file = ParquetFile::new(export.columns(), Vec::new()).expect("begins");
        for part in rows.chunks(7) {
            file.add(part.to_vec()).expect("adds");
        }
        let reader =
            SerializedFileReader::new(bytes::Bytes::from(file.finish().expect("ends"))).expect("a Parquet file");
        let back: Vec<_> = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
        assert_eq!(back.len(), rows.len());
        for (row, back) in rows.iter().zip(&back) {
            for ((column, cell), (name, field)) in export.columns().iter().zip(row).zip(back.get_column_iter()) {
                assert_eq!(column.name, name);
                assert!(same(*column, cell, field), "{name}: {cell:?} and {field:?}");
            }
        }
    }
}

fn same(column: Column, cell: &Cell, field: &Field) -> bool {
    match field {
        Field::Null => *cell == Cell::Nothing && !column.required,
        Field::Long(number) => column.kind == Kind::Whole && cell.whole() == *number,
        Field::TimestampMicros(at) => column.kind == Kind::Time && cell.whole() == *at,
        Field::Bool(flag) => column.kind == Kind::Flag && (cell.whole() != 0) == *flag,
        Field::Decimal(decimal) => {
            let nano = decimal.data().try_into().map(i64::from_be_bytes);
            column.kind == Kind::Dollars && decimal.scale() == 9 && nano.ok() == Some(cell.whole())
        }
        Field::Str(text) if column.kind == Kind::Marks => *text == super::text::marks(cell.whole()).join(" "),
        Field::Str(text) => column.kind == Kind::Text && cell.text() == text,
        _ => false,
    }
}

#[test]
fn columns_of_parquet_have_their_types() {
    let file = ParquetFile::new(export(Table::Requests).columns(), Vec::new()).and_then(ParquetFile::finish);
    let reader = SerializedFileReader::new(bytes::Bytes::from(file.expect("writes"))).expect("a Parquet file");
    let schema = reader.metadata().file_metadata().schema_descr();
    let column = |name: &str| schema.columns().iter().find(|column| column.name() == name).expect("a column").clone();
    let at = column("requested_at");
    assert_eq!(at.logical_type_ref(), Some(&LogicalType::timestamp(true, TimeUnit::MICROS)));
    let cost = column("cost_usd");
    assert_eq!((cost.physical_type(), cost.type_scale(), cost.self_type().is_optional()), (Physical::INT64, 9, true));
    assert!(!column("model").self_type().is_optional());
}
