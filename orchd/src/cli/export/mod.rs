//! `orchd export`: rows to take elsewhere, straight from the database: no daemon is needed, none is disturbed.

mod target;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use rusqlite::Connection;
use shared::paths::Paths;

use super::args::{Export as Args, ExportFormat, ExportTable};
use super::selection;
use crate::command::database::{connect, failed};
use crate::command::output::say;
use crate::command::{Code, Failure};
use crate::export::{Cell, Export, Pages, ParquetFile, Table, TextFormat};
use crate::store::at_one_moment;
use target::Target;

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode, Failure> {
    let export = asked(paths, args)?;
    if args.format == ExportFormat::Parquet && args.output.is_none() && io::stdout().is_terminal() {
        return Err(
            Failure::new(Code::Usage, "Parquet is not for a terminal").hint("add -o requests.parquet, or a pipe")
        );
    }
    let conn = connect(paths)?;
    // Every page is read once: a mapped file would only make the process look as large as the database.
    let unmapped = conn.pragma_update(None, "mmap_size", 0);
    unmapped.map_err(|error| Stop::Reading(error).failure(args))?;
    let target = Target::open(args.output.as_deref(), args.force)?;
    let mut source = Source { conn, pages: Pages::new(export), rows: 0 };
    let written = match args.format {
        ExportFormat::Csv => text(TextFormat::Csv, &mut source, target),
        ExportFormat::Jsonl => text(TextFormat::Jsonl, &mut source, target),
        ExportFormat::Parquet => parquet(&mut source, target),
    };
    written.and_then(Target::finish).map_err(|stop| stop.failure(args))?;
    if let Some(path) = &args.output {
        say(&format!("{} rows are in {}", source.rows, path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(paths: &Paths, args: &Args) -> Result<Export, Failure> {
    let table = match args.table {
        ExportTable::Requests => Table::Requests,
        ExportTable::Sessions => Table::Sessions,
        ExportTable::Events => Table::Events,
        ExportTable::Costs => Table::Costs,
    };
    let export = Export {
        table,
        of: selection::query(&args.of)?,
        timezone: selection::zone(paths, &args.of)?,
        bodies: args.bodies,
    };
    if args.bodies && (table != Table::Events || args.format != ExportFormat::Jsonl) {
        return Err(
            Failure::new(Code::Usage, "--bodies is for events in jsonl").hint("orchd export jsonl events --bodies")
        );
    }
    match export.misfit() {
        Some(name) => {
            Err(Failure::new(Code::Usage, format!("--{name} says nothing about {}", table.name())).hint("leave it out"))
        }
        None => Ok(export),
    }
}

/// Why an export ended before its end.
#[derive(Debug)]
enum Stop {
    Reading(rusqlite::Error),
    Writing(io::Error),
}

impl From<io::Error> for Stop {
    fn from(source: io::Error) -> Self {
        Self::Writing(source)
    }
}

impl Stop {
    fn failure(self, args: &Args) -> Failure {
        match (self, &args.output) {
            (Self::Reading(source), _) => failed(source),
            (Self::Writing(source), None) if source.kind() == io::ErrorKind::BrokenPipe => Failure::reader_gone(),
            (Self::Writing(source), None) => Failure::of_file("failed to write to standard output", source),
            (Self::Writing(source), Some(path)) => {
                Failure::of_file(format!("failed to write {}", path.display()), source)
            }
        }
    }
}

/// The rows, counted.
struct Source {
    conn: Connection,
    pages: Pages,
    rows: usize,
}

impl Source {
    fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, Stop> {
        let page = at_one_moment(&self.conn, |conn| self.pages.next(conn)).map_err(Stop::Reading)?;
        self.rows += page.as_ref().map_or(0, Vec::len);
        Ok(page)
    }
}

fn text(format: TextFormat, source: &mut Source, mut target: Target) -> Result<Target, Stop> {
    target.write_all(&format.head(source.pages.export()))?;
    while let Some(rows) = source.next()? {
        target.write_all(&format.lines(source.pages.export(), &rows))?;
    }
    Ok(target)
}

fn parquet(source: &mut Source, target: Target) -> Result<Target, Stop> {
    let mut file = ParquetFile::new(source.pages.export().columns(), target)?;
    while let Some(rows) = source.next()? {
        file.add(rows)?;
    }
    Ok(file.finish()?)
}
