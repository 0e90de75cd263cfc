// Writes, for each dashboard, a program that is right only if Grafana's types take it: a compiler checks objects
// that are written down more strictly than those that are read.

import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder, target] = process.argv;
const types = {
  row: 'Row',
  timeseries: 'TimeSeries',
  stat: 'Stat',
  gauge: 'Gauge',
  'state-timeline': 'StateTimeline',
  table: 'Table',
};

function* dashboards(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* dashboards(path);
    else if (name.endsWith('.json')) yield path;
  }
}

let count = 0;
for (const path of dashboards(folder)) {
  const { panels, ...dashboard } = JSON.parse(readFileSync(path, 'utf8'));
  const lines = [
    "import type * as grafana from './types';",
    `// ${path}`,
    `export const dashboard: grafana.Dashboard = ${JSON.stringify(dashboard)};`,
  ];
  for (const panel of panels) {
    const type = types[panel.type];
    if (!type) throw new Error(`${path}: no type is known for panels of the type ${panel.type}`);
    lines.push(`// ${panel.title}`, `export const panel${panel.id}: grafana.${type} = ${JSON.stringify(panel)};`);
  }
  writeFileSync(join(target, `dashboard${count++}.ts`), `${lines.join('\n')}\n`);
}
if (count === 0) throw new Error(`no dashboards in ${folder}`);
console.log(`${count} dashboards are checked with Grafana's types`);
