// Whether to believe it.

import { html, nothing } from '../vendor/lit-html.js';
import { get } from '../api.js';
import * as charts from '../charts.js';
import * as f from '../format.js';
import * as ui from '../ui.js';

const naive = { recency: 'who bought last', recency_frequency: 'who bought last and how often', btyd: 'the rhythm of orders alone', majority: 'the base rate alone' };

export function open({ query, go, draw }) {
  const version = query.get('version') ?? '0';
  const models = new ui.Source(draw, (signal) => get('/v1/models', {}, {}, signal));
  const report = new ui.Source(draw, (signal) => get('/v1/models/{version}', { version }, {}, signal));
  models.load().then(() => models.value?.models.length && report.load());
  return {
    title: 'Model',
    render: () => ui.when(models, ({ models: all }) => {
      if (all.length === 0) return ui.empty('No model yet', 'Import orders, then run churnwatch train. It says what it could not fit and what that would need.', html`<p><a class="button" href="#/import">Import a file</a></p>`);
      return html`<div class="panel slim"><div class="filters">
        ${ui.choice('Model', String(report.value?.version ?? version), all.map((m) => [String(m.version), `${m.version}, trained as of ${f.day(m.as_of)}${m.active ? ', active' : ''}`]), (v) => go(`/model?version=${v}`))}
      </div></div>${ui.when(report, show)}`;
    }),
  };
}

function show(m) {
  const e = m.evaluation;
  if (!e?.cutoffs?.length) return ui.empty('This model was not tested', 'There was too little history to test it out of time.', ui.warnings([...(e?.reasons ?? []), ...(e?.warnings ?? [])]));
  const beaten = e.baselines.filter((b) => b.roc_auc_difference?.low > 0).map((b) => naive[b.name] ?? f.words(b.name));
  return html`
    <p class="lede">Model ${m.version} ${e.verdict === 'activate' ? html`<b>passed</b> its tests` : html`was <b class="high-ink">held</b>`}: of two customers, one who left and one who stayed, it puts the right one first in <b>${f.percent(e.mean.roc_auc)}</b> of cases${beaten.length ? html`, more often than ranking by ${beaten.join(', or ')}` : ''}.</p>
    ${ui.warnings([...e.reasons, ...e.warnings])}
    ${ui.tiles(
      ui.tile('Ranking (ROC-AUC)', f.number(e.mean.roc_auc, 3), 'mean of the tests; 0.5 is chance, 1 perfect'),
      ui.tile('Error (Brier)', f.number(e.mean.brier, 4), html`of the base rate alone: ${f.number(e.baselines.find((b) => b.name === 'majority')?.mean.brier, 4)}`),
      ui.tile('Lift of the top 10%', f.times(e.mean.lift?.['10']), html`finds ${f.percent(e.mean.gain?.['10'])} of all who left`),
      ui.tile('Said less observed', `${f.signed(100 * e.mean.calibration.level, 1)} points`, html`slope ${f.number(e.mean.calibration.slope, 2)}; 1 is right`),
    )}
    ${e.curves ? html`<div class="pair">
      ${ui.section('Is a probability of 30% met in 30% of cases?', charts.square([{ kind: 'nil', points: [[0, 0], [1, 1]] }], {
        label: `What was said beside what happened, in ${e.curves.reliability.length} groups: ${e.curves.reliability.map((b) => `${f.percent(b.predicted)} said, ${f.percent(b.observed)} seen`).join('; ')}`,
        across: 'said', up: 'seen',
        dots: e.curves.reliability.map((b) => ({ x: b.predicted, y: b.observed, low: b.low, high: b.high, text: `said ${f.percent(b.predicted)}, seen ${f.percent(b.observed)} of ${f.number(b.n)}` })),
      }), { note: 'Each dot is a tenth of the tests; on the line is right.' })}
      ${ui.section('How many of those who leave are at the top?', html`${charts.square([
        { kind: 'perfect', points: [[0, 0], ...e.curves.gains.map((g) => [g.share, g.perfect])] },
        { kind: 'nil', points: [[0, 0], [1, 1]] },
        ...(e.curves.gains.every((g) => g.recency !== null) ? [{ kind: 'other', points: [[0, 0], ...e.curves.gains.map((g) => [g.share, g.recency])] }] : []),
        { kind: 'model', points: [[0, 0], ...e.curves.gains.map((g) => [g.share, g.gain])] },
      ], { label: `Share of all churn in the top of the ranking: ${e.curves.gains.filter((_, i) => i % 4 === 3).map((g) => `${f.percent(g.gain)} in the top ${f.percent(g.share)}`).join('; ')}`, across: 'top of the ranking', up: 'share of churn' })}
        <ul class="legend"><li><span class="swatch model"></span>this model</li><li><span class="swatch other"></span>who bought last</li><li><span class="swatch perfect"></span>perfect</li></ul>`, { note: 'Customers ranked by risk, from the left.' })}
    </div>` : nothing}
    ${ui.section('Tests out of time', ui.table('One test a row', [
      { head: 'Tested as of', cell: (c) => f.day(c.as_of) },
      { head: 'Customers', cell: (c) => f.number(c.n), number: true },
      { head: 'Left', cell: (c) => f.percent(c.base_rate), number: true },
      { head: 'ROC-AUC', cell: (c) => html`${f.number(c.roc_auc, 3)}<span class="note">${f.number(c.roc_auc_interval.low, 3)} to ${f.number(c.roc_auc_interval.high, 3)}</span>`, number: true },
      { head: 'PR-AUC', cell: (c) => f.number(c.pr_auc, 3), number: true, wide: true },
      { head: 'Brier', cell: (c) => f.number(c.brier, 4), number: true, wide: true },
      { head: 'Lift, top 10%', cell: (c) => f.times(c.lift?.['10']), number: true, wide: true },
      { head: 'Slope', cell: (c) => f.number(c.calibration.slope, 2), number: true, wide: true },
      { head: 'Trained on', cell: (c) => f.plural(c.train_rows, 'row'), number: true, wide: true },
    ], e.cutoffs), { note: 'Each test was fitted on what was known before its day alone.' })}
    ${ui.section('Against naive rankings', ui.table('Naive rankings at the same tests', [
      { head: 'Ranking by', cell: (b) => f.Words(naive[b.name] ?? b.name) },
      { head: 'ROC-AUC', cell: (b) => f.number(b.mean.roc_auc, 3), number: true },
      { head: 'This model is better by', cell: (b) => (b.roc_auc_difference ? `${f.signed(b.roc_auc_difference.low, 3)} to ${f.signed(b.roc_auc_difference.high, 3)}` : '–'), number: true },
      { head: 'Brier', cell: (b) => f.number(b.mean.brier, 4), number: true, wide: true },
    ], e.baselines), { note: e.satisfaction_adds?.sentence ? html`${f.Words(e.satisfaction_adds.sentence)}.` : nothing })}
    ${e.cohorts.length ? ui.section('By cohort', ui.table('Tests within cohorts', [
      { head: 'Cohort', cell: (c) => `${f.Words(c.dimension)}: ${c.cohort}` },
      { head: 'Customers', cell: (c) => f.number(c.n), number: true },
      { head: 'Said', cell: (c) => f.percent(c.mean_predicted), number: true },
      { head: 'Left', cell: (c) => f.percent(c.base_rate), number: true },
      { head: 'ROC-AUC', cell: (c) => f.number(c.roc_auc, 3), number: true, wide: true },
    ], e.cohorts)) : nothing}`;
}
