//! Rows as a Parquet file: typed columns, in groups of rows that are written as soon as they are full.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::cells::Cell;
use super::text::marks;
use super::{Column, Kind};

/// Rows of a group: some 20 MB while they are gathered.
const GROUP: usize = 20_000;
/// Digits of an amount of US dollars, and of them behind the point: nano-dollars in 64 bits.
const DIGITS: (i32, i32) = (18, 9);

/// A file that is being written.
pub struct ParquetFile<W: Write + Send> {
    columns: &'static [Column],
    file: SerializedFileWriter<W>,
    rows: Vec<Vec<Cell>>,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins a file.
    pub fn new(columns: &'static [Column], target: W) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("orchd ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(target, schema(columns).map_err(plain)?, Arc::new(properties));
        Ok(Self { columns, file: file.map_err(plain)?, rows: Vec::new() })
    }

    /// Adds rows.
    pub fn add(&mut self, rows: Vec<Vec<Cell>>) -> io::Result<()> {
        self.rows.extend(rows);
        if self.rows.len() >= GROUP { self.flush() } else { Ok(()) }
    }

    /// Ends the file and returns what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.file.into_inner().map_err(plain)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group().map_err(plain)?;
        for (place, column) in self.columns.iter().enumerate() {
            let cells = self.rows.iter().map(|row| &row[place]);
            match column.kind {
                Kind::Whole | Kind::Time | Kind::Dollars => write::<_, Int64Type>(&mut group, cells, Cell::whole),
                Kind::Flag => write::<_, BoolType>(&mut group, cells, |cell| cell.whole() != 0),
                Kind::Marks => {
                    write::<_, ByteArrayType>(&mut group, cells, |cell| text(marks(cell.whole()).join(" ").as_bytes()))
                }
                Kind::Text | Kind::Json => {
                    write::<_, ByteArrayType>(&mut group, cells, |cell| text(cell.text().as_bytes()))
                }
            }
            .map_err(plain)?;
        }
        group.close().map_err(plain)?;
        self.rows.clear();
        Ok(())
    }
}

/// Writes a column of a group. Of optional ones a level says of each row whether it has a value; required ones pass the levels over.
fn write<'a, W: Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'a Cell> + Clone,
    value: impl Fn(&Cell) -> T::T,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let levels: Vec<i16> = cells.clone().map(|cell| i16::from(*cell != Cell::Nothing)).collect();
    let writer = column.typed::<T>();
    if writer.get_descriptor().max_def_level() == 0 {
        writer.write_batch(&cells.map(value).collect::<Vec<_>>(), None, None)?;
    } else {
        let values: Vec<_> = cells.filter(|cell| **cell != Cell::Nothing).map(value).collect();
        writer.write_batch(&values, Some(&levels), None)?;
    }
    column.close()
}

fn text(bytes: &[u8]) -> ByteArray {
    ByteArray::from(bytes)
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields: Result<Vec<_>, _> = columns.iter().map(|column| field(*column).map(Arc::new)).collect();
    Type::group_type_builder("orch").with_fields(fields?).build().map(Arc::new)
}

fn field(column: Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text | Kind::Marks | Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Kind::Dollars => (Physical::INT64, Some(LogicalType::decimal(DIGITS.1, DIGITS.0))),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    let builder = Type::primitive_type_builder(column.name, physical)
        .with_repetition(if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL })
        .with_logical_type(logical);
    match column.kind {
        Kind::Dollars => builder.with_precision(DIGITS.0).with_scale(DIGITS.1).build(),
        _ => builder.build(),
    }
}

/// Returns the error of the file below, where that is what failed.
fn plain(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
