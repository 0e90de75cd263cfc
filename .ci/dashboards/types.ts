// What the committed dashboards must be: Grafana's own types, as JSON has them.

import type {
  Dashboard as GrafanaDashboard,
  Panel as GrafanaPanel,
  RowPanel,
  FieldConfig,
} from '@grafana/schema';
import type * as gauge from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as statetimeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { PrometheusDataQuery } from './query';

/** In JSON, an enum of texts is one of its texts. */
export type Json<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends Array<infer Item>
      ? Array<Json<Item>>
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

type Defaults<Custom> = Omit<Json<FieldConfig>, 'custom'> & { custom: Partial<Json<Custom>> };

/** A panel of this type, with its own options. */
export type Panel<Type extends string, Options, Custom = Record<string, never>> = Omit<
  Json<GrafanaPanel>,
  'type' | 'options' | 'fieldConfig' | 'targets' | 'id' | 'gridPos'
> & {
  type: Type;
  id: number;
  gridPos: Json<NonNullable<GrafanaPanel['gridPos']>>;
  options: Partial<Json<Options>>;
  targets: Array<PrometheusDataQuery>;
  fieldConfig: {
    defaults: Defaults<Custom>;
    overrides: Json<NonNullable<GrafanaPanel['fieldConfig']>['overrides']>;
  };
};

export type Row = Json<RowPanel>;
export type TimeSeries = Panel<'timeseries', timeseries.Options, timeseries.FieldConfig>;
export type Stat = Panel<'stat', stat.Options>;
export type Gauge = Panel<'gauge', gauge.Options>;
export type StateTimeline = Panel<'state-timeline', statetimeline.Options, statetimeline.FieldConfig & { spanNulls: boolean }>;
export type Table = Panel<'table', table.Options, table.FieldConfig>;
export type Dashboard = Omit<Json<GrafanaDashboard>, 'panels'>;
