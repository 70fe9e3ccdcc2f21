// What is to be done, what is overdue first.

import { html } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as f from '../format.js';
import { card, desk } from '../triggers.js';
import * as ui from '../ui.js';

const views = [['', 'To do'], ['acknowledged', 'Acknowledged'], ['done', 'Done'], ['suppressed', 'Suppressed'], ['expired', 'Expired'], ['scheduled', 'Scheduled'], ['all', 'All']];
const order = ['critical', 'high', 'medium', 'low'];
const most = 5; // pages of a thousand

export function open({ query, go, draw }) {
  const status = query.get('status') ?? '';
  const state = { urgency: '', playbook: '', shown: 25, more: false };
  const triggers = new ui.Source(draw, async (signal) => {
    const all = [];
    let token = '';
    for (let page = 0; page < most; page++) {
      const answer = await get('/v1/triggers', {}, { status, page_size: 1000, page_token: token }, signal);
      all.push(...answer.triggers);
      token = answer.next_page_token;
      if (!token) break;
    }
    state.more = Boolean(token);
    return all.sort(before);
  });
  const overview = new ui.Source(draw, async (signal) => f.setCurrency((await get('/v1/overview', {}, {}, signal)).currency));
  const work = desk(draw, (now) => {
    triggers.value = triggers.value.map((t) => (t.trigger_id === now.trigger_id ? now : t));
  });
  triggers.load();
  overview.load();

  const choose = (changes) => {
    Object.assign(state, changes, { shown: 25 });
    draw();
  };
  return {
    title: 'Triggers',
    render: () => html`<div class="panel">
      <div class="filters">
        ${ui.choice('Show', status, views, (value) => go(value ? `/triggers?status=${value}` : '/triggers'))}
        ${ui.choice('Urgency', state.urgency, [['', 'Any'], ...order.map((u) => [u, f.Words(u)])], (urgency) => choose({ urgency }))}
        ${ui.choice('Playbook', state.playbook, [['', 'All'], ...[...new Set((triggers.value ?? []).map((t) => t.playbook))].sort().map((p) => [p, f.Words(p)])], (playbook) => choose({ playbook }))}
      </div>
      ${ui.when(triggers, (all) => (all.length === 0 && overview.problem?.code === 'no_data' ? ui.failed(overview.problem) : list(all, state, work, draw)))}
    </div>`,
  };
}

function list(all, state, work, draw) {
  const fits = all.filter((t) => (!state.urgency || t.urgency === state.urgency) && (!state.playbook || t.playbook === state.playbook));
  if (fits.length === 0) {
    return all.length
      ? ui.empty('None fits', 'No trigger fits these filters.')
      : ui.empty('Nothing is to be done', 'Playbooks run after each import and scoring. churnwatch playbooks test --customer ID says what would fire, and why not.');
  }
  const overdue = fits.filter((t) => t.overdue).length;
  return html`<p class="lede" role="status"><b>${f.plural(fits.length, 'trigger')}</b>${overdue ? html`, <b class="high-ink">${f.number(overdue)} overdue</b>` : ''}${state.more ? '; older changes only, there are more' : ''}</p>
    ${ui.first(fits, state, draw, (some) => html`<ul class="cards">${some.map((t) => card(t, work))}</ul>`)}`;
}

// before puts first what is overdue, urgent and due soonest.
function before(a, b) {
  return Number(b.overdue) - Number(a.overdue) || order.indexOf(a.urgency) - order.indexOf(b.urgency) ||
    Date.parse(a.due_at ?? a.planned_at ?? 0) - Date.parse(b.due_at ?? b.planned_at ?? 0) || (a.trigger_id < b.trigger_id ? -1 : 1);
}
