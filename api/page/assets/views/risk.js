// Who is at risk: the whole in four figures, then one customer a row.

import { html, nothing } from '../vendor/lit-html.js';
import { get, post } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const pageSize = 50;
const risks = [['', 'Any'], ['0.25', '25% or more'], ['0.5', '50% or more'], ['0.75', '75% or more'], ['0.9', '90% or more']];
const orders = [['', 'Most likely to leave'], ['revenue_at_risk', 'Most revenue at risk']];
const states = ['drifting', 'wobbling', 'recovering', 'silent', 'stable'];

// places keeps, by filters, where pages begin, so that the way back from a
// customer leads to the same page.
const places = new Map();

export function open({ query, go, draw }) {
  const asked = () => ({
    band: query.get('band') ?? '', min_risk: query.get('min_risk') ?? '', cohort: query.get('cohort') ?? '',
    drift: query.get('drift') ?? '', customer_prefix: query.get('customer') ?? '', order_by: query.get('order_by') ?? '',
  });
  const name = JSON.stringify(asked());
  if (!places.has(name)) places.set(name, { tokens: [''], page: 0 });
  const place = places.get(name);
  const read = (token, signal) => get('/v1/scores', {}, { ...asked(), page_size: pageSize, page_token: token, reasons: '0' }, signal);

  const overview = new ui.Source(draw, (signal) => get('/v1/overview', {}, {}, signal));
  const cohorts = new ui.Source(draw, (signal) => get('/v1/cohorts', {}, {}, signal));
  // The next page is read before it is asked for, and then the reasons of this
  // one, which take longer than the list.
  let ahead = null;
  const scores = new ui.Source(draw, async (signal) => {
    const page = await (ahead ?? read(place.tokens[place.page], signal));
    page.scores.forEach((s) => (s.contributions = null));
    ahead = null;
    if (page.next_page_token) {
      place.tokens[place.page + 1] = page.next_page_token;
      ahead = read(page.next_page_token);
      ahead.catch(() => (ahead = null));
    }
    Promise.resolve(ahead).finally(() => explain(page, signal)).catch(() => {});
    return page;
  });
  const explain = async (page, signal) => {
    if (page.scores.length === 0 || signal.aborted) return;
    const found = await post('/v1/scores:batchGet', {}, { customer_ids: page.scores.map((s) => s.customer_id) }, signal).catch(() => ({ scores: [] }));
    if (signal.aborted) return;
    const reasons = new Map(found.scores.map((s) => [s.customer_id, s.contributions]));
    page.scores.forEach((s) => (s.contributions = reasons.get(s.customer_id) ?? []));
    draw();
  };
  overview.load();
  scores.load().then(() => cohorts.load());

  const filter = (changes) => {
    const next = new URLSearchParams(query);
    for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
    go(`/?${next}`, { replace: true });
  };
  const turn = async (by) => {
    if (by < 0) ahead = null;
    place.page += by;
    await scores.load();
    document.getElementById('customers')?.focus();
    ui.announce(`Customers from ${place.page * pageSize + 1}`);
  };

  return {
    title: 'At risk',
    render: () => ui.together([overview, scores], () => html`
      ${ui.when(overview, headline)}
      <section class="panel" aria-labelledby="customers">
        <header><h2 id="customers" tabindex="-1">${orders.find(([o]) => o === asked().order_by)?.[1] ?? 'Customers'} first</h2></header>
        ${filters(asked(), cohorts.value, filter)}
        ${ui.when(scores, (page) => list(page, place, turn, scores.busy, Object.entries(asked()).some(([what, value]) => value && what !== 'order_by'), () => go('/')))}
      </section>`),
  };
}

// headline says in ten seconds how it stands.
function headline(o) {
  f.setCurrency(o.currency);
  const now = o.now;
  const before = earlier(o.trend);
  const chart = (value, low, high, format, label) => charts.line(o.trend.map((p) => ({ at: p.as_of, value: value(p), low: low?.(p), high: high?.(p) })), { label, format, height: 96, width: 360 });
  const old = f.age(o.as_of) !== '';
  const were = old ? (now.high === 1 ? 'was' : 'were') : now.high === 1 ? 'is' : 'are';
  return html`
    ${ui.old(o.as_of)}
    <p class="lede"><b class="high-ink">${f.plural(now.high, 'customer')}</b> ${were} likely to leave within ${o.horizon_days} days${old ? html` of ${f.day(o.as_of)}` : nothing},
      and <b>${f.money(now.revenue_at_risk)}</b> of revenue ${old ? 'was' : 'is'} at risk.</p>
    <dl class="tiles headline">
      ${ui.tile('Customers at risk', f.number(now.high), html`${now.scored ? f.percent(now.high / now.scored) : f.percent(null)} of ${f.number(now.scored)} scored, ${f.percent(o.bands.high)} or more likely to leave
        ${change(now.high, before?.high, before, f.signed, 'since')}`, 'alarm')}
      ${ui.tile('Revenue at risk', f.money(now.revenue_at_risk), html`${now.revenue_at_risk_interval
        ? html`${f.percent(now.revenue_at_risk_interval.level)} interval: ${f.moneys(now.revenue_at_risk_interval)}` : 'its interval is not known'}
        ${change(now.revenue_at_risk, before?.revenue_at_risk, before, (v) => (v > 0 ? '+' : '') + f.money(v), 'since')}`)}
      <div class="tile chart"><dt>Customers at risk over time</dt><dd>${o.trend.length > 1
        ? chart((p) => p.high, null, null, (v) => f.number(v), trendLabel(o.trend, (p) => f.number(p.high), 'customers at risk'))
        : html`<span class="note">One snapshot so far. A trend shows once scores are published as of another day.</span>`}</dd></div>
      <div class="tile chart"><dt>Revenue at risk over time</dt><dd>${o.trend.length > 1
        ? chart((p) => p.revenue_at_risk, (p) => p.revenue_at_risk_interval?.low, (p) => p.revenue_at_risk_interval?.high, f.money, trendLabel(o.trend, (p) => f.money(p.revenue_at_risk), 'revenue at risk'))
        : html`<span class="note">One snapshot so far.</span>`}</dd></div>
    </dl>
    <div class="panel slim">${charts.stack([
      { name: 'High', count: now.high, kind: 'high' }, { name: 'Medium', count: now.medium, kind: 'medium' }, { name: 'Low', count: now.low, kind: 'low' },
      { name: 'Not enough evidence', count: now.insufficient_evidence, kind: 'none' },
    ], `Customers by band: ${now.high} high, ${now.medium} medium, ${now.low} low, ${now.insufficient_evidence} without enough evidence`)}
    <p class="note">As of ${f.day(o.as_of)}, model ${o.model}. Drifting: <a href="#/?drift=drifting">${f.number(o.drift.drifting ?? 0)}</a>, wobbling: <a href="#/?drift=wobbling">${f.number(o.drift.wobbling ?? 0)}</a>.</p></div>`;
}

// earlier is the point nearest to four weeks before the last one.
function earlier(trend) {
  if (trend.length < 2) return null;
  const aim = Date.parse(trend.at(-1).as_of) - 28 * 86400e3;
  return trend.slice(0, -1).reduce((a, b) => (Math.abs(Date.parse(b.as_of) - aim) < Math.abs(Date.parse(a.as_of) - aim) ? b : a));
}

function change(now, then, point, format, word) {
  if (then === undefined || then === null || now === null) return nothing;
  const kind = now > then ? 'worse' : now < then ? 'better' : '';
  return html`<span class="change ${kind}">${now > then ? '▲' : now < then ? '▼' : '•'} ${now === then ? 'unchanged' : format(now - then)} ${word} ${f.day(point.as_of)}</span>`;
}

const trendLabel = (trend, format, what) =>
  `${f.Words(what)}: from ${format(trend[0])} on ${f.day(trend[0].as_of)} to ${format(trend.at(-1))} on ${f.day(trend.at(-1).as_of)}`;

// filters restrict the list. Cohorts come when they are there.
function filters(q, cohorts, change) {
  const own = (cohorts?.cohorts ?? []).filter((c) => c.cohort !== 'other');
  const options = own.map((c) => [`${c.dimension}=${c.cohort}`, `${f.Words(c.dimension)}: ${c.cohort}`]);
  if (q.cohort && !options.some(([v]) => v === q.cohort)) options.unshift([q.cohort, q.cohort]);
  return html`<form class="filters" role="search" @submit=${(e) => {
    e.preventDefault();
    change({ customer: new FormData(e.target).get('customer').trim() });
  }}>
    <label class="field"><span>Customer id begins with</span><input type="search" name="customer" .value=${q.customer_prefix} autocomplete="off" spellcheck="false"></label>
    <button type="submit">Search</button>
    ${ui.choice('Band', q.band, [['', 'All'], ['high', 'High'], ['medium', 'Medium'], ['low', 'Low']], (band) => change({ band }))}
    ${ui.choice('Risk', q.min_risk, risks, (min_risk) => change({ min_risk }))}
    ${ui.choice('Drift', q.drift, [['', 'Any'], ...states.map((s) => [s, f.Words(s)])], (drift) => change({ drift }))}
    ${ui.choice('Cohort', q.cohort, [['', 'All'], ...options], (cohort) => change({ cohort }))}
    ${ui.choice('First', q.order_by, orders, (by) => change({ order_by: by }))}
  </form>`;
}

function list(page, place, turn, busy, filtered, all) {
  if (page.scores.length === 0) {
    return filtered
      ? ui.empty('No customer fits', 'Nobody in the published scores fits all of these filters.', html`<p><button type="button" @click=${all}>Show all customers</button></p>`)
      : ui.steps('nobody was scored');
  }
  const first = place.page * pageSize + 1;
  return html`<div aria-busy=${busy ? 'true' : 'false'}>
    ${ui.table('Customers with their probability of leaving, revenue at risk and the main reason', [
      { head: 'Customer', cell: (s) => html`${ui.customerLink(s.customer_id)}<span class="note narrow">${reason(s)}</span>` },
      { head: 'Band', cell: (s) => (s.status === 'ok' ? ui.band(s.band) : ui.chip('none', s.status === 'not_eligible' ? 'Not eligible' : 'Little evidence')), wide: true },
      { head: 'Probability of leaving', cell: (s) => html`<span title=${s.interval ? `${f.percents(s.interval)} (${f.percent(s.interval.level)} interval)` : ''}>${charts.risk(s.churn_probability, s.interval, s.band ?? 'none')}</span>` },
      { head: 'Revenue at risk', cell: (s) => f.money(s.revenue_at_risk), number: true },
      { head: 'Drift', cell: (s) => (s.drift === 'stable' ? html`<span class="muted">Stable</span>` : f.Words(s.drift)), wide: true },
      { head: 'Satisfaction', cell: (s) => f.number(s.satisfaction_index), number: true, wide: true },
      { head: 'Main reason', cell: (s) => reason(s), wide: true, grow: true },
      { head: 'To do', cell: (s) => (s.open_triggers.length ? f.number(s.open_triggers.length) : html`<span class="muted">none</span>`), number: true, wide: true },
    ], page.scores)}
    <nav class="pager" aria-label="Pages">
      <button type="button" ?disabled=${place.page === 0 || busy} @click=${() => turn(-1)}>Previous</button>
      <span>${f.number(first)} to ${f.number(first + page.scores.length - 1)}</span>
      <button type="button" ?disabled=${!page.next_page_token || busy} @click=${() => turn(1)}>Next</button>
    </nav>
  </div>`;
}

// reason is what raises the risk most, or why there is none.
function reason(s) {
  if (s.status !== 'ok') return html`<span class="muted">${s.status_reason}</span>`;
  if (s.contributions === null) return html`<span class="muted">…</span>`;
  const main = s.contributions.find((c) => c.log_odds > 0);
  return main ? html`${f.Words(main.label)}: ${f.value(main.value, main.unit)}` : html`<span class="muted">nothing raises it</span>`;
}
