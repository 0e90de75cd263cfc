//! `export`: the history for other tools, as long lists.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::{Failure, history_file, not_written, other};
use crate::cli::Export;
use crate::config::Config;
use crate::history::{Held, Metric, Query, ReadError, Reader, Vehicle, to_json, unix_ms};
use crate::private;
use crate::web::time;

/// How many rows are kept in memory until they are written.
const ROWS: usize = 100_000;

const COLUMNS: [&str; 8] = [
    "timestamp",
    "held_until",
    "vehicle_id",
    "vin",
    "metric",
    "unit",
    "attributes",
    "value",
];

const SCHEMA: &str = "
message history {
  required int64 timestamp (TIMESTAMP(MILLIS, true));
  required int64 held_until (TIMESTAMP(MILLIS, true));
  required binary vehicle_id (STRING);
  optional binary vin (STRING);
  required binary metric (STRING);
  required binary unit (STRING);
  required binary attributes (JSON);
  required double value;
}";

/// What is exported.
struct Wanted {
    vehicles: Vec<Vehicle>,
    metrics: Vec<Metric>,
    from_ms: i64,
    to_ms: i64,
}

/// One value.
struct Row<'a> {
    vehicle: &'a Vehicle,
    metric: &'a Metric,
    attributes: &'a str,
    held: Held,
}

/// Takes rows.
trait Sheet {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;
    fn end(self: Box<Self>) -> io::Result<()>;
}

pub(super) async fn export(config: Config, export: Export) -> Result<(), Failure> {
    let path = history_file::choose(config)?;
    let writing = tokio::task::spawn_blocking(move || {
        let reader = Reader::open(&path).map_err(other)?;
        let wanted = wanted(&reader, &export)?;
        match write(&reader, &wanted, &export) {
            // That nobody reads on is no error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => {
                let to = export
                    .output
                    .as_deref()
                    .unwrap_or(Path::new("standard output"));
                Err(other(format!("exporting to {}: {error}", to.display())))
            }
            Ok(()) => Ok(()),
        }
    });
    writing.await.map_err(other)?
}

fn wanted(reader: &Reader, export: &Export) -> Result<Wanted, Failure> {
    let now = unix_ms(SystemTime::now());
    let at = |name: &str, text: &Option<String>, usual: i64| match text {
        Some(text) => time(text, now).map_err(|problem| other(format!("--{name}: {problem}"))),
        None => Ok(usual),
    };
    // An end that nobody said is as late as anything can be.
    let (from_ms, to_ms) = (
        at("from", &export.from, i64::MIN)?,
        at("to", &export.to, i64::MAX)?,
    );
    if from_ms >= to_ms {
        return Err(other("--from is not before --to: exchange them"));
    }
    let known = reader.vehicles().map_err(other)?;
    let mut vehicles: Vec<Vehicle> = known.into_iter().map(|entry| entry.vehicle).collect();
    for name in &export.vehicles {
        if !vehicles.iter().any(|vehicle| is_called(vehicle, name)) {
            return Err(other(format!(
                "--vehicle: no car in the history is called {name:?}"
            )));
        }
    }
    let chosen = &export.vehicles;
    vehicles.retain(|own| chosen.is_empty() || chosen.iter().any(|name| is_called(own, name)));
    let mut metrics = reader.metrics().map_err(other)?;
    for name in &export.metrics {
        if !metrics.iter().any(|metric| metric.name == *name) {
            return Err(other(format!(
                "--metric: no metric in the history is called {name:?}: `tesla-observer query` lists all"
            )));
        }
    }
    let chosen = &export.metrics;
    metrics.retain(|own| chosen.is_empty() || chosen.contains(&own.name));
    Ok(Wanted {
        vehicles,
        metrics,
        from_ms,
        to_ms,
    })
}

fn is_called(vehicle: &Vehicle, name: &str) -> bool {
    vehicle.vehicle_id == name || vehicle.vin.as_deref() == Some(name) || vehicle.key() == name
}

/// Writes it all: to standard output, or to a file that appears once it is whole.
fn write(reader: &Reader, wanted: &Wanted, export: &Export) -> io::Result<()> {
    let Some(path) = export
        .output
        .as_ref()
        .filter(|path| path.as_os_str() != "-")
    else {
        let out = io::stdout();
        if export.parquet && out.is_terminal() {
            return Err(io::Error::other(
                "Parquet is nothing to read: name a file with --output, or pipe it to a program",
            ));
        }
        return fill(reader, wanted, sheet(export.parquet, out)?);
    };
    if path.exists() && !export.force {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it exists already: name another file, or replace it with --force",
        ));
    }
    let unfinished = Unfinished::beside(path)?;
    fill(
        reader,
        wanted,
        sheet(export.parquet, unfinished.file.try_clone()?)?,
    )?;
    unfinished.file.sync_all()?;
    fs::rename(&unfinished.path, path)
}

/// A file that is removed unless it gets its name. Where the cars were is nobody else's to read.
struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.unfinished", std::process::id()));
        let path = PathBuf::from(name);
        let file = private::create_file(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After it was renamed there is none.
        let _ = fs::remove_file(&self.path);
    }
}

fn sheet<'a>(parquet: bool, out: impl Write + Send + 'a) -> io::Result<Box<dyn Sheet + 'a>> {
    Ok(match parquet {
        true => Box::new(Parquet::new(BufWriter::new(out))?),
        false => {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(COLUMNS).map_err(not_written)?;
            Box::new(Csv(csv))
        }
    })
}

fn fill(reader: &Reader, wanted: &Wanted, mut sheet: Box<dyn Sheet + '_>) -> io::Result<()> {
    let failed = |error: ReadError| io::Error::other(error.to_string());
    for vehicle in &wanted.vehicles {
        for metric in &wanted.metrics {
            let series = reader.series(Query {
                vehicle: &vehicle.key(),
                metric: &metric.name,
                from_ms: wanted.from_ms,
                to_ms: wanted.to_ms,
            });
            for series in series.map_err(failed)? {
                let attributes = to_json(&series.attributes);
                for held in series.values {
                    sheet.row(&Row {
                        vehicle,
                        metric,
                        attributes: &attributes,
                        held,
                    })?;
                }
            }
        }
    }
    sheet.end()
}

/// Comma-separated values, times in RFC 3339.
struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Sheet for Csv<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let time = |ms| Timestamp::from_millisecond(ms).map(|time| format!("{time:.3}"));
        let (from, until) = (time(row.held.from_ms), time(row.held.until_ms));
        let record = [
            &from.map_err(io::Error::other)?,
            &until.map_err(io::Error::other)?,
            &row.vehicle.vehicle_id,
            row.vehicle.vin.as_deref().unwrap_or_default(),
            &row.metric.name,
            &row.metric.unit,
            row.attributes,
            &row.held.value.to_string(),
        ];
        self.0.write_record(record).map_err(not_written)
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

/// Parquet, a group of rows after the other.
struct Parquet<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    numbers: [Vec<i64>; 2],
    texts: [Vec<ByteArray>; 5],
    /// Which of the VINs there are: 1 for those.
    has_vin: Vec<i16>,
    values: Vec<f64>,
}

impl<W: Write + Send> Parquet<W> {
    fn new(out: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(io::Error::other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("tesla-observer {}", env!("CARGO_PKG_VERSION")))
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties));
        Ok(Self {
            writer: writer.map_err(io::Error::other)?,
            numbers: [Vec::new(), Vec::new()],
            texts: [const { Vec::new() }; 5],
            has_vin: Vec::new(),
            values: Vec::new(),
        })
    }

    fn write_group(&mut self) -> parquet::errors::Result<()> {
        let mut group = self.writer.next_row_group()?;
        let [from, until] = &mut self.numbers;
        let [vehicle, vin, metric, unit, attributes] = &mut self.texts;
        numbers(&mut group, from)?;
        numbers(&mut group, until)?;
        texts(&mut group, vehicle, None)?;
        texts(&mut group, vin, Some(&mut self.has_vin))?;
        for column in [metric, unit, attributes] {
            texts(&mut group, column, None)?;
        }
        if let Some(mut column) = group.next_column()? {
            column
                .typed::<DoubleType>()
                .write_batch(&self.values, None, None)?;
            column.close()?;
        }
        self.values.clear();
        group.close()?;
        Ok(())
    }
}

fn numbers<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<i64>,
) -> parquet::errors::Result<()> {
    if let Some(mut column) = group.next_column()? {
        column
            .typed::<Int64Type>()
            .write_batch(values, None, None)?;
        column.close()?;
    }
    values.clear();
    Ok(())
}

fn texts<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<ByteArray>,
    defined: Option<&mut Vec<i16>>,
) -> parquet::errors::Result<()> {
    if let Some(mut column) = group.next_column()? {
        let levels = defined.as_deref().map(Vec::as_slice);
        column
            .typed::<ByteArrayType>()
            .write_batch(values, levels, None)?;
        column.close()?;
    }
    values.clear();
    if let Some(defined) = defined {
        defined.clear();
    }
    Ok(())
}

impl<W: Write + Send> Sheet for Parquet<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let [from, until] = &mut self.numbers;
        from.push(row.held.from_ms);
        until.push(row.held.until_ms);
        let [vehicle, vin, metric, unit, attributes] = &mut self.texts;
        vehicle.push(row.vehicle.vehicle_id.as_str().into());
        self.has_vin.push(row.vehicle.vin.is_some().into());
        if let Some(own) = &row.vehicle.vin {
            vin.push(own.as_str().into());
        }
        metric.push(row.metric.name.as_str().into());
        unit.push(row.metric.unit.as_str().into());
        attributes.push(row.attributes.into());
        self.values.push(row.held.value);
        match self.values.len() >= ROWS {
            true => self.write_group().map_err(io::Error::other),
            false => Ok(()),
        }
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        if !self.values.is_empty() {
            self.write_group().map_err(io::Error::other)?;
        }
        self.writer.close().map_err(io::Error::other)?;
        Ok(())
    }
}
