// What every view is made of.

import { html, nothing } from './vendor/lit-html.js';
import * as f from './format.js';

// Source is what a view waits for: pending, then ready or failed. Only the
// newest request counts.
export class Source {
  constructor(draw, load) {
    Object.assign(this, { draw, request: load, state: 'pending', value: null, problem: null, turn: 0 });
  }

  async load() {
    const turn = ++this.turn;
    this.stop?.abort();
    this.stop = new AbortController();
    this.busy = true;
    try {
      const value = await this.request(this.stop.signal);
      if (turn !== this.turn) return;
      Object.assign(this, { state: 'ready', value, problem: null });
    } catch (problem) {
      if (turn !== this.turn || problem.name === 'AbortError') return;
      if (!('code' in problem)) console.error(problem);
      Object.assign(this, { state: 'failed', problem });
    }
    this.busy = false;
    this.draw();
  }
}

// when draws what a source has, or that it is waited for, or why it failed.
export function when(source, ready) {
  if (source.state === 'failed') return failed(source.problem, () => source.load());
  if (source.state === 'pending') return html`<p class="waiting" role="status">Loading…</p>`;
  return ready(source.value);
}

// together draws once what all sources failed by, and what is ready otherwise.
export function together(sources, ready) {
  const [{ problem }] = sources;
  const alike = (s) => s.state === 'failed' && s.problem.code === problem.code && (s.problem.message === problem.message || problem.code === 'no_data');
  return problem && sources.every(alike) ? failed(problem, () => sources.forEach((s) => s.load())) : ready();
}

// failed says what went wrong, by code and request id.
export function failed(problem, again) {
  if (problem.code === 'no_data') return steps(problem.message);
  const [title, text] = problem.code === 'unauthenticated' ? ['An API key is needed', 'This server shows its data to those who have one.']
    : [problem.status === 401 || problem.status === 403 ? 'This may not be shown' : 'That did not work', problem.message];
  return html`<div class="problem" role="alert">
    <h2>${title}</h2>
    <p>${text}</p>
    <p class="small">Code <code>${problem.code}</code>${problem.requestID ? html`, request <code>${problem.requestID}</code>` : nothing}</p>
    ${problem.status === 401
      ? html`<p><button type="button" class="primary" @click=${() => window.dispatchEvent(new CustomEvent('want-key'))}>Enter an API key</button></p>`
      : again ? html`<p><button type="button" @click=${again}>Try again</button></p>` : nothing}
  </div>`;
}

// empty says that there is nothing, and what to do.
export const empty = (title, text, action = nothing) => html`<div class="empty"><h2>${title}</h2><p>${text}</p>${action}</div>`;

// steps says what leads to scores, in order. lacks says what is not there yet,
// and after a colon the one step that would bring it.
export const steps = (lacks) => empty('There is nothing to show yet', 'Three steps lead to the first scores:', html`<ol class="steps">
  <li><b>Import</b> customers and their orders: <a href="#/import">load a file here</a>, or run <code>churnwatch import</code>.</li>
  <li><b>Train</b> a model on them: run <code>churnwatch train</code>.</li>
  <li><b>Score</b> the customers: run <code>churnwatch score</code>.</li>
</ol><p class="note">Now: ${lacks.split(':')[0]}.</p>`);

// old warns that what is said as of an instant is not about today.
export function old(asOf) {
  const age = f.age(asOf);
  return age ? html`<p class="old" role="note"><b>Old data.</b> The data behind this end on <time datetime=${asOf}>${f.day(asOf)}</time>, ${age} ago: what is said is about then, not about today.
    <a href="#/import">Import</a> what is newer and run <code>churnwatch score</code>.</p>` : nothing;
}

// announce tells those who listen.
export function announce(text) {
  const region = document.getElementById('said');
  if (region) region.textContent = text;
}

export const customerLink = (id) => html`<a class="id" title=${id} href=${`#/customer/${encodeURIComponent(id)}`}>${id}</a>`;

export const chip = (kind, text) => html`<span class="chip ${kind}">${text}</span>`;
export const band = (name) => (name ? chip(name, f.Words(name)) : chip('none', 'No band'));

// tile is one number with what it means.
export const tile = (label, value, note = nothing, kind = '') => html`<div class="tile ${kind}">
  <dt>${label}</dt><dd><span class="figure">${value}</span><span class="note">${note}</span></dd>
</div>`;
export const tiles = (...all) => html`<dl class="tiles">${all}</dl>`;

// table draws rows. A column is {head, cell, number, wide}: wide ones are left
// out on narrow screens.
export function table(caption, columns, rows, { hidden = true } = {}) {
  const kind = (c) => [c.number ? 'number' : '', c.wide ? 'wide' : '', c.grow ? 'grow' : ''].join(' ');
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class=${hidden ? 'unseen' : ''}>${caption}</caption>
      <thead><tr>${columns.map((c) => html`<th scope="col" class=${kind(c)}>${c.head}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr>${columns.map((c, i) =>
        i === 0 ? html`<th scope="row" class=${kind(c)}>${c.cell(row)}</th>` : html`<td class=${kind(c)}>${c.cell(row)}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}

// first draws the first of many, and a button for more of them. shown is kept
// by the caller.
export function first(all, state, draw, list, step = 25) {
  state.shown ??= step;
  const left = all.length - state.shown;
  return html`${list(all.slice(0, state.shown))}${left > 0 ? html`<p class="pager"><button type="button" @click=${() => {
    state.shown += step;
    draw();
  }}>Show ${f.number(Math.min(step, left))} more of ${f.number(left)}</button></p>` : nothing}`;
}

// choice is a labelled list to choose from; options are [value, text].
export const choice = (label, value, options, change, disabled = false) => html`<label class="field"><span>${label}</span>
  <select ?disabled=${disabled} @change=${(e) => change(e.target.value)}>${options.map(([v, text]) => html`<option value=${v} ?selected=${v === value}>${text}</option>`)}</select>
</label>`;

export const warnings = (list) => (list?.length
  ? html`<ul class="warnings">${list.map((w) => html`<li>${w}</li>`)}</ul>`
  : nothing);

// section is a titled part of a view.
export const section = (title, body, { note = nothing, side = nothing } = {}) => html`<section class="panel">
  <header><h2>${title}</h2>${side}</header>${note === nothing ? nothing : html`<p class="note">${note}</p>`}${body}
</section>`;
