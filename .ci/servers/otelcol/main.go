// Command otelcol is an OpenTelemetry Collector for tests.
//
// It is the real Collector with the few parts that the tests need: the otlp
// receiver, the debug exporter and a file exporter of our own, since the one of
// the Collector's contrib distribution is not packaged where we build this.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// version is the Collector's own version; the install script sets it when it links.
var version = "unknown"

func main() {
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{
			Command:     "otelcol",
			Description: "OpenTelemetry Collector for tests",
			Version:     version,
		},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				ProviderFactories: []confmap.ProviderFactory{
					envprovider.NewFactory(),  // ${NAME} in a file
					fileprovider.NewFactory(), // --config <path>
					yamlprovider.NewFactory(), // --config 'yaml:<key>: <value>'
				},
			},
		},
	})
	if command.Execute() != nil {
		os.Exit(1) // Execute has printed the error.
	}
}

func factories() (otelcol.Factories, error) {
	receivers, err := otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	exporters, err := otelcol.MakeFactoryMap[exporter.Factory](debugexporter.NewFactory(), newFileFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	return otelcol.Factories{
		Receivers: receivers,
		Exporters: exporters,
		Telemetry: otelconftelemetry.NewFactory(),
	}, nil
}

// newFileFactory makes the file exporter. It has no queue: a sender gets its
// answer only after its data is in the file, so that a test need not wait.
func newFileFactory() exporter.Factory {
	return exporter.NewFactory(
		component.MustNewType("file"),
		func() component.Config { return &fileConfig{} },
		exporter.WithMetrics(newMetrics, component.StabilityLevelDevelopment),
		exporter.WithTraces(newTraces, component.StabilityLevelDevelopment),
		exporter.WithLogs(newLogs, component.StabilityLevelDevelopment),
	)
}

type fileConfig struct {
	Path string `mapstructure:"path"`
}

// Validate is called by the Collector before it starts anything.
func (c *fileConfig) Validate() error {
	if c.Path == "" {
		return errors.New("path is missing: name the file to write to")
	}
	return nil
}

func newMetrics(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Metrics, error) {
	out := lineFile{path: cfg.(*fileConfig).Path}
	var json pmetric.JSONMarshaler
	push := func(_ context.Context, data pmetric.Metrics) error { return out.add(json.MarshalMetrics(data)) }
	return exporterhelper.NewMetrics(ctx, set, cfg, push,
		exporterhelper.WithStart(out.start), exporterhelper.WithShutdown(out.shutdown))
}

func newTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	out := lineFile{path: cfg.(*fileConfig).Path}
	var json ptrace.JSONMarshaler
	push := func(_ context.Context, data ptrace.Traces) error { return out.add(json.MarshalTraces(data)) }
	return exporterhelper.NewTraces(ctx, set, cfg, push,
		exporterhelper.WithStart(out.start), exporterhelper.WithShutdown(out.shutdown))
}

func newLogs(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	out := lineFile{path: cfg.(*fileConfig).Path}
	var json plog.JSONMarshaler
	push := func(_ context.Context, data plog.Logs) error { return out.add(json.MarshalLogs(data)) }
	return exporterhelper.NewLogs(ctx, set, cfg, push,
		exporterhelper.WithStart(out.start), exporterhelper.WithShutdown(out.shutdown))
}

// lineFile appends documents to a file, one a line. Several may share a path:
// each line is a single write in append mode, so lines do not mix.
type lineFile struct {
	path string
	file *os.File
}

func (l *lineFile) start(context.Context, component.Host) (err error) {
	if l.file, err = os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return fmt.Errorf("file exporter: cannot open its file: %w", err)
	}
	return nil
}

func (l *lineFile) add(document []byte, err error) error {
	if err != nil {
		return fmt.Errorf("file exporter: cannot encode as JSON: %w", err)
	}
	if _, err = l.file.Write(append(document, '\n')); err != nil {
		return fmt.Errorf("file exporter: cannot write: %w", err)
	}
	return nil
}

// shutdown is also called when start failed or never ran.
func (l *lineFile) shutdown(context.Context) error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
