// Where it is worse, or better, than in the rest of the shop.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const dimensions = ['supplier', 'sku', 'category', 'channel', 'region', 'week'];

export function open({ query, go, draw }) {
  const asked = { dimension: query.get('dimension') ?? '', window_days: query.get('window_days') ?? '', all: query.get('all') === 'true' };
  const cells = new ui.Source(draw, (signal) => get('/v1/hotspots', {}, asked, signal));
  const overview = new ui.Source(draw, async (signal) => f.setCurrency((await get('/v1/overview', {}, {}, signal)).currency));
  overview.load().then(() => cells.load());
  const filter = (changes) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
    go(`/hotspots?${next}`);
  };
  return {
    title: 'Hotspots',
    render: () => html`<div class="panel slim"><div class="filters">
        ${ui.choice('Where', asked.dimension, [['', 'Everywhere'], ...dimensions.map((d) => [d, f.Words(d)])], (dimension) => filter({ dimension }))}
        ${ui.choice('Look back', asked.window_days, [['30', '30 days'], ['', '90 days'], ['180', '180 days'], ['365', 'A year']], (days) => filter({ window_days: days }))}
        ${ui.choice('Cells', asked.all ? 'true' : '', [['', 'That stand out'], ['true', 'All']], (all) => filter({ all }))}
      </div></div>
      ${ui.when(cells, (r) => show(r, asked))}`,
  };
}

function show(r, asked) {
  const worse = r.hotspots.filter((h) => h.direction === 'hotspot');
  const better = r.hotspots.filter((h) => h.direction !== 'hotspot');
  const scanned = html`${f.plural(r.cells, 'cell')} with ${r.min_exposures} exposures or more were looked at, ${f.day(r.from)} to ${f.day(r.as_of)}; of those shown one in ${f.number(1 / r.false_discovery_rate)} may be chance.`;
  return html`${ui.warnings(r.warnings)}
    ${ui.section('Worse than the rest', worse.length ? grid('Cells that are worse than the rest', worse)
      : ui.empty('No hotspot', asked.all ? 'No cell fits these filters.' : 'Nothing is worse than the rest by more than chance explains. Look further back, or at all cells.'), { note: scanned })}
    ${ui.section('Better than the rest', better.length ? grid('Cells that are better than the rest', better) : ui.empty('Nothing excels', 'No cell is better than the rest by more than chance explains.'))}`;
}

const grid = (caption, list) => ui.table(caption, [
  { head: 'Where', cell: (h) => html`${f.Words(h.dimension)} <b>${h.cohort}</b>${h.also_seen_as.length ? html`<span class="note">also ${h.also_seen_as.map((a) => `${f.words(a.dimension)} ${a.cohort}`).join(', ')}</span>` : nothing}` },
  { head: 'What', cell: (h) => f.Words(h.label), grow: true },
  { head: 'Rate', cell: (h) => html`<span title="${f.number(h.incidents)} of ${f.number(h.exposures)} ${h.exposure_unit}">${f.percent(h.rate)}</span>`, number: true },
  { head: 'Expected', cell: (h) => f.percent(h.expected_rate), number: true },
  { head: 'Shrunk rate', cell: (h) => charts.span(h.shrunk_rate, 0, Math.min(1, Math.max(...list.map((x) => x.shrunk_rate?.high ?? 0))), h.expected_rate, `${f.percent(h.shrunk_rate?.value)}, expected ${f.percent(h.expected_rate)}`), wide: true },
  { head: 'Incidents', cell: (h) => `${f.number(h.incidents)} of ${f.number(h.exposures)}`, number: true, wide: true },
  { head: 'First seen', cell: (h) => f.day(h.first_seen), wide: true },
  { head: 'Customers', cell: (h) => f.number(h.customers), number: true },
  { head: 'Revenue touched', cell: (h) => f.money(h.revenue), number: true, wide: true },
], list);
