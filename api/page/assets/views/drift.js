// Who drifts away, told from noise.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const kinds = { drifting: 'high', wobbling: 'medium', recovering: 'accent', silent: 'none', stable: 'low' };

export function open({ draw }) {
  const state = { only: '', shown: 25 };
  const drift = new ui.Source(draw, (signal) => get('/v1/drift', {}, { top: 200 }, signal));
  drift.load();
  return {
    title: 'Drift',
    render: () => ui.when(drift, (d) => show(d, state, draw, (only) => {
      Object.assign(state, { only, shown: 25 });
      draw();
    })),
  };
}

function show(d, state, draw, choose) {
  const states = Object.keys(kinds).filter((s) => s in d.states);
  if (d.status && d.status.status !== 'ok' && states.length === 0) {
    return ui.empty('Drift can not be told yet', `It takes ${d.status.needs.join(', ')}.`, html`<p><a class="button" href="#/import">Import a file</a></p>`);
  }
  const odds = (e) => (e ? html`${f.percent(e.confidence)} interval: ${f.times(e.low)} to ${f.times(e.high)}` : 'not known');
  const list = d.customers.filter((c) => (state.only ? c.state === state.only : c.state !== 'stable'));
  return html`
    <p class="lede"><b class="high-ink">${f.plural(d.states.drifting ?? 0, 'customer')}</b> ${(d.states.drifting ?? 0) === 1 ? 'drifts' : 'drift'} away: below expectation for two cycles of ${d.cycle_days} days.</p>
    <div class="panel slim">${charts.stack(states.map((s) => ({ name: f.Words(s), count: d.states[s], kind: kinds[s] })), `Customers by state: ${states.map((s) => `${d.states[s]} ${s}`).join(', ')}`)}</div>
    ${ui.tiles(
      ui.tile('Odds of leaving, one decline', f.times(d.odds_ratio_one_decline?.value), odds(d.odds_ratio_one_decline)),
      ui.tile('Odds of leaving, two declines', f.times(d.odds_ratio_two_declines?.value), odds(d.odds_ratio_two_declines)),
      ui.tile('False alarms', f.number(d.false_alarms_per_1000, 1), html`per 1,000 customers and cycle; ${f.number(d.false_alarms_per_1000_allowed)} are allowed`),
      ui.tile('Warning before the loss', d.lead_time_days?.median === null || !d.lead_time_days ? '–' : f.plural(Math.round(d.lead_time_days.median), 'day'), html`median; ${f.percent(d.lead_time?.flagged_share)} of those who left were flagged before`),
    )}
    ${ui.warnings(d.warnings)}
    ${ui.section('Who is not stable, worst first', list.length ? ui.first(list, state, draw, (some) => ui.table('Customers who are not stable', [
      { head: 'Customer', cell: (c) => ui.customerLink(c.customer_id) },
      { head: 'State', cell: (c) => ui.chip(kinds[c.state], f.Words(c.state)) },
      { head: 'Judged by', cell: (c) => f.Words(c.signal), wide: true },
      { head: 'Seen, usual', cell: (c) => html`<b>${f.number(c.seen, 1)}</b> <span class="muted">against</span> ${f.number(c.usual, 1)} ${c.unit}`, number: true },
      { head: 'Last two cycles, in standard deviations', cell: (c) => (c.declines.length ? c.declines.map((v) => f.signed(v, 1)).join(', ') : html`<span class="muted">not known</span>`), number: true, wide: true },
      { head: 'Orders before and now', cell: (c) => (c.order_decline ? c.order_decline.orders.map((n) => f.number(n)).join(' → ') : html`<span class="muted">none before</span>`), number: true, wide: true },
    ], some)) : ui.empty('Nobody', 'Nobody of the worst 200 is in this state.'), {
      side: ui.choice('State', state.only, [['', 'All but stable'], ...states.filter((s) => s !== 'stable').map((s) => [s, f.Words(s)])], choose),
    })}`;
}
