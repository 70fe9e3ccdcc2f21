// What hurts, and how much.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

export function open({ draw }) {
  const weights = new ui.Source(draw, (signal) => get('/v1/painpoints', {}, {}, signal));
  weights.load();
  return { title: 'Pain points', render: () => ui.when(weights, show) };
}

function show(r) {
  if (r.painpoints.length === 0) {
    return ui.empty('No pain point was weighed', `It takes ${r.status.needs.join(', ') || 'answers and orders'}. Import responses, tickets and orders, and train.`,
      html`<p><a class="button" href="#/import">Import a file</a></p>`);
  }
  const list = r.painpoints.toSorted((a, b) => (a.satisfaction_weight?.value ?? 0) - (b.satisfaction_weight?.value ?? 0));
  const reach = (of, nil) => {
    const all = list.flatMap((p) => (of(p) ? [of(p).value * 1.6, of(p).low, of(p).high] : []));
    const far = list.map((p) => Math.abs((of(p)?.value ?? nil) - nil)).reduce((a, b) => Math.max(a, b), 0.1) * 2;
    return [Math.max(nil - far, Math.min(nil, ...all)), Math.min(nil + far, Math.max(nil, ...all))];
  };
  const points = reach((p) => p.satisfaction_weight, 0);
  const odds = reach((p) => p.churn_log_odds, 0);
  const worst = list.find((p) => p.name === r.worst);
  const said = (e, write) => (e ? `${write(e.value)}, ${f.percent(e.confidence)} interval ${write(e.low)} to ${write(e.high)}` : 'not known');
  return html`
    ${worst ? html`<p class="lede">What hurts most is <b>${worst.label}</b>: ${f.signed(worst.satisfaction_weight?.value, 1)} points of satisfaction each, ${f.plural(worst.incidents, 'incident')} of ${f.plural(worst.customers, 'customer')}.</p>` : nothing}
    ${ui.section('What an incident costs', ui.table('Pain points with their weights', [
      { head: 'Pain point', cell: (p) => html`<span title=${p.unit}>${f.Words(p.label)}</span>${p.warnings.length ? html`<span class="note">${p.warnings.join('; ')}</span>` : nothing}`, grow: true },
      { head: 'Satisfaction, points', cell: (p) => f.signed(p.satisfaction_weight?.value, 1), number: true },
      { head: 'Interval', cell: (p) => charts.span(p.satisfaction_weight, ...points, 0, said(p.satisfaction_weight, (v) => f.signed(v, 1))), wide: true },
      { head: 'Odds of leaving', cell: (p) => (p.churn_log_odds ? f.times(Math.exp(p.churn_log_odds.value)) : '–'), number: true },
      { head: 'Interval', cell: (p) => charts.span(p.churn_log_odds, ...odds, 0, said(p.churn_log_odds, (v) => f.times(Math.exp(v)))), wide: true },
      { head: 'Incidents', cell: (p) => f.number(p.incidents), number: true },
      { head: 'Customers', cell: (p) => f.number(p.customers), number: true, wide: true },
      { head: 'Of all dissatisfaction', cell: (p) => f.percent(p.share_of_dissatisfaction), number: true, wide: true },
      ...(list.some((p) => p.half_life_days) ? [{ head: 'Half-life', cell: (p) => (p.half_life_days ? f.plural(Math.round(p.half_life_days), 'day') : html`<span class="muted" title=${p.half_life_reason ?? ''}>–</span>`), number: true, wide: true }] : []),
    ], list), {
      note: html`Fitted together on ${f.plural(r.answers, 'answer')}. Filled dots: the interval leaves out no effect. These are associations, not promises. <a href="#/hotspots">Where is it worse than elsewhere?</a>`,
    })}`;
}
