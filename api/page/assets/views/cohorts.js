// Groups of customers side by side, and who stayed how long.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

export function open({ query, go, draw }) {
  const cohorts = new ui.Source(draw, (signal) => get('/v1/cohorts', {}, {}, signal));
  const retention = new ui.Source(draw, (signal) => get('/v1/retention', {}, {}, signal));
  const overview = new ui.Source(draw, async (signal) => {
    const o = await get('/v1/overview', {}, {}, signal);
    f.setCurrency(o.currency);
    return o;
  });
  overview.load().then(() => Promise.all([cohorts.load(), retention.load()]));
  return {
    title: 'Cohorts',
    render: () => ui.together([cohorts, retention], () => html`
      ${ui.when(cohorts, (r) => show(r, query.get('by') ?? '', overview.value, (by) => go(`/cohorts?by=${by}`)))}
      ${ui.section('Who stayed', ui.when(retention, triangle), {
        note: retention.value?.definition === 'cancellation'
          ? 'Of the customers who came in a month, the share who still had a contract so many months later.'
          : 'Of the customers who first ordered in a month, the share who ordered again in the month so many months later. Whoever was there before the data begin seems to come with them.',
      })}`),
  };
}

function show(r, by, overview, choose) {
  const dimensions = [...new Set(r.cohorts.map((c) => c.dimension))];
  if (dimensions.length === 0) {
    return ui.empty('No cohort to show', 'Import customers with columns such as channel, region and tier; cohorts.dimensions says which ones count.', html`<p><a class="button" href="#/import">Import a file</a></p>`);
  }
  const dimension = dimensions.includes(by) ? by : dimensions[0];
  const list = r.cohorts.filter((c) => c.dimension === dimension).toSorted((a, b) => (b.churn_risk ?? -1) - (a.churn_risk ?? -1));
  const kind = (p) => (p === null || !overview ? 'none' : p >= overview.bands.high ? 'high' : p >= overview.bands.medium ? 'medium' : 'low');
  return ui.section('Side by side', html`
    ${ui.table(`Cohorts by ${f.words(dimension)}`, [
      { head: f.Words(dimension), cell: (c) => (c.cohort !== 'other' ? html`<a href="#/?cohort=${encodeURIComponent(`${dimension}=${c.cohort}`)}">${c.cohort}</a>` : c.cohort) },
      { head: 'Customers', cell: (c) => f.number(c.customers), number: true, wide: true },
      { head: 'Mean risk', cell: (c) => charts.risk(c.churn_risk, null, kind(c.churn_risk)) },
      { head: 'Revenue at risk', cell: (c) => html`${f.money(c.revenue_at_risk)}<span class="note">${c.revenue_at_risk_interval ? f.moneys(c.revenue_at_risk_interval) : nothing}</span>`, number: true },
      { head: 'Left lately', cell: (c) => f.percent(c.churn_rate), number: true, wide: true },
      { head: 'Satisfaction', cell: (c) => f.number(c.satisfaction_index, 1), number: true, wide: true },
      { head: 'NPS', cell: (c) => (c.nps === null ? html`<span class="muted" title=${c.nps_reason ?? ''}>too few answers</span>` : html`${f.signed(c.nps)}<span class="note">${c.nps_interval ? `${f.signed(c.nps_interval.low)} to ${f.signed(c.nps_interval.high)}` : nothing}</span>`), number: true, wide: true },
      { head: 'Drifting', cell: (c) => f.number(c.drifting_customers), number: true, wide: true },
      { head: 'Revenue, 30 days', cell: (c) => f.money(c.revenue_30d), number: true, wide: true },
    ], list)}
    ${r.withheld ? html`<p class="note">${f.plural(r.withheld, 'cohort is', 'cohorts are')} too small to be shown.</p>` : nothing}`,
  { side: ui.choice('By', dimension, dimensions.map((d) => [d, f.Words(d)]), choose), note: 'Riskiest first. A name leads to its customers.' });
}

// triangle colours each cell by its share.
function triangle(r) {
  const most = Math.max(0, ...r.months.map((m) => m.retained.length));
  if (most === 0) return ui.empty('No month is over yet', 'It takes two months of orders.');
  const cell = (m, age) => {
    if (m.withheld || age >= m.retained.length) return html`<td></td>`;
    const share = m.retained[age] / m.customers;
    return html`<td class="heat h${Math.min(9, Math.floor(share * 10))}" title="${f.number(m.retained[age])} of ${f.number(m.customers)}">${f.percent(share)}</td>`;
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Retention by month">
    <table class="triangle"><caption class="unseen">Share of customers who were there so many months after they came</caption>
      <thead>
        <tr><td colspan="2"></td><th scope="colgroup" colspan=${most} class="over">Months later</th></tr>
        <tr><th scope="col">Came in</th><th scope="col" class="number">Customers</th>${Array.from({ length: most }, (_, i) => html`<th scope="col" class="number"><span class="unseen">after </span>${i + 1}<span class="unseen"> months</span></th>`)}</tr>
      </thead>
      <tbody>${r.months.map((m) => html`<tr><th scope="row">${f.month(m.month)}</th><td class="number">${f.number(m.customers)}</td>${Array.from({ length: most }, (_, i) => cell(m, i))}</tr>`)}</tbody>
    </table></div>
    ${r.all_months > r.months.length ? html`<p class="note below">The newest ${r.months.length} of ${r.all_months} months.</p>` : nothing}`;
}
