// One customer: how likely, how sure, why, what happened, what is to be done,
// and what has changed.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import { card as triggerCard, desk, isPast } from '../triggers.js';
import * as ui from '../ui.js';

const kinds = ['scores', 'triggers', 'orders', 'responses', 'tickets', 'events', 'outreach', 'contracts', 'customers'];
const shown = 12; // contributions that are shown at first

export function open({ id, draw }) {
  const state = { all: false, kind: '', since: '', entries: [], next: '' };
  const explanation = new ui.Source(draw, (signal) => get('/v1/customers/{id}/explanation', { id }, {}, signal));
  const timeline = new ui.Source(draw, async (signal) => {
    const page = await get('/v1/customers/{id}/timeline', { id }, { kind: state.kind, page_size: 200 }, signal);
    Object.assign(state, { entries: page.entries, next: page.next_page_token });
    return page;
  });
  const history = new ui.Source(draw, (signal) => get('/v1/customers/{id}/timeline', { id }, { kind: 'scores,orders,responses,tickets', page_size: 500 }, signal));
  const triggers = new ui.Source(draw, (signal) => get('/v1/triggers', {}, { customer_id: id, status: 'all', page_size: 100 }, signal));
  const overview = new ui.Source(draw, async (signal) => {
    const o = await get('/v1/overview', {}, {}, signal);
    f.setCurrency(o.currency);
    return o;
  });
  const change = new ui.Source(draw, (signal) => get('/v1/customers/{id}/change', { id }, { since: `${state.since}T00:00:00Z` }, signal));
  const work = desk(draw, (trigger) => {
    triggers.value.triggers = triggers.value.triggers.map((t) => (t.trigger_id === trigger.trigger_id ? trigger : t));
  });
  overview.load().then(() => Promise.all([explanation.load(), history.load(), timeline.load(), triggers.load()]));

  const more = async () => {
    const page = await get('/v1/customers/{id}/timeline', { id }, { kind: state.kind, page_size: 200, page_token: state.next });
    state.entries = [...state.entries, ...page.entries];
    state.next = page.next_page_token;
    draw();
  };
  const compare = (e) => {
    e.preventDefault();
    state.since = new FormData(e.target).get('since');
    change.asked = true;
    change.state = 'pending';
    change.load();
    draw();
  };

  return {
    title: `Customer ${id}`,
    render: () => html`
      <p class="back"><a href="#/">All customers</a></p>
      ${ui.when(explanation, (e) => html`
        ${ui.old(e.as_of)}
        ${summary(e)}
        ${quality(e)}
        ${reasons(e, state, draw)}
      `)}
      ${explanation.state === 'failed' ? nothing : html`
        ${ui.section('To do', ui.when(triggers, ({ triggers: all }) => cards(all.filter((t) => !isPast(t)), work)
          ?? ui.empty('Nothing is to be done', all.length ? 'What playbooks have said is done, has expired or was suppressed.' : 'No playbook has said anything about this customer yet.')))}
        ${triggers.value?.triggers.some(isPast) ? ui.section('Past', cards(triggers.value.triggers.filter(isPast), work), { note: 'What was done, has expired or was suppressed.' }) : nothing}
        ${ui.section('What has changed', html`
          <form class="filters" @submit=${compare}>
            <label class="field"><span>Since the day</span><input type="date" name="since" required .value=${state.since || monthBefore(explanation.value?.as_of)}></label>
            <button type="submit">Compare</button>
          </form>
          ${change.asked ? ui.when(change, changed) : nothing}`,
        { note: 'Why the probability is another one than it was: another model, corrections, time passing and new facts, as an exact sum.' })}
        ${ui.section('Timeline', html`${ui.when(history, (h) => chart(h.entries))}${ui.when(timeline, () => entries(state, timeline, more))}`, {
          side: ui.choice('Show', state.kind, [['', 'Everything'], ...kinds.map((k) => [k, f.Words(k)])], (kind) => {
            state.kind = kind;
            timeline.load();
          }),
        })}`}`,
  };
}

// cards lists triggers, the newest first, and is null without one.
const cards = (triggers, work) => (triggers.length
  ? html`<ul class="cards">${triggers.toReversed().map((one) => triggerCard(one, work, { named: false }))}</ul>`
  : null);

const monthBefore = (asOf) => (asOf ? new Date(Date.parse(asOf) - 30 * 86400e3).toISOString().slice(0, 10) : '');

function summary(e) {
  const known = e.churn_probability !== null;
  return html`<div class="verdict panel ${e.band ?? 'none'}">
    <div class="big"><span class="figure">${known ? f.percent(e.churn_probability) : '–'}</span>
      <span>${known ? html`likely to leave within ${e.horizon_days} days${f.age(e.as_of) ? html` of ${f.day(e.as_of)}` : nothing} (${e.label_definition})` : e.status_reason}</span>
      <span class="chips">${ui.band(e.band)}${e.status === 'ok' ? nothing : ui.chip('none', f.Words(e.status))}${e.holdout ? ui.chip('none', 'Held out from retention') : nothing}</span></div>
    ${known && e.interval ? html`<div class="scale">${charts.ruler(e.churn_probability, e.interval, e.band)}<p class="note">${f.percent(e.interval.level)} interval: ${f.percents(e.interval)}.
      ${e.percentile === null ? nothing : html`More likely than ${f.percent(e.percentile / 100)} of the others.`}</p></div>` : nothing}
    <dl class="facts">
      ${fact('Revenue at risk', f.money(e.revenue_at_risk), f.moneys(e.revenue_at_risk_interval))}
      ${fact('Worth if kept', f.money(e.expected_value), f.moneys(e.expected_value_interval))}
      ${fact('Satisfaction', e.satisfaction_index === null ? '–' : `${f.number(e.satisfaction_index)} of 100`, e.satisfaction_answers ? `± ${f.number(e.satisfaction_standard_error, 1)} by ${f.plural(e.satisfaction_answers, 'answer')}` : 'no answers')}
      ${fact('NPS group', f.Words(e.nps_segment), '')}
      ${fact('Drift', f.Words(e.drift), '')}
      ${fact('Pain index', f.number(e.pain_index), 'of 100, last 90 days')}
      ${fact('Next order expected', f.day(e.expected_date_of_next_order), '')}
      ${fact('Still active', f.percent(e.p_alive), 'by the rhythm of orders alone')}
      ${fact('As of', f.day(e.as_of), `model ${e.model ?? '–'}`)}
    </dl>
  </div>`;
}

const fact = (name, value, note) => html`<div><dt>${name}</dt><dd>${value}${note && note !== '–' ? html`<span class="note">${note}</span>` : nothing}</dd></div>`;

function quality(e) {
  const q = e.data_quality;
  const said = [...(q?.customer_reasons ?? []), ...(q?.reasons ?? []), ...e.warnings];
  if (!q && said.length === 0) return nothing;
  const verdicts = { green: 'Nothing is wrong with the data behind this.', yellow: 'Read this with care: the data have faults.', red: 'Do not rely on this: the data would mislead.', not_applicable: 'The data were not judged.' };
  return html`<section class="quality ${q?.status ?? ''}" aria-label="Quality of the data">
    <h2>Quality of the data: ${f.words(q?.status ?? 'not known')}</h2><p>${verdicts[q?.status] ?? ''}
    ${e.data_share === null ? nothing : html`${f.percent(e.data_share)} of the answer comes from the shop's own data, ${f.percent(e.prior_share)} from assumptions.`}</p>
    ${ui.warnings(said)}</section>`;
}

function reasons(e, state, draw) {
  if (e.contributions.length === 0) return nothing;
  const most = Math.max(...e.contributions.map((c) => Math.abs(c.log_odds)));
  const list = state.all ? e.contributions : e.contributions.slice(0, shown);
  return ui.section('Why', html`
    <ol class="reasons">${list.map((c) => html`<li>${part(c.label, f.value(c.value, c.unit), c.log_odds, most,
      c.evidence.length ? html`<p class="note">${f.plural(c.evidence.length, 'newest fact')} behind it:</p>${evidence(c.evidence)}` : nothing)}</li>`)}</ol>
    ${e.contributions.length > shown ? html`<p><button type="button" aria-expanded=${state.all ? 'true' : 'false'} @click=${() => {
      state.all = !state.all;
      draw();
    }}>${state.all ? 'Show the largest only' : `Show all ${e.contributions.length}`}</button></p>` : nothing}
    <details class="sums"><summary>How it adds up</summary>
      <p>Base ${f.signed(e.base_log_odds, 3)} and contributions of ${f.signed(e.log_odds - e.base_log_odds, 3)} make log-odds of ${f.signed(e.log_odds, 3)}, which is ${f.percent(e.churn_probability)}.</p>
      ${ui.table('What each family of features adds', [
        { head: 'Family', cell: (g) => f.Words(g.family) },
        { head: 'Log-odds', cell: (g) => f.signed(g.log_odds, 3), number: true },
        { head: 'Odds', cell: (g) => f.times(g.odds_ratio), number: true },
        { head: 'Features', cell: (g) => f.number(g.contributions), number: true },
      ], e.groups)}
    </details>`, { note: 'What the model made of each fact. It is no promise of what would happen without it.' });
}

// part is a row of what adds up; what is behind it opens below.
function part(label, value, logOdds, most, behind) {
  const row = html`<span class="what">${f.Words(label)}<b>${value}</b></span>${charts.diverging(logOdds, most)}
    <span class="effect">${logOdds > 0 ? 'raises' : logOdds < 0 ? 'lowers' : 'leaves'} the odds ${f.times(Math.exp(logOdds))}</span>`;
  return behind === nothing
    ? html`<div class="reason bare">${row}</div>`
    : html`<details><summary class="reason">${row}</summary><div class="behind">${behind}</div></details>`;
}

const evidence = (list) => html`<ul class="evidence">${list.map((one) => html`<li><time datetime=${one.at}>${f.day(one.at)}</time>
  ${f.words(one.what)}${one.value === null || one.value === undefined ? nothing : html`, ${f.number(one.value, Number.isInteger(one.value) ? 0 : 2)}`}${one.order_id ? html`, order <code>${one.order_id}</code>` : nothing}${one.ticket_id ? html`, ticket <code>${one.ticket_id}</code>` : nothing}
  ${one.file ? html`<span class="muted" title=${one.file}>${one.file.replace(/^.*[\\/]/, '')}, line ${one.line}</span>` : nothing}</li>`)}</ul>`;

// chart draws the score over time, with what happened as marks.
function chart(list) {
  const scores = list.filter((x) => x.kind === 'scores' && x.value !== null).toReversed();
  if (scores.length < 2) return html`<p class="note">The probability over time shows once it was published differently on two days.</p>`;
  const from = Date.parse(scores[0].at) - 45 * 86400e3;
  const happened = list.filter((x) => x.kind !== 'scores' && Date.parse(x.at) >= from && ['ordered', 'opened'].concat(x.kind === 'responses' ? [x.what] : []).includes(x.what));
  const marks = happened.map((x) => ({ at: x.at, kind: x.kind, text: `${f.day(x.at)}: ${f.words(x.what)}` }));
  return html`<div class="history">${charts.line(scores.map((s) => ({ at: s.at, value: s.value })), {
    label: `Probability of leaving from ${f.percent(scores[0].value)} on ${f.day(scores[0].at)} to ${f.percent(scores.at(-1).value)} on ${f.day(scores.at(-1).at)}`,
    format: f.percent, height: 150, width: window.innerWidth < 700 ? 340 : 1150, marks,
  })}<ul class="legend"><li><span class="swatch orders" aria-hidden="true"></span>order</li><li><span class="swatch responses" aria-hidden="true"></span>answer</li><li><span class="swatch tickets" aria-hidden="true"></span>ticket opened</li></ul></div>`;
}

function entries(state, timeline, more) {
  if (state.entries.length === 0) return ui.empty('Nothing of this kind', 'Choose another kind, or everything.');
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="What happened, newest first"><ol class="timeline" aria-busy=${timeline.busy ? 'true' : 'false'}>${state.entries.map((x) => html`<li class=${x.kind}>
    <time datetime=${x.at}>${f.day(x.at)}</time>
    <span class="kind">${f.Words(x.kind)}</span>
    <span class="what">${f.words(x.what)}${detail(x)}</span>
  </li>`)}</ol></div>
  ${state.next ? html`<p><button type="button" @click=${more}>Show older ones</button></p>` : nothing}`;
}

function detail(x) {
  const parts = [];
  if (x.value !== null) parts.push(x.kind === 'scores' ? f.percent(x.value) : ['orders', 'contracts'].includes(x.kind) ? f.money(x.value) : f.number(x.value, Number.isInteger(x.value) ? 0 : 2));
  if (x.channel) parts.push(f.words(x.channel));
  if (x.text) parts.push(x.text);
  const about = x.order_id && x.kind !== 'orders' ? html` <span class="muted">order ${x.order_id}</span>` : x.kind === 'orders' || x.kind === 'tickets' ? html` <span class="muted">${x.id}</span>` : nothing;
  return html`${parts.map((p) => html`, ${p}`)}${about}`;
}

function changed(c) {
  const most = Math.max(0.01, ...c.parts.map((p) => Math.abs(p.log_odds)));
  return html`
    <p class="lede">From <b>${f.percent(c.before.churn_probability)}</b> on ${f.day(c.since)} to <b>${f.percent(c.after.churn_probability)}</b> on ${f.day(c.as_of)}: ${f.signed(c.percentage_points, 1)} points.</p>
    <ol class="reasons">${c.parts.map((p) => html`<li>${part(p.label, `${f.signed(p.percentage_points, 1)} points`, p.log_odds, most, p.contributions.length || p.facts.length ? html`
        ${p.contributions.length ? ui.table(`What ${p.label} changed`, [
          { head: 'Feature', cell: (x) => f.Words(x.label), grow: true },
          { head: 'From', cell: (x) => f.value(x.from), number: true },
          { head: 'To', cell: (x) => f.value(x.to), number: true },
          { head: 'Odds', cell: (x) => f.times(Math.exp(x.log_odds)), number: true },
        ], p.contributions.filter((x) => Math.abs(x.log_odds) > 0.005)) : nothing}
        ${p.facts.length ? evidence(p.facts.slice(0, 20)) : nothing}` : nothing)}</li>`)}</ol>${ui.warnings(c.warnings)}`;
}
