// What every walk through the page needs: a real Chromium that is watched.
//
// Each step prints one line of JSON, {name, fault}; an empty fault is a success.
const path = require('node:path');
const { createRequire } = require('node:module');

const modules = createRequire(path.join(process.env.BROWSER_MODULES, 'here.js'));
const { chromium } = modules('playwright-core');
const axeSource = require('node:fs').readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');

const base = process.env.BASE;

// step runs one check and says what became of it.
async function step(name, check) {
  let fault = '';
  try {
    await check();
  } catch (cause) {
    fault = String(cause.stack ?? cause).slice(0, 4000);
  }
  process.stdout.write(`${JSON.stringify({ name, fault })}\n`);
}

// say reports a figure.
const say = (text) => process.stdout.write(`${JSON.stringify({ said: text })}\n`);

function want(got, expected, what) {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(expected)}`);
}

function must(condition, what) {
  if (!condition) throw new Error(what);
}

// ask reads the API beside the page.
async function ask(address, key) {
  const answer = await fetch(base + address, key ? { headers: { Authorization: `Bearer ${key}` } } : {});
  return { status: answer.status, body: await answer.json() };
}

const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

// Watched is a tab of its own profile. Whatever goes wrong in it is kept: what
// the console says, what fails, and what leaves the host. allowed are statuses
// of answers that are no fault.
class Watched {
  static async open(browser, { size = 'wide', colours = 'light', allowed = [] } = {}) {
    const it = new Watched();
    it.faults = [];
    it.context = await browser.newContext({ viewport: sizes[size], colorScheme: colours, reducedMotion: 'reduce', locale: 'en-GB' });
    it.page = await it.context.newPage();
    const said = new RegExp(`status of (${allowed.join('|') || 'none'}) `);
    it.page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !said.test(m.text()) && it.faults.push(`console: ${m.text()}`));
    it.page.on('pageerror', (e) => it.faults.push(`page: ${e.stack}`));
    it.page.on('dialog', (d) => {
      it.faults.push(`dialog: ${d.message()}`);
      d.dismiss();
    });
    it.page.on('request', (r) => r.url().startsWith(`${base}/`) || r.url().startsWith('data:') || it.faults.push(`left the host: ${r.url()}`));
    it.page.on('requestfailed', (r) => r.failure().errorText === 'net::ERR_ABORTED' || it.faults.push(`failed: ${r.url()} ${r.failure().errorText}`));
    it.page.on('response', (r) => r.status() >= 400 && !allowed.includes(r.status()) && it.faults.push(`${r.status()}: ${r.url()}`));
    return it;
  }

  // show opens a view and waits until nothing is waited for.
  async show(address) {
    await this.page.goto(`${base}/#${address}`);
    await this.page.reload();
    await this.settled();
  }

  // settled waits until the view of the address is drawn and waits for nothing. A
  // browser tells of a new address after the click that led there.
  async settled() {
    await this.page.waitForFunction(() => document.documentElement.dataset.shown === location.hash && !document.querySelector('.waiting'), null, { timeout: 60000 });
    await this.page.waitForLoadState('networkidle');
  }

  // arrives waits until a view of this title is drawn.
  async arrives(title) {
    await this.page.waitForFunction((t) => document.title === t, `${title} · churnwatch`, { timeout: 60000 });
    await this.settled();
  }

  text(selector = 'main') {
    return this.page.locator(selector).innerText();
  }

  // axe returns what a checker of accessibility finds serious.
  async axe() {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    return found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
      .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 200)} ${n.failureSummary}`).join(' | ')}`);
  }

  // close ends the tab; faults that were seen are an error.
  async close() {
    await this.context.close();
    must(this.faults.length === 0, this.faults.slice(0, 5).join('\n'));
  }
}

async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
}

module.exports = { Watched, ask, base, launch, must, say, step, want };
