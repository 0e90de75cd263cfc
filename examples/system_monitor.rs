//! A system monitor: CPU, memory and disks of this machine, every ten seconds, to the console or
//! to any OTLP backend.
//!
//! ```sh
//! cargo run --bin system-monitor                # to the console
//! cargo run --bin system-monitor -- --once      # once, and end
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --bin system-monitor
//! OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 \
//!     cargo run --bin system-monitor
//! ```
//!
//! All of OpenTelemetry's variables for the OTLP exporter hold (`OTEL_EXPORTER_OTLP_HEADERS`,
//! `…_TIMEOUT`, `…_METRICS_ENDPOINT`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, …).

use std::collections::BTreeMap;
use std::error::Error;
use std::thread;
use std::time::Duration;

use metric_core::opentelemetry::metrics::MeterProvider;
use metric_core::{Family, MetricCollector};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use sysinfo::{CpuRefreshKind, Disks, MemoryRefreshKind, RefreshKind};

/// How often it looks at the machine, and exports what it saw.
const LOOK: Duration = Duration::from_secs(10);

const USAGE: &str = "usage: system-monitor [--once]\n\
    Exports CPU, memory and disks of this machine every ten seconds, or once: to the console, or \
    over OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set.";

/// What the machine reports. Names and units are those of OpenTelemetry's semantic conventions
/// for system metrics.
#[derive(Debug, MetricCollector)]
#[metric(prefix = "system")]
struct System {
    #[metric(attribute = "host.name")]
    host: Option<String>,
    #[metric(info = "os.name")]
    os: Option<String>,
    #[metric(info = "os.version")]
    os_version: Option<String>,
    /// Time since the machine started.
    #[metric]
    uptime: Option<Duration>,
    #[metric(flatten(key = "cpu.logical_number"))]
    cpus: Vec<Cpu>,
    #[metric(flatten)]
    memory: Memory,
    #[metric(flatten(key = "system.filesystem.mountpoint"))]
    filesystems: BTreeMap<String, Filesystem>,
}

#[derive(Debug, MetricCollector)]
#[metric(prefix = "system.cpu")]
struct Cpu {
    /// Share of the time in which the processor was busy since the last look.
    #[metric(unit = "1")]
    utilization: f32,
}

#[derive(Debug, MetricCollector)]
#[metric(prefix = "system.memory")]
struct Memory {
    /// Memory in use.
    #[metric(up_down_counter, unit = "By")]
    usage: u64,
    /// Memory there is.
    #[metric(up_down_counter, unit = "By")]
    limit: u64,
}

#[derive(Debug, MetricCollector)]
#[metric(prefix = "system.filesystem")]
struct Filesystem {
    #[metric(attribute = "system.filesystem.type")]
    kind: String,
    /// Space in use.
    #[metric(up_down_counter, unit = "By")]
    usage: u64,
    /// Space there is.
    #[metric(up_down_counter, unit = "By")]
    limit: u64,
}

/// Looks at the machine; what it needs to keep between two looks.
struct Machine {
    system: sysinfo::System,
    disks: Disks,
}

impl Machine {
    fn new() -> Self {
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing().with_cpu_usage())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let machine = Machine {
            system: sysinfo::System::new_with_specifics(kind),
            disks: Disks::new_with_refreshed_list(),
        };
        // A processor's usage is known from the second look on.
        thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
        machine
    }

    fn look(&mut self) -> System {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.disks.refresh(true);
        let cpus = self.system.cpus().iter();
        let disks = self.disks.iter();
        System {
            host: sysinfo::System::host_name(),
            os: sysinfo::System::name(),
            os_version: sysinfo::System::os_version(),
            uptime: Some(Duration::from_secs(sysinfo::System::uptime())),
            cpus: cpus
                .map(|cpu| Cpu {
                    utilization: cpu.cpu_usage() / 100.0,
                })
                .collect(),
            memory: Memory {
                usage: self.system.used_memory(),
                limit: self.system.total_memory(),
            },
            filesystems: disks
                .map(|disk| {
                    let filesystem = Filesystem {
                        kind: disk.file_system().to_string_lossy().into_owned(),
                        usage: disk.total_space().saturating_sub(disk.available_space()),
                        limit: disk.total_space(),
                    };
                    (disk.mount_point().display().to_string(), filesystem)
                })
                .collect(),
        }
    }
}

/// A provider that exports over OTLP if an endpoint is set, else to the console.
fn provider() -> Result<SdkMeterProvider, Box<dyn Error>> {
    let set = |name| std::env::var_os(name).is_some();
    if !set("OTEL_EXPORTER_OTLP_ENDPOINT") && !set("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") {
        return Ok(provider_with(
            opentelemetry_stdout::MetricExporter::default(),
        ));
    }
    let protocol = std::env::var("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL")
        .or_else(|_| std::env::var("OTEL_EXPORTER_OTLP_PROTOCOL"));
    let exporter = match protocol.as_deref() {
        Ok("grpc") => MetricExporter::builder().with_tonic().build()?,
        _ => MetricExporter::builder().with_http().build()?,
    };
    Ok(provider_with(exporter))
}

fn provider_with(exporter: impl PushMetricExporter) -> SdkMeterProvider {
    // We export when there is something new; a timer of the reader's own would only repeat it.
    let never = Duration::from_secs(u32::MAX.into());
    let reader = PeriodicReader::builder(exporter)
        .with_interval(never)
        .build();
    SdkMeterProvider::builder().with_reader(reader).build()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let once = match arguments[..] {
        [] => false,
        ["--once"] => true,
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return Ok(());
        }
        _ => {
            eprintln!("unknown arguments: {}\n{USAGE}", arguments.join(" "));
            std::process::exit(2);
        }
    };
    // gRPC needs a runtime, which must outlive the exporter.
    let runtime = tokio::runtime::Runtime::new()?;
    let _runtime = runtime.enter();

    let provider = provider()?;
    let family = Family::<System>::new();
    family.register(&provider.meter("system-monitor"))?;
    let member = family.member([]);
    let mut machine = Machine::new();
    loop {
        member.set(machine.look());
        let exported = provider.force_flush();
        for dropped in family.dropped() {
            eprintln!("not reported: {dropped}");
        }
        match exported {
            Err(error) if once => return Err(error.into()),
            Ok(()) if once => return Ok(()),
            Err(error) => eprintln!("not exported, next try in {LOOK:?}: {error}"),
            Ok(()) => {}
        }
        thread::sleep(LOOK);
    }
}
