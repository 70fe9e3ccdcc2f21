// Facts come in: a file is tried first, and loaded when it is wanted.

import { html, nothing } from '../vendor/lit-html.js';
import { call, path } from '../api.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const kinds = ['customers', 'contracts', 'orders', 'order_items', 'responses', 'tickets', 'events', 'outreach'];
const types = [[/\.csv$|\.txt$|\.tsv$/i, 'text/csv'], [/\.(ndjson|jsonl)$/i, 'application/x-ndjson'], [/\.json$/i, 'application/json']];
const typeOf = (name) => types.find(([ending]) => ending.test(name))?.[1];

// guess takes a kind from a file's name: the longest that it holds.
const guess = (name) => kinds.filter((k) => name.toLowerCase().replaceAll('-', '_').includes(k)).sort((a, b) => b.length - a.length)[0];

export function open({ draw }) {
  const state = { kind: 'orders', file: null, report: null, loaded: null, problem: null, busy: '', over: false };

  const send = async (dryRun) => {
    Object.assign(state, { busy: dryRun ? 'Trying' : 'Loading', problem: null });
    draw();
    try {
      const headers = { 'Content-Type': typeOf(state.file.name) };
      if (dryRun) headers['Dry-Run'] = 'true';
      else headers['Idempotency-Key'] = crypto.randomUUID();
      const report = await call(path('/v1/{kind}:import', { kind: state.kind }), { method: 'POST', headers, body: state.file });
      state[dryRun ? 'report' : 'loaded'] = report;
      ui.announce(dryRun ? `Tried: ${f.number(report.quarantined)} of ${f.plural(report.read, 'row')} would be refused.` : `Loaded: ${f.plural(report.loaded, 'new row')}.`);
    } catch (problem) {
      state.problem = problem;
    }
    state.busy = '';
    draw();
    document.getElementById('report')?.focus();
  };
  const take = (file) => {
    if (!file) return;
    Object.assign(state, { file, report: null, loaded: null, problem: null, over: false });
    if (!typeOf(file.name)) {
      state.problem = { code: 'unsupported_file', message: `${file.name}: the page takes .csv, .ndjson and .json. For Parquet and compressed files run churnwatch import.` };
      draw();
      return;
    }
    state.kind = guess(file.name) ?? state.kind;
    send(true);
  };
  const drop = (e) => {
    e.preventDefault();
    take(e.dataTransfer.files[0]);
  };
  const over = (on) => (e) => {
    e.preventDefault();
    if (state.over === on) return;
    state.over = on;
    draw();
  };

  return {
    title: 'Import',
    render: () => html`<section class="panel" aria-labelledby="file">
      <header><h2 id="file">A file of facts</h2></header>
      <div class="filters">${ui.choice('What the rows are', state.kind, kinds.map((k) => [k, f.Words(k)]), (kind) => {
        state.kind = kind;
        state.loaded = null;
        if (state.file && typeOf(state.file.name)) send(true);
        else draw();
      })}</div>
      <label class="drop ${state.over ? 'over' : ''}" @dragover=${over(true)} @dragleave=${over(false)} @drop=${drop}>
        <input type="file" accept=".csv,.txt,.tsv,.ndjson,.jsonl,.json" @change=${(e) => take(e.target.files[0])}>
        <b>${state.file ? state.file.name : 'Drop a file here, or choose one'}</b>
        <span class="note">${state.file ? `${f.number(state.file.size / 1024, 1)} KiB` : 'CSV, NDJSON or JSON, with a header or keys. It is tried first: nothing is kept before you say so.'}</span>
      </label>
      ${state.busy ? html`<p class="waiting" role="status">${state.busy}…</p>` : nothing}
      ${state.problem ? ui.failed(state.problem) : nothing}
      ${state.loaded ? report(state.loaded, state, null) : state.report ? report(state.report, state, () => send(false)) : nothing}
    </section>
    <p class="note">The columns of each kind are those of <code>churnwatch import --help</code>. A row that can't be used goes to the quarantine and stops no other; the same file twice changes nothing. Larger files, Parquet and known exports (<code>--preset</code>) go by the command.</p>`,
  };
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
    ${load ? nothing : html`<p class="note">Scores change with the next scoring (churnwatch score, or server.rescore_every).</p>`}
  </div>`;
}
