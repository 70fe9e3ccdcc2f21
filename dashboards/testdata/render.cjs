// Renders panels as Grafana would: frames as its Prometheus data source makes
// them of an answer, then the panel's transformations, overrides and units, all
// by @grafana/data. Reads [{panel, answers: {A: [{metric, value}]}}] and writes
// [{fields, rows, unknownUnits}], where rows are what a
// reader sees: {text, color}.
// As in a browser.
globalThis.navigator ??= { language: 'en', languages: ['en'] };
const data = require('@grafana/data');
const { firstValueFrom } = require('rxjs');

globalThis.window ??= globalThis; // Not before: libraries would take it for a browser.

const { groupingToMatrixTransformer, mergeTransformer, organizeFieldsTransformer } = data.standardTransformers;
data.standardTransformersRegistry.setInit(() => [groupingToMatrixTransformer, mergeTransformer, organizeFieldsTransformer].map((transformation) => ({
  id: transformation.id, name: transformation.name, transformation: async () => transformation, editor: () => null, imageDark: '', imageLight: '',
})));

const units = new Set(data.getValueFormats().flatMap((group) => group.submenu.map((format) => format.value)));
const theme = data.createTheme();

const number = (name, values, labels) => ({ name, type: data.FieldType.number, values, config: {}, labels });

// tableFrame is one frame of a query whose format is table: a column a label.
function tableFrame(refId, series, several) {
  const labels = [...new Set(series.flatMap((s) => Object.keys(s.metric)))].sort();
  return data.createDataFrame({
    refId,
    fields: [
      { name: 'Time', type: data.FieldType.time, values: series.map(() => 0), config: {} },
      ...labels.map((label) => ({
        name: label, type: data.FieldType.string, values: series.map((s) => s.metric[label] ?? ''), config: { filterable: true },
      })),
      number(several ? `Value #${refId}` : 'Value', series.map((s) => Number(s.value[1]))),
    ],
  });
}

// seriesFrames are one frame a series.
const seriesFrames = (refId, series) => series.map((s) => data.createDataFrame({
  refId,
  fields: [
    { name: 'Time', type: data.FieldType.time, values: [0], config: {} },
    number('Value', [Number(s.value[1])], s.metric),
  ],
}));

function unknownUnits(panel) {
  const named = [panel.fieldConfig.defaults.unit];
  for (const o of panel.fieldConfig.overrides ?? []) {
    named.push(...o.properties.filter((p) => p.id === 'unit').map((p) => p.value));
  }
  return named.filter((unit) => !units.has(unit));
}

async function render({ panel, answers }) {
  const several = Object.keys(answers).length > 1;
  let frames = Object.entries(answers).flatMap(([refId, series]) =>
    panel.type === 'table' ? (series.length ? [tableFrame(refId, series, several)] : []) : seriesFrames(refId, series));
  frames = await firstValueFrom(data.transformDataFrame(panel.transformations ?? [], frames));
  frames = data.applyFieldOverrides({
    data: frames, fieldConfig: panel.fieldConfig, replaceVariables: (text) => text, theme, timeZone: 'utc',
    fieldConfigRegistry: registry,
  });
  const out = { fields: [], rows: [], unknownUnits: unknownUnits(panel) };
  for (const frame of frames) {
    const shown = frame.fields.filter((f) => panel.type === 'table' || f.type === data.FieldType.number);
    out.fields.push(shown.map((f) => data.getFieldDisplayName(f, frame, frames)));
    for (let i = 0; i < frame.length; i++) {
      out.rows.push(shown.map((f) => {
        const d = f.display(f.values[i]);
        return { text: data.formattedValueToString(d), color: d.color };
      }));
    }
  }
  return out;
}

// The properties that our overrides name.
const registry = new data.FieldConfigOptionsRegistry(() => ['unit', 'decimals', 'noValue', 'thresholds', 'min', 'max', 'links'].map((id) => ({
  id, path: id, name: id, process: (value) => value, shouldApply: () => true, override: () => null, editor: () => null, settings: {}, description: '', getItemsCount: undefined,
})).concat([{
  id: 'custom.cellOptions', path: 'cellOptions', isCustom: true, name: 'cellOptions', process: (value) => value, shouldApply: () => true, override: () => null, editor: () => null, settings: {}, description: '',
}]));

let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', async () => {
  process.stdout.write(JSON.stringify(await Promise.all(JSON.parse(text).map(render))));
});
