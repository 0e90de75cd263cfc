// A query to a Prometheus data source: it is not among the types that Grafana publishes for all data sources,
// so these are the fields that the data source's plugin reads.

import type { DataQuery, DataSourceRef } from '@grafana/schema';

export type PrometheusDataQuery = Omit<DataQuery, 'datasource'> & {
  datasource: DataSourceRef;
  expr: string;
  legendFormat: string;
  editorMode: 'code' | 'builder';
  format: 'time_series' | 'table' | 'heatmap';
  instant: boolean;
  range: boolean;
};
