// Facts come in: a file is tried first, and loaded when it is wanted.

import { html, nothing } from '../vendor/lit-html.js';
import { call, get, path } from '../api.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const kinds = ['customers', 'contracts', 'orders', 'order_items', 'responses', 'tickets', 'events', 'outreach'];
const types = [[/\.csv$|\.txt$|\.tsv$/i, 'text/csv'], [/\.(ndjson|jsonl)$/i, 'application/x-ndjson'], [/\.json$/i, 'application/json']];
const typeOf = (name) => types.find(([ending]) => ending.test(name))?.[1];

// guess takes a kind from a file's name: the longest that it holds.
const guess = (name) => kinds.filter((k) => name.toLowerCase().replaceAll('-', '_').includes(k)).sort((a, b) => b.length - a.length)[0];

// newKey names a load, so that the server does it once however often it is sent.
// Unlike randomUUID this is there on hosts without TLS too.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

// loading is what a load under way will tell: who comes back meanwhile sees it.
let loading = null;

export function open({ draw }) {
  // An answer counts while turn is that of its request: later ones are about
  // another file, or about other rows.
  const state = loading ?? { kind: 'orders', file: null, key: '', turn: 0, report: null, loaded: null, follow: null, problem: null, busy: '', over: false };
  state.draw = draw;

  const send = async (dryRun) => {
    const turn = ++state.turn;
    Object.assign(state, { busy: dryRun ? 'Trying' : 'Loading', problem: null });
    if (!dryRun) loading = state;
    state.draw();
    const told = {};
    try {
      const headers = { 'Content-Type': typeOf(state.file.name) };
      if (dryRun) headers['Dry-Run'] = 'true';
      else headers['Idempotency-Key'] = state.key;
      const report = await call(path('/v1/{kind}:import', { kind: state.kind }), { method: 'POST', headers, body: state.file });
      told[dryRun ? 'report' : 'loaded'] = report;
      if (!dryRun) told.follow = await following();
    } catch (problem) {
      told.problem = problem;
    }
    if (turn !== state.turn) return;
    loading = null;
    Object.assign(state, told, { busy: '' });
    if (told.report) ui.announce(`Tried: ${f.number(told.report.quarantined)} of ${f.plural(told.report.read, 'row')} would be refused.`);
    if (told.loaded) ui.announce(`Loaded: ${f.plural(told.loaded.loaded, 'new row')}.`);
    state.draw();
    document.getElementById('report')?.focus();
  };
  // begin tries the rows of a file anew, as a load of its own.
  const begin = (changes) => {
    state.turn++;
    Object.assign(state, { key: newKey(), report: null, loaded: null, follow: null, problem: null, busy: '', over: false }, changes);
    if (state.file && !typeOf(state.file.name)) {
      state.problem = { code: 'unsupported_file', message: `${state.file.name}: the page takes .csv, .ndjson and .json. For Parquet and compressed files run churnwatch import.` };
    } else if (state.file) {
      send(true);
      return;
    }
    state.draw();
  };
  const taken = () => state.busy === 'Loading';
  const take = (file) => {
    if (file && !taken()) begin({ file, kind: guess(file.name) ?? state.kind });
  };
  const drop = (e) => {
    e.preventDefault();
    over(false)(e);
    take(e.dataTransfer.files[0]);
  };
  const over = (on) => (e) => {
    e.preventDefault();
    if (state.over === (on && !taken())) return;
    state.over = on && !taken();
    state.draw();
  };

  return {
    title: 'Import',
    render: () => html`<section class="panel" aria-labelledby="file">
      <header><h2 id="file">A file of facts</h2></header>
      <div class="filters">${ui.choice('What the rows are', state.kind, kinds.map((k) => [k, f.Words(k)]), (kind) => begin({ kind }), taken())}</div>
      <label class="drop ${state.over ? 'over' : ''} ${taken() ? 'taken' : ''}" @dragover=${over(true)} @dragleave=${over(false)} @drop=${drop}>
        <input type="file" accept=".csv,.txt,.tsv,.ndjson,.jsonl,.json" ?disabled=${taken()} @change=${(e) => {
          take(e.target.files[0]);
          e.target.value = ''; // The same file may be chosen again, once it is mended.
        }}>
        <b>${state.file ? state.file.name : 'Drop a file here, or choose one'}</b>
        <span class="note">${state.file ? f.size(state.file.size) : 'CSV, NDJSON or JSON, with a header or keys. It is tried first: nothing is kept before you say so.'}</span>
      </label>
      ${state.busy ? html`<p class="waiting" role="status">${state.busy}…</p>` : nothing}
      ${state.problem ? ui.failed(state.problem, state.problem.code === 'unsupported_file' || state.report ? null : () => send(true)) : nothing}
      ${state.loaded ? report(state.loaded, state, null) : state.report ? report(state.report, state, () => send(false)) : nothing}
    </section>
    <p class="note">The columns of each kind are those of <code>churnwatch import --help</code>. A row that can't be used goes to the quarantine and stops no other; the same file twice changes nothing. A new fact without <code>known_at</code> counts as known from now on: load history with <code>churnwatch import</code>. Larger files, Parquet and known exports (<code>--preset</code>) go by the command.</p>`,
  };
}

// following reads what decides when scores follow: whether there are any, and
// when everybody is scored next. Who may not read it hears the rule alone.
async function following() {
  const [overview, operations] = await Promise.allSettled([get('/v1/overview'), get('/v1/operations', {}, { page_size: 1 })]);
  return {
    none: overview.reason?.code === 'no_data',
    known: operations.status === 'fulfilled',
    next: operations.value?.schedules.find((s) => s.kind === 'score')?.next_at,
  };
}

// scoresFollow says when a load is seen in scores.
function scoresFollow({ none, known, next }) {
  if (none) return html`Nobody was scored yet: run <code>churnwatch train</code> and <code>churnwatch score</code> once what they need is loaded.`;
  const all = next ? `by itself, next on ${f.time(next)}` : known ? 'when you run it, since server.rescore_every is off' : 'every server.rescore_every';
  return html`Scores follow: those of the customers in these rows within seconds, while the newest fact is younger than <code>freshness.max_age</code>
    (<code>server.rescore_touched</code>). Everybody is scored anew ${all}; <code>churnwatch score</code> does it now.`;
}

function report(r, state, load) {
  const good = r.read - r.quarantined;
  return html`<div id="report" tabindex="-1" aria-label="Report">
    <p class="lede">${load
      ? html`Tried, nothing was kept: <b>${f.number(good)}</b> of ${f.plural(r.read, 'row')} can be used${r.quarantined ? html`, <b class="high-ink">${f.number(r.quarantined)} would be refused</b>` : ''}.`
      : html`Loaded: <b>${f.plural(r.loaded, 'new row')}</b>, ${f.number(r.replaced)} new versions, ${f.number(r.unchanged)} known already${r.quarantined ? html`, <b class="high-ink">${f.number(r.quarantined)} in the quarantine</b>` : ''}.`}</p>
    ${ui.tiles(ui.tile('Read', f.number(r.read)), ui.tile('New', f.number(r.loaded)), ui.tile('New versions', f.number(r.replaced)), ui.tile('Known already', f.number(r.unchanged)), ui.tile('Refused', f.number(r.quarantined), nothing, r.quarantined ? 'alarm' : ''))}
    ${ui.warnings([...r.warnings,
      ...(r.unmapped_columns.length ? [`Columns that are not used: ${r.unmapped_columns.join(', ')}`] : []),
      ...(r.attribute_columns.length ? [`Columns that are kept as attributes: ${r.attribute_columns.join(', ')}`] : [])])}
    ${r.refused.length ? ui.table('Refused rows', [
      { head: 'Row', cell: (x) => f.number(x.row) },
      { head: 'Column', cell: (x) => (x.column ? html`<code>${x.column}</code>` : html`<span class="muted">the row</span>`) },
      { head: 'Why', cell: (x) => f.Words(x.reason) },
      { head: 'What is wrong, and what to do', cell: (x) => x.detail, grow: true },
    ], r.refused, { hidden: false }) : nothing}
    ${load && good > 0 ? html`<p><button type="button" class="primary" ?disabled=${Boolean(state.busy)} @click=${load}>Load ${f.plural(good, 'row')} as ${f.words(state.kind)}</button></p>` : nothing}
    ${load ? nothing : html`<p class="note">${scoresFollow(state.follow)}</p>`}
  </div>`;
}
