// Looks at a page that has nothing to show, and at one that wants a key.
const { Watched, ask, launch, must, step, want } = require('./support.cjs');

const views = ['/', '/triggers', '/painpoints', '/hotspots', '/drift', '/cohorts', '/model', '/import'];

(async () => {
  const browser = await launch();
  const key = process.env.KEY;

  if (!key) {
    await step('an empty database says in each view what to do', async () => {
      const tab = await Watched.open(browser, { allowed: [404, 409] });
      for (const view of views) {
        await tab.show(view);
        const text = await tab.text();
        must(/churnwatch (train|score)|train one|Import|import|Playbooks run|Drop a file/.test(text), `${view}: ${text}`);
        must((await tab.page.locator('.problem').count()) === 0, `${view} shows a problem: ${text}`);
        must((await tab.page.locator('.empty').count()) <= 1, `${view} says more than once that there is nothing: ${text}`);
        const found = await tab.axe();
        must(found.length === 0, `${view}: ${found.join('\n')}`);
      }
      await tab.close();
    });
    await step('an empty database says once, and in order, what leads to scores', async () => {
      const tab = await Watched.open(browser, { allowed: [409] });
      for (const view of ['/', '/triggers', '/cohorts', '/painpoints']) {
        await tab.show(view);
        want(await tab.page.locator('.steps b').allInnerTexts(), ['Import', 'Train', 'Score'], `${view}: steps`);
        must(!/run churnwatch/.test(await tab.text('.empty .note')), `${view} asks for one step before the others`);
        if (process.env.SHOTS) await tab.page.screenshot({ path: `${process.env.SHOTS}/empty${view.replace('/', '-')}.png`, fullPage: true });
      }
      await tab.page.locator('.steps').getByRole('link').click();
      await tab.arrives('Import');
      await tab.close();
    });
  } else {
    await step('without a key each view shows one box, which leads to the key', async () => {
      const tab = await Watched.open(browser, { allowed: [401, 409] });
      for (const view of [...views.filter((v) => v !== '/import'), '/customer/anyone']) {
        await tab.show(view);
        want(await tab.page.locator('.problem h2').allInnerTexts(), ['An API key is needed'], `${view}: boxes`);
      }
      await tab.show('/');
      if (process.env.SHOTS) await tab.page.screenshot({ path: `${process.env.SHOTS}/no-key.png`, fullPage: true });
      await tab.page.locator('.problem').getByRole('button', { name: 'Enter an API key' }).click();
      must(await tab.page.getByLabel('Key', { exact: true }).isVisible(), 'the form of the key does not open');
      await tab.close();
    });
    await step('without a key the page asks for one, and keeps it in the tab alone', async () => {
      const tab = await Watched.open(browser, { allowed: [401, 403, 409] });
      await tab.show('/painpoints');
      must((await tab.text()).includes('unauthenticated'), await tab.text());
      await tab.page.getByRole('button', { name: 'Enter an API key' }).click();
      await tab.page.getByLabel('Key', { exact: true }).fill(key);
      await tab.page.keyboard.press('Enter');
      await tab.page.waitForFunction(() => !document.body.innerText.includes('unauthenticated'));
      await tab.settled();
      must(!(await tab.text()).includes('unauthenticated'), await tab.text());
      want(await tab.page.evaluate(() => [Object.values(sessionStorage), Object.values(localStorage), document.cookie]), [[key], [], ''], 'where it is kept');
      await tab.page.reload();
      await tab.settled();
      must(!(await tab.text()).includes('unauthenticated'), 'after loading again');
      await tab.show('/triggers');
      must((await tab.text()).includes('scope_missing'), `a scope that the key lacks: ${await tab.text()}`);
      await tab.page.getByRole('button', { name: 'Key set' }).click();
      await tab.page.getByRole('button', { name: 'Forget the key' }).click();
      await tab.page.waitForFunction(() => document.body.innerText.includes('unauthenticated'));
      want(await tab.page.evaluate(() => sessionStorage.length), 0, 'after forgetting it');
      await tab.close();
    });
    await step('a wrong key is refused by its code', async () => {
      const tab = await Watched.open(browser, { allowed: [401, 409] });
      await tab.show('/');
      await tab.page.getByRole('button', { name: 'Key', exact: true }).click();
      await tab.page.getByLabel('Key', { exact: true }).fill(`${key.slice(0, -1)}!`);
      await tab.page.keyboard.press('Enter');
      await tab.page.waitForFunction(() => /key_unknown/.test(document.body.innerText));
      await tab.close();
    });
  }
  await browser.close();
})();
