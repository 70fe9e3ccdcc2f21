// The page: what address shows which view, and the frame around it.

import { html, nothing, render } from './vendor/lit-html.js';
import { key } from './api.js';
import * as cohorts from './views/cohorts.js';
import * as customer from './views/customer.js';
import * as drift from './views/drift.js';
import * as hotspots from './views/hotspots.js';
import * as importing from './views/import.js';
import * as inbox from './views/inbox.js';
import * as model from './views/model.js';
import * as painpoints from './views/painpoints.js';
import * as risk from './views/risk.js';
import * as ui from './ui.js';

const sections = [
  ['/', 'At risk', risk], ['/triggers', 'Triggers', inbox], ['/painpoints', 'Pain points', painpoints], ['/hotspots', 'Hotspots', hotspots],
  ['/drift', 'Drift', drift], ['/cohorts', 'Cohorts', cohorts], ['/model', 'Model', model], ['/import', 'Import', importing],
];

const themes = { '': 'Auto', light: 'Light', dark: 'Dark' };
const state = { view: null, at: '/', menu: false, theme: document.documentElement.dataset.theme ?? '', wantsKey: false };

// go opens an address of the page; replace leaves no step back behind.
function go(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, '', `#${address}`);
    open({ keepFocus: true });
  } else {
    location.hash = address;
  }
}

// open shows what the address says.
function open({ keepFocus = false } = {}) {
  const [at, query = ''] = (location.hash.slice(1) || '/').split('?');
  let asked = { query: new URLSearchParams(query), go };
  const view = {};
  const draw = () => state.view === view && redraw();
  const named = at.match(/^\/customer\/(.+)$/);
  let opened;
  try {
    if (named) {
      asked = { ...asked, id: decodeURIComponent(named[1]) };
    }
    opened = (named ? customer : sections.find(([address]) => address === at)?.[2])?.open({ ...asked, draw });
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
  }
  Object.assign(view, opened ?? { title: 'Not found', render: () => ui.empty('There is no such view', 'The address is wrong.', html`<p><a class="button" href="#/">To the customers at risk</a></p>`) });
  Object.assign(state, { view, at: named ? '/' : at, menu: false });
  redraw();
  document.title = `${view.title} · churnwatch`;
  document.documentElement.dataset.shown = location.hash;
  if (!keepFocus) {
    document.getElementById('title').focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

function redraw() {
  render(frame(), document.getElementById('page'));
}

function turnTheme() {
  const names = Object.keys(themes);
  state.theme = names[(names.indexOf(state.theme) + 1) % names.length];
  if (state.theme) {
    document.documentElement.dataset.theme = state.theme;
    localStorage.setItem('churnwatch-theme', state.theme);
  } else {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem('churnwatch-theme');
  }
  redraw();
}

const frame = () => html`
  <a class="skip" href="#title" @click=${(e) => {
    e.preventDefault();
    document.getElementById('title').focus();
  }}>Skip to the content</a>
  <header class="top">
    <a class="brand" href="#/">churnwatch</a>
    <button type="button" class="menu" aria-expanded=${state.menu ? 'true' : 'false'} aria-controls="sections" @click=${() => {
      state.menu = !state.menu;
      redraw();
    }}>Menu</button>
    <nav id="sections" class=${state.menu ? 'shown' : ''} aria-label="Views"><ul>${sections.map(([address, name]) => html`<li>
      <a href="#${address}" aria-current=${address === state.at ? 'page' : nothing} @click=${() => (state.menu = false)}>${name}</a></li>`)}
    </ul></nav>
    <div class="tools">
      <a href="/docs">API</a>
      <button type="button" @click=${turnTheme}>Theme: ${themes[state.theme]}</button>
      <button type="button" @click=${askKey}>${key.get() ? 'Key set' : 'Key'}</button>
    </div>
  </header>
  <main><h1 id="title" tabindex="-1">${state.view.title}</h1>${state.view.render()}</main>
  <dialog id="key" aria-labelledby="key-title" @close=${() => redraw()}>
    <form method="dialog" @submit=${takeKey}>
      <h2 id="key-title">API key</h2>
      <p>A server with API keys wants one: <code>churnwatch keys create NAME --scope scores:read,insights:read</code> makes it, with <code>triggers:write</code> and <code>ingest:write</code> for the inbox and imports. It is kept in this tab until the tab is closed.</p>
      <label class="field"><span>Key</span><input name="key" type="password" autocomplete="off" spellcheck="false" placeholder="cw_…"></label>
      <div class="actions"><button type="submit" class="primary" value="use">Use it</button><button type="submit" value="forget">Forget the key</button><button type="button" @click=${(e) => e.target.closest('dialog').close()}>Cancel</button></div>
    </form>
  </dialog>`;

function askKey() {
  document.getElementById('key').showModal();
}

function takeKey(e) {
  const field = e.target.elements.key;
  key.set(e.submitter?.value === 'forget' ? '' : field.value.trim() || key.get());
  field.value = '';
  open({ keepFocus: true });
}

document.getElementById('page').replaceChildren();
window.addEventListener('hashchange', () => open());
window.addEventListener('want-key', askKey);
open({ keepFocus: true });
