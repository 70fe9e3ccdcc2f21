// Walks through every view of a shop with scores, triggers and hostile names.
const fs = require('node:fs');
const { Watched, ask, base, launch, must, step, want } = require('./support.cjs');

const number = (n) => new Intl.NumberFormat('en-GB').format(n);
const title = (text) => text.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase());

(async () => {
  const browser = await launch();
  const worst = (await ask('/v1/scores?page_size=2')).body.scores[0].customer_id;
  const hostile = JSON.parse(process.env.HOSTILE);
  const views = {
    'At risk': '/', [`Customer ${worst}`]: `/customer/${encodeURIComponent(worst)}`, Triggers: '/triggers', 'Pain points': '/painpoints',
    Hotspots: '/hotspots', Drift: '/drift', Cohorts: '/cohorts', Model: '/model', Import: '/import',
  };

  // What a view must show: pieces of what the API says.
  const shows = {
    'At risk': async () => {
      const { now, currency } = (await ask('/v1/overview')).body;
      must(currency === 'EUR', currency);
      return [`${number(now.high)} customer`, `€${number(Math.round(now.revenue_at_risk))}`, worst, 'Customers at risk over time'];
    },
    [`Customer ${worst}`]: async () => {
      const e = (await ask(`/v1/customers/${worst}/explanation`)).body;
      return ['likely to leave within 90 days', '90% interval', 'Quality of the data', title(e.contributions[0].label), 'Timeline', 'What has changed', 'How it adds up'];
    },
    Triggers: async () => [`${number((await ask('/v1/triggers?page_size=1000')).body.triggers.length)} triggers`, 'Acknowledge', 'Overdue'],
    'Pain points': async () => (await ask('/v1/painpoints')).body.painpoints.map((p) => title(p.label)),
    Hotspots: async () => (await ask('/v1/hotspots')).body.hotspots.map((h) => h.cohort),
    Drift: async () => {
      const d = (await ask('/v1/drift')).body;
      return [`Drifting ${number(d.states.drifting)}`, `Stable ${number(d.states.stable)}`, d.customers[0].customer_id];
    },
    Cohorts: async () => [...(await ask('/v1/cohorts')).body.cohorts.filter((c) => c.dimension === 'channel').map((c) => c.cohort), 'Who stayed', 'Came in'],
    Model: async () => {
      const m = (await ask('/v1/models/0')).body;
      return [m.evaluation.mean.roc_auc.toFixed(3), 'Against naive rankings', number(m.evaluation.cutoffs[0].n)];
    },
    Import: async () => ['Drop a file here'],
  };

  for (const [name, address] of Object.entries(views)) {
    await step(`${name.split(' C')[0]} shows what the API says`, async () => {
      const tab = await Watched.open(browser);
      await tab.show(address);
      want(await tab.page.title(), `${name} · churnwatch`, 'title');
      const text = (await tab.text()).replaceAll('\n', ' ');
      const wanted = await shows[name]();
      must(wanted.length > 0, 'there is nothing to compare');
      for (const piece of wanted) must(text.includes(piece), `${piece} is not in: ${text.slice(0, 1500)}`);
      await tab.close();
    });
  }

  for (const colours of ['light', 'dark']) {
    for (const size of ['wide', 'phone']) {
      await step(`axe finds nothing serious, ${colours}, ${size}`, async () => {
        const tab = await Watched.open(browser, { colours, size });
        for (const [name, address] of Object.entries(views)) {
          await tab.show(address);
          for (const more of await tab.page.locator('details > summary').all()) if (await more.isVisible()) await more.click();
          const found = await tab.axe();
          must(found.length === 0, `${name}: ${found.join('\n')}`);
          const over = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          must(over <= 0, `${name} is ${over} pixels wider than the screen`);
          if (process.env.SHOTS) await tab.page.screenshot({ path: `${process.env.SHOTS}/${name.split(' C')[0]}-${colours}-${size}.png`, fullPage: true });
        }
        await tab.page.goto(`${base}/docs`);
        const found = await tab.axe();
        must(found.length === 0, `docs: ${found.join('\n')}`);
        await tab.close();
      });
    }
  }

  await step('every control is reached by Tab and shows where the focus is', async () => {
    const tab = await Watched.open(browser);
    for (const [name, address] of Object.entries(views)) {
      await tab.show(address);
      const controls = await tab.page.evaluate(() => {
        const all = [...document.querySelectorAll('a[href], button:not(:disabled), input, select, summary, [tabindex="0"]')]
          .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('dialog:not([open])'));
        all.forEach((e, i) => (e.dataset.control = i));
        document.activeElement.blur();
        return all.length;
      });
      must(controls > 10, `${name}: ${controls} controls`);
      const reached = new Set();
      for (let n = 0; n < 2 * controls + 40 && reached.size < controls; n++) {
        await tab.page.keyboard.press('Tab');
        const at = await tab.page.evaluate(() => {
          const e = document.activeElement;
          const shown = e.matches('.drop input') ? e.parentElement : e;
          const style = getComputedStyle(shown);
          return { control: e.dataset?.control, outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1, html: e.outerHTML.slice(0, 120) };
        });
        if (at.control === undefined) continue;
        must(at.outlined, `${name}: the focus is not seen on ${at.html}`);
        reached.add(at.control);
      }
      must(reached.size === controls, `${name}: ${reached.size} of ${controls} controls are reached`);
    }
    await tab.close();
  });

  await step('a trigger is found, acknowledged and resolved by keyboard alone', async () => {
    const tab = await Watched.open(browser);
    const keys = tab.page.keyboard;
    await tab.page.goto(`${base}/`);
    await tab.settled();
    const until = async (fits, what) => {
      for (let n = 0; n < 400; n++) {
        await keys.press('Tab');
        if (await tab.page.evaluate(fits)) return;
      }
      throw new Error(`Tab does not lead to ${what}`);
    };
    await keys.press('Tab');
    want(await tab.page.evaluate(() => document.activeElement.textContent), 'Skip to the content', 'first');
    await keys.press('Enter');
    want(await tab.page.evaluate(() => document.activeElement.id), 'title', 'after skipping');
    await tab.page.evaluate(() => document.activeElement.blur());
    await until(() => document.activeElement.getAttribute('href') === '#/triggers', 'the inbox');
    await keys.press('Enter');
    await tab.arrives('Triggers');
    want(await tab.page.evaluate(() => document.activeElement.textContent), 'Triggers', 'the focus in a new view');
    await until(() => document.activeElement.textContent.startsWith('Acknowledge'), 'a button');
    const id = await tab.page.evaluate(() => document.activeElement.closest('li').id.replace('trigger-', ''));
    await keys.press('Enter');
    await tab.page.waitForFunction(() => document.activeElement.name === 'owner');
    await keys.press('Control+A');
    await keys.type('ann');
    await keys.press('Tab');
    await keys.type('called her');
    await keys.press('Enter');
    await tab.page.waitForSelector(`#trigger-${id}[data-status="acknowledged"]`);
    must((await tab.page.locator('#said').innerText()).includes('is acknowledged now'), 'nothing is announced');
    let trigger = (await ask(`/v1/triggers/${id}`)).body;
    want([trigger.status, trigger.owner, trigger.history.at(-1).reason.includes('called her')], ['acknowledged', 'ann', true], 'in the database');
    await until(() => document.activeElement.textContent.startsWith('Resolve'), 'the other button');
    want(await tab.page.evaluate(() => document.activeElement.closest('li').id), `trigger-${id}`, 'whose');
    await keys.press('Space');
    await tab.page.waitForFunction(() => document.activeElement.name === 'note');
    await keys.press('Enter');
    await tab.page.waitForSelector(`#trigger-${id}[data-status="done"]`);
    trigger = (await ask(`/v1/triggers/${id}`)).body;
    want(trigger.status, 'done', 'in the database');
    await tab.close();
  });

  await step('filters, search and pages restrict and turn the list', async () => {
    const tab = await Watched.open(browser);
    await tab.show('/');
    const ids = () => tab.page.locator('tbody .id').allInnerTexts();
    const listed = async (query) => (await ask(`/v1/scores?page_size=50&${query}`)).body;
    const first = await listed('');
    want(await ids(), first.scores.map((s) => s.customer_id), 'the first page');
    await tab.page.getByRole('button', { name: 'Next' }).click();
    await tab.page.getByText('51 to 100').waitFor();
    const second = await listed(`page_token=${first.next_page_token}`);
    want(await ids(), second.scores.map((s) => s.customer_id), 'the second page');
    await tab.page.locator('tbody .id').nth(3).click();
    await tab.arrives(`Customer ${second.scores[3].customer_id}`);
    await tab.page.goBack();
    await tab.page.getByText('51 to 100').waitFor();
    await tab.page.getByRole('button', { name: 'Previous' }).click();
    await tab.page.getByText('1 to 50', { exact: true }).waitFor();
    want(await ids(), first.scores.map((s) => s.customer_id), 'the first page again');
    for (const [label, value, query] of [['Band', 'medium', 'band=medium'], ['Drift', 'stable', 'band=medium&drift=stable'], ['Cohort', 'channel=web', 'band=medium&drift=stable&cohort=channel%3Dweb'], ['Risk', '0.5', 'band=medium&drift=stable&cohort=channel%3Dweb&min_risk=0.5']]) {
      await tab.page.getByRole('combobox', { name: label, exact: true }).selectOption(value);
      await tab.settled();
      want(await ids(), (await listed(query)).scores.map((s) => s.customer_id), query);
    }
    await tab.show('/');
    await tab.page.getByRole('combobox', { name: 'First', exact: true }).selectOption('revenue_at_risk');
    await tab.settled();
    const dear = await listed('order_by=revenue_at_risk');
    want([await ids(), dear.scores.every((s, i, all) => i === 0 || s.revenue_at_risk <= all[i - 1].revenue_at_risk)], [dear.scores.map((s) => s.customer_id), true], 'by revenue at risk');
    must((await tab.text()).includes('Most revenue at risk first'), await tab.text('#customers'));
    await tab.page.getByRole('button', { name: 'Next' }).click();
    await tab.page.getByText('51 to 100').waitFor();
    want(await ids(), (await listed(`order_by=revenue_at_risk&page_token=${dear.next_page_token}`)).scores.map((s) => s.customer_id), 'the second page by revenue at risk');
    for (const by of ['tenure', 'category']) {
      await tab.show(`/cohorts?by=${by}`);
      const row = tab.page.locator('tbody tr', { has: tab.page.locator('a') }).first();
      const [cohort, customers] = [await row.locator('a').innerText(), Number((await row.locator('td').first().innerText()).replaceAll(',', ''))];
      await row.locator('a').click();
      await tab.arrives('At risk');
      const query = `cohort=${encodeURIComponent(`${by}=${cohort}`)}`;
      want(await ids(), (await listed(query)).scores.map((s) => s.customer_id), query);
      want((await ask(`/v1/scores?page_size=1000&${query}`)).body.scores.length, Math.min(customers, 1000), `customers of ${query}`);
    }
    await tab.show('/');
    await tab.page.getByLabel('Customer id begins with').fill('C00001');
    await tab.page.keyboard.press('Enter');
    await tab.settled();
    want(await ids(), (await listed('customer_prefix=C00001')).scores.map((s) => s.customer_id), 'a search');
    await tab.page.getByLabel('Customer id begins with').fill('nobody');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('No customer fits').waitFor();
    await tab.close();
  });

  await step('old data are said to be old, on the first view and on a card', async () => {
    const asOf = Date.parse((await ask('/v1/overview')).body.as_of);
    for (const [days, said] of [[2, ''], [5, '5 days ago'], [5500, '15 years ago']]) {
      const tab = await Watched.open(browser);
      await tab.page.clock.setFixedTime(asOf + days * 86400e3);
      for (const [view, mood] of [['/', 'were likely to leave'], [`/customer/${worst}`, 'within 90 days of ']]) {
        await tab.show(view);
        const banners = await tab.page.locator('.old').allInnerTexts();
        want(banners.length, said ? 1 : 0, `${view} after ${days} days: banners`);
        must(banners.every((b) => b.includes(said)), `${view}: ${banners}, want ${said}`);
        want((await tab.text()).includes(mood), Boolean(said), `${view} after ${days} days says "${mood}"`);
        if (process.env.SHOTS && days === 5500) await tab.page.screenshot({ path: `${process.env.SHOTS}/old${view.startsWith('/c') ? '-card' : ''}.png`, fullPage: true });
      }
      await tab.close();
    }
  });

  await step('a trigger that is done stands apart from what is to do', async () => {
    const all = (await ask('/v1/triggers?status=all&page_size=1000')).body.triggers;
    const statuses = (of) => all.filter((t) => t.customer_id === of.customer_id).map((t) => t.status);
    const done = all.find((t) => t.status === 'done');
    must(done, 'nothing is done');
    const tab = await Watched.open(browser);
    await tab.show(`/customer/${encodeURIComponent(done.customer_id)}`);
    const under = (heading) => tab.page.locator('section.panel', { has: tab.page.getByRole('heading', { name: heading, exact: true }) })
      .locator('.card').evaluateAll((cards) => cards.map((c) => c.dataset.status));
    const past = ['done', 'expired', 'suppressed'];
    want((await under('Past')).toSorted(), statuses(done).filter((s) => past.includes(s)).toSorted(), 'in the past');
    want((await under('To do')).toSorted(), statuses(done).filter((s) => !past.includes(s)).toSorted(), 'to do');
    if (process.env.SHOTS) await tab.page.screenshot({ path: `${process.env.SHOTS}/past.png`, fullPage: true });
    await tab.close();
  });

  await step('what has changed since a day is taken apart', async () => {
    const tab = await Watched.open(browser, { allowed: [504] });
    await tab.show(`/customer/${worst}`);
    // A busy machine may take longer than a call may; then it is asked again.
    const patient = async (look) => {
      for (let n = 0; n < 5; n++) {
        const found = await look();
        if (found) return found;
      }
      throw new Error('five calls have taken too long');
    };
    const text = await patient(async () => {
      await tab.page.getByLabel('Since the day').fill(process.env.SINCE);
      await tab.page.getByRole('button', { name: 'Compare' }).click();
      await tab.settled();
      const shown = await tab.text();
      return !shown.includes('Code timeout') && shown;
    });
    const change = await patient(async () => {
      const answer = await ask(`/v1/customers/${worst}/change?since=${process.env.SINCE}T00:00:00Z`);
      return answer.status !== 504 && answer.body;
    });
    want(change.parts.length, 4, 'parts');
    for (const part of change.parts) must(text.includes(title(part.label)), `${part.label} is not in ${text.slice(-3000)}`);
    await tab.close();
  });

  await step('hostile names and comments are text', async () => {
    const tab = await Watched.open(browser);
    for (const { id, comment } of hostile) {
      await tab.show(`/?customer=${encodeURIComponent(id)}`);
      want(await tab.page.locator('tbody .id').allInnerTexts(), [id], 'in the list');
      await tab.page.locator('tbody .id').click();
      await tab.arrives(`Customer ${id}`);
      want(await tab.page.locator('h1').textContent(), `Customer ${id}`, 'on the card');
      must((await tab.page.locator('.timeline').textContent()).includes(comment), `${comment} is not in the timeline`);
      want(await tab.page.evaluate(() => [window.pwned, document.querySelectorAll('main script, main img, main iframe, main a[href^="javascript"]').length]), [null, 0], 'markup of theirs');
      const over = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      must(over <= 0, `a name makes the page ${over} pixels wider than the screen`);
    }
    await tab.close();
  });

  await step('a file is tried, says what it would refuse, and is loaded when that is wanted', async () => {
    const tab = await Watched.open(browser);
    await tab.show('/import');
    const name = 'web-orders.csv';
    const text = 'order_id,customer_id,ordered_at,amount,colour\nP1,page-customer,2026-01-02,10,red\nP2,page-customer,yesterday,11,red\nP3,page-customer,2026-01-03,<b>x</b>,red\n';
    await tab.page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await tab.page.getByText('Tried, nothing was kept').waitFor();
    let shown = await tab.text();
    for (const piece of ['1 of 3 rows can be used', '2 would be refused', 'ordered_at', 'Not a time', '"yesterday" is not a time', 'amount', 'colour']) must(shown.includes(piece), `${piece} is not in ${shown}`);
    want((await tab.page.locator('table tbody tr').count()), 2, 'refused rows');
    want((await ask('/v1/customers/page-customer/timeline')).status, 404, 'what a dry run keeps');
    await tab.page.getByRole('button', { name: 'Load 1 row as orders' }).click();
    await tab.page.locator('.lede', { hasText: 'Loaded: 1 new row' }).waitFor();
    want((await ask('/v1/customers/page-customer/timeline')).body.entries.map((e) => e.id), ['P1'], 'what was loaded');
    shown = await tab.text();
    must(shown.includes('2 in the quarantine'), shown);
    await tab.close();
  });

  await step('a file is taken by drag and drop', async () => {
    const tab = await Watched.open(browser);
    await tab.show('/import');
    await tab.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['{"ticket_id":"PT1","customer_id":"page-customer","opened_at":"2026-01-05"}\n{"ticket_id":"PT2"}\n'], 'tickets.ndjson'));
      const zone = document.querySelector('.drop');
      for (const kind of ['dragover', 'drop']) zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await tab.page.getByText('Tried, nothing was kept').waitFor();
    want(await tab.page.getByRole('combobox', { name: 'What the rows are' }).inputValue(), 'tickets', 'the kind that its name tells');
    must((await tab.text()).includes('1 would be refused'), await tab.text());
    await tab.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'orders.parquet'));
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await tab.page.getByText('unsupported_file').waitFor();
    await tab.close();
  });

  await step('an import keeps to the file that is chosen', async () => {
    const tab = await Watched.open(browser, { allowed: [503] });
    await tab.page.addInitScript(() => delete Crypto.prototype.randomUUID); // As on a host without TLS.
    await tab.show('/import');
    const file = (name, ...ids) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`order_id,customer_id,ordered_at,amount\n${ids.map((id) => `${id},page-customer,2026-01-04,9\n`).join('')}`) });
    const choose = (chosen) => tab.page.locator('input[type=file]').setInputFiles(chosen);
    const load = (text) => tab.page.getByRole('button', { name: `Load ${text}` });
    // Requests wait for what answers them; loads tell their keys.
    const answers = [];
    const keys = [];
    await tab.page.route('**/v1/*:import', async (route) => {
      const headers = await route.request().allHeaders();
      if (!headers['dry-run']) keys.push(headers['idempotency-key']);
      await (answers.shift() ?? ((r) => r.continue()))(route);
    });
    const held = () => {
      let release;
      const released = new Promise((done) => (release = done));
      answers.push(async (route) => {
        await released;
        await route.continue();
      });
      return release;
    };

    let release = held();
    await choose(file('first-orders.csv', 'Q1', 'Q2', 'Q3'));
    await tab.page.getByText('Trying…').waitFor();
    await choose(file('second-orders.csv', 'Q4', 'Q5'));
    await load('2 rows as orders').waitFor();
    let answered = tab.page.waitForResponse((r) => r.url().endsWith(':import'));
    release();
    await (await answered).finished();
    await tab.page.waitForLoadState('networkidle');
    must((await tab.text()).includes('second-orders.csv') && (await load('2 rows as orders').isVisible()), `an answer for the first file counts: ${await tab.text()}`);

    answers.push((route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"unavailable","detail":"another import writes"}' }));
    await load('2 rows as orders').click();
    await tab.page.getByText('another import writes').waitFor();
    release = held();
    await load('2 rows as orders').click();
    await tab.page.getByText('Loading…').waitFor();
    want(await tab.page.locator('main input, main select').evaluateAll((all) => all.map((e) => e.disabled)), [true, true], 'what chooses is off while rows are loaded');
    await tab.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['{"ticket_id":"PT9"}'], 'tickets.ndjson'));
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await tab.page.getByRole('link', { name: 'Model', exact: true }).click();
    await tab.page.waitForFunction(() => document.title === 'Model · churnwatch');
    await tab.page.getByRole('link', { name: 'Import', exact: true }).click();
    await tab.page.getByText('Loading…').waitFor();
    must((await tab.text()).includes('second-orders.csv'), `who comes back does not see the load: ${await tab.text()}`);
    answered = tab.page.waitForResponse((r) => r.url().endsWith(':import'));
    release();
    await answered;
    await tab.page.locator('.lede', { hasText: 'Loaded: 2 new rows' }).waitFor();
    must(/Scores follow: .*Everybody is scored anew by itself, next on \d/s.test(await tab.text()), `when scores follow is not said: ${await tab.text()}`);

    await choose(file('first-orders.csv', 'Q1', 'Q2', 'Q3'));
    await load('3 rows as orders').click();
    await tab.page.locator('.lede', { hasText: 'Loaded: 3 new rows' }).waitFor();
    want([keys.length, new Set(keys).size, keys[0] === keys[1], keys.every((k) => /^[0-9a-f]{32}$/.test(k))], [3, 2, true, true], `keys of two tries of a file and one of another: ${keys}`);
    await tab.close();
  });

  await step('a problem is shown with its code and request id', async () => {
    const tab = await Watched.open(browser, { allowed: [404] });
    await tab.show('/customer/nobody');
    const text = await tab.text('.problem');
    must(/not_found/.test(text) && /request [0-9a-f]{8,}/.test(text), text);
    await tab.show('/no-such-view');
    must((await tab.text()).includes('There is no such view'), await tab.text());
    await tab.close();
  });

  await step('colours are those of the system, or as chosen, and stay so', async () => {
    const tab = await Watched.open(browser, { colours: 'dark' });
    await tab.show('/');
    const ground = () => tab.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await tab.page.getByRole('button', { name: 'Theme: Auto' }).click();
    const light = await ground();
    must(light !== dark, `both are ${dark}`);
    await tab.page.reload();
    await tab.settled();
    want(await ground(), light, 'after loading again');
    await tab.page.goto(`${base}/docs`);
    want(await ground(), light, 'the reference');
    await tab.page.goto(`${base}/`);
    await tab.page.getByRole('button', { name: 'Theme: Light' }).click();
    want(await ground(), dark, 'dark by choice');
    await tab.close();
  });

  await step('on a phone the menu opens and closes by keyboard', async () => {
    const tab = await Watched.open(browser, { size: 'phone' });
    await tab.show('/');
    must(!(await tab.page.locator('nav#sections').isVisible()), 'it is open');
    await tab.page.getByRole('button', { name: 'Menu' }).focus();
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('link', { name: 'Cohorts' }).focus();
    await tab.page.keyboard.press('Enter');
    await tab.arrives('Cohorts');
    must(!(await tab.page.locator('nav#sections').isVisible()), 'it stays open');
    await tab.close();
  });

  await browser.close();
})();
