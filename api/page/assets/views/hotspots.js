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
  const scanned = html`${f.plural(r.cells, 'cell')} with ${r.min_exposures} exposures or more were looked at, ${f.day(r.from)} to ${f.day(r.as_of)}; of those that stand out one in ${f.number(1 / r.false_discovery_rate)} may be chance. Since when is as far as these days tell.`;
  return html`${ui.warnings(r.warnings)}
    ${ui.section('Worse than the rest', worse.length ? grid('Cells that are worse than the rest', worse, r.from)
      : ui.empty('No hotspot', asked.all ? 'No cell fits these filters.' : 'Nothing is worse than the rest by more than chance explains. Look further back, or at all cells.'), { note: scanned })}
    ${ui.section('Better than the rest', better.length ? grid('Cells that are better than the rest', better, r.from) : ui.empty('Nothing excels', 'No cell is better than the rest by more than chance explains.'))}`;
}

// rate writes a share, and points where the rate is one of satisfaction.
const inPoints = (h) => h.painpoint === 'low_satisfaction';
const rate = (h, value) => (inPoints(h) ? f.number(value, 1) : f.percent(value));

// since is when the excess began as far as the window tells: it may have been
// there before its first week.
const since = (h, from) => (h.first_seen <= from.slice(0, 10) ? html`<span class="muted">before</span> ${f.day(from)}` : f.day(h.first_seen));

// shrunk draws the rate that is to be believed, on the scale of those of its kind.
function shrunk(h, list) {
  const most = Math.max(...list.filter((x) => inPoints(x) === inPoints(h)).map((x) => x.shrunk_rate?.high ?? 0), h.expected_rate);
  return charts.span(h.shrunk_rate, 0, Math.min(inPoints(h) ? 100 : 1, most), h.expected_rate, `${rate(h, h.shrunk_rate?.value)}, expected ${rate(h, h.expected_rate)}`);
}

// alsoSeenAs names the first of the cells that stand out by what they share.
const mostAlso = 4;
const alsoSeenAs = (cells) => `also ${cells.slice(0, mostAlso).map((a) => `${f.words(a.dimension)} ${a.cohort}`).join(', ')}${cells.length > mostAlso ? ` and ${f.number(cells.length - mostAlso)} more` : ''}`;

const grid = (caption, list, from) => ui.table(caption, [
  { head: 'Where', cell: (h) => html`${f.Words(h.dimension)} <b>${h.cohort}</b>${h.also_seen_as.length ? html`<span class="note">${alsoSeenAs(h.also_seen_as)}</span>` : nothing}` },
  { head: 'What', cell: (h) => f.Words(h.label), grow: true },
  { head: 'Rate', cell: (h) => html`<span title="${f.number(h.incidents)} of ${f.number(h.exposures)} ${h.exposure_unit}">${rate(h, h.rate)}</span>`, number: true },
  { head: 'Expected', cell: (h) => rate(h, h.expected_rate), number: true },
  { head: 'Shrunk rate', cell: (h) => shrunk(h, list), wide: true },
  { head: 'Incidents', cell: (h) => `${f.number(h.incidents)} of ${f.number(h.exposures)}`, number: true, wide: true },
  { head: 'Since', cell: (h) => since(h, from), number: true, wide: true },
  { head: 'Customers', cell: (h) => f.number(h.customers), number: true },
  { head: 'Revenue touched', cell: (h) => f.money(h.revenue), number: true, wide: true },
], list);
