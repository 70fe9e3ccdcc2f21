// Triggers as cards, and what can be done about them.

import { html, nothing } from './vendor/lit-html.js';
import { post } from './api.js';
import * as f from './format.js';
import * as ui from './ui.js';

const ownerName = 'churnwatch-owner';
const due = ['open', 'escalated', 'acknowledged'];
const past = ['done', 'expired', 'suppressed'];

// isPast tells whether nothing is to be done about a trigger any more.
export const isPast = (trigger) => past.includes(trigger.status);

// desk keeps which trigger a form is open for, and does what it says. changed
// is told of the trigger as it is then.
export function desk(draw, changed) {
  const state = { open: '', busy: false, problem: null };
  const act = (trigger, verb) => async (e) => {
    e.preventDefault();
    const given = new FormData(e.target);
    state.busy = true;
    draw();
    try {
      const body = { note: given.get('note') };
      if (verb === 'ack') {
        body.owner = given.get('owner');
        sessionStorage.setItem(ownerName, body.owner);
      }
      const now = await post(`/v1/triggers/{id}:${verb}`, { id: trigger.trigger_id }, body);
      Object.assign(state, { open: '', problem: null });
      changed(now);
      ui.announce(`${f.words(trigger.playbook)} for ${trigger.customer_id} is ${now.status} now.`);
    } catch (problem) {
      state.problem = problem;
    }
    state.busy = false;
    draw();
    document.getElementById(`trigger-${trigger.trigger_id}`)?.focus();
  };
  const show = (trigger, verb) => {
    const name = `${verb} ${trigger.trigger_id}`;
    Object.assign(state, { open: state.open === name ? '' : name, problem: null });
    draw();
    document.getElementById(`form-${trigger.trigger_id}`)?.querySelector('input')?.focus();
  };
  return { state, act, show };
}

const urgencies = { critical: 'high', high: 'high', medium: 'medium', low: 'low' };

// card draws a trigger with its buttons.
export function card(t, work, { named = true } = {}) {
  const opened = (verb) => work.state.open === `${verb} ${t.trigger_id}`;
  const label = `${f.words(t.playbook)}, ${t.customer_id}`;
  return html`<li class="card ${t.overdue ? 'overdue' : ''}" id="trigger-${t.trigger_id}" tabindex="-1" aria-label=${label} data-status=${t.status}>
    <div class="card-body"><div><div class="card-head">
      ${ui.chip(urgencies[t.urgency] ?? 'none', f.Words(t.urgency))}
      <b>${f.Words(t.playbook)}</b>
      ${named ? ui.customerLink(t.customer_id) : nothing}
      ${ui.chip(t.status === 'done' ? 'low' : 'none', f.Words(t.status))}
      ${t.overdue ? ui.chip('high', 'Overdue') : nothing}
      ${t.holdout ? ui.chip('none', 'Held out') : nothing}
    </div>
    <p>${f.Words(t.reason)}.${t.suppressed_by ? html` <span class="muted">Suppressed by ${f.words(t.suppressed_by)}.</span>` : nothing}</p>
    <p class="note">${f.Words(t.action)}${t.template ? html` <code>${t.template}</code>` : nothing}${t.channel ? html` by ${f.words(t.channel)}` : nothing}${t.offer ? html`, offer ${f.words(t.offer)}` : nothing}.
      ${t.due_at ? html`Due <time datetime=${t.due_at}>${f.time(t.due_at)}</time>.` : t.planned_at ? html`Planned for <time datetime=${t.planned_at}>${f.time(t.planned_at)}</time>.` : nothing}
      ${t.owner ? html`Owner: ${t.owner}.` : nothing}${t.value === null ? nothing : html` Customer worth ${f.money(t.value)}.`}</p></div>
    ${due.includes(t.status) ? html`<div class="actions">
      ${t.status === 'acknowledged' ? nothing : html`<button type="button" aria-expanded=${opened('ack') ? 'true' : 'false'} @click=${() => work.show(t, 'ack')}>Acknowledge<span class="unseen"> ${label}</span></button>`}
      <button type="button" aria-expanded=${opened('resolve') ? 'true' : 'false'} @click=${() => work.show(t, 'resolve')}>Resolve<span class="unseen"> ${label}</span></button>
    </div>` : nothing}</div>
    ${opened('ack') || opened('resolve') ? form(t, opened('ack') ? 'ack' : 'resolve', work) : nothing}
  </li>`;
}

function form(t, verb, work) {
  return html`<form class="filters" id="form-${t.trigger_id}" @submit=${work.act(t, verb)}>
    ${verb === 'ack' ? html`<label class="field"><span>Who takes care of it</span><input name="owner" .value=${sessionStorage.getItem(ownerName) ?? t.owner ?? ''} autocomplete="off"></label>` : nothing}
    <label class="field grow"><span>Note</span><input name="note" autocomplete="off"></label>
    <button type="submit" class="primary" ?disabled=${work.state.busy}>${verb === 'ack' ? 'Take it' : 'Mark as done'}</button>
    ${work.state.problem ? ui.failed(work.state.problem) : nothing}
  </form>`;
}
