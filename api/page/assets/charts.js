// Charts as SVG: they take their colours from the page, print well, and say in
// words what they show.

import { html, nothing, svg } from './vendor/lit-html.js';
import * as f from './format.js';

const clamp = (x, low = 0, high = 1) => Math.min(high, Math.max(low, x));

// risk draws a probability with its interval on a scale from 0 to 100 %.
export function risk(p, interval, kind = 'none') {
  if (p === null || p === undefined) return html`<span class="muted">not known</span>`;
  const x = (v) => 4 + 92 * clamp(v);
  return html`<span class="risk"><svg class="bar ${kind}" viewBox="0 0 100 14" width="100" height="14" aria-hidden="true" focusable="false">
    <rect class="ground" x="4" y="5" width="92" height="4" rx="2"></rect>
    <rect class="fill" x="4" y="5" width=${Math.max(0, x(p) - 4)} height="4" rx="2"></rect>
    ${interval ? svg`<rect class="span" x=${x(interval.low)} y="3" width=${Math.max(1, x(interval.high) - x(interval.low))} height="8" rx="2"></rect>` : nothing}
    <circle class="dot" cx=${x(p)} cy="7" r="3.2"></circle>
  </svg><span class="figure">${f.percent(p)}</span></span>`;
}

// ruler draws one probability and its interval large, on a scale.
export function ruler(p, interval, kind) {
  const x = (v) => 14 + 430 * clamp(v);
  return html`<svg class="ruler ${kind}" viewBox="0 0 460 42" role="img" aria-label="${f.percent(p)}, interval ${f.percents(interval)}">
    <rect class="ground" x=${x(0)} y="9" width="430" height="6" rx="3"></rect>
    <rect class="span" x=${x(interval.low)} y="6" width=${Math.max(3, x(interval.high) - x(interval.low))} height="12" rx="3"></rect>
    <circle class="dot" cx=${x(p)} cy="12" r="8"></circle>
    ${[0, 0.25, 0.5, 0.75, 1].map((v) => svg`<text class="tick middle" x=${x(v)} y="36">${f.percent(v)}</text>`)}
  </svg>`;
}

// span draws an estimate and its interval on a scale around zero or one.
export function span(estimate, low, high, nil, label) {
  if (!estimate) return html`<span class="muted">not known</span>`;
  const x = (v) => 2 + 136 * clamp((v - low) / (high - low));
  const sure = estimate.low > nil || estimate.high < nil;
  return html`<svg class="forest ${sure ? 'sure' : ''}" viewBox="0 0 140 14" width="120" height="12" role="img" aria-label=${label}>
    <line class="nil" x1=${x(nil)} x2=${x(nil)} y1="0" y2="14"></line>
    <line class="span" x1=${x(estimate.low)} x2=${x(estimate.high)} y1="7" y2="7"></line>
    <circle class="dot" cx=${x(estimate.value)} cy="7" r="3.4"></circle>
  </svg>`;
}

// stack draws parts of a whole; parts are {name, count, kind}.
export function stack(parts, label) {
  const all = parts.reduce((sum, p) => sum + p.count, 0) || 1;
  let at = 0;
  return html`<div class="stack"><svg viewBox="0 0 400 16" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${parts.map((p) => {
      const width = (400 * p.count) / all;
      const part = svg`<rect class=${p.kind} x=${at} y="0" width=${Math.max(0, width - 1.5)} height="16"></rect>`;
      at += width;
      return part;
    })}
  </svg><ul class="legend">${parts.map((p) => html`<li><span class="swatch ${p.kind}" aria-hidden="true"></span>${p.name} <b>${f.number(p.count)}</b></li>`)}</ul></div>`;
}

// line draws a series over time with an optional band around it. points are
// {at, value, low, high}.
export function line(points, { label, format, height = 120, width = 560, gutter = 60, zero = false, marks = [] }) {
  const known = points.filter((p) => p.value !== null && p.value !== undefined);
  if (known.length < 2) return nothing;
  const times = [...known, ...marks].map((p) => Date.parse(p.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const values = known.flatMap((p) => [p.value, p.low ?? p.value, p.high ?? p.value]);
  let [least, most] = [Math.min(...values), Math.max(...values)];
  if (zero) least = Math.min(0, least);
  const room = (most - least || Math.abs(most) || 1) * 0.08;
  [least, most] = [zero ? least : least - room, most + room];
  const [left, right, top, bottom] = [gutter, 6, 8, 18];
  const x = (at) => left + ((Date.parse(at) - first) / (last - first || 1)) * (width - left - right);
  const y = (v) => top + (1 - (v - least) / (most - least)) * (height - top - bottom);
  const path = known.map((p, i) => `${i ? 'L' : 'M'}${x(p.at).toFixed(1)},${y(p.value).toFixed(1)}`).join('');
  const banded = known.filter((p) => p.low !== undefined && p.high !== undefined);
  const area = banded.length > 1
    ? `${banded.map((p, i) => `${i ? 'L' : 'M'}${x(p.at).toFixed(1)},${y(p.high).toFixed(1)}`).join('')}${banded.toReversed().map((p) => `L${x(p.at).toFixed(1)},${y(p.low).toFixed(1)}`).join('')}Z`
    : '';
  const end = known[known.length - 1];
  return html`<svg class="line" viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
    ${[0, 0.5, 1].map((share) => least + room + share * (most - least - 2 * room)).map((v, i, all) => svg`
      <line class="grid" x1=${left} x2=${width - right} y1=${y(v)} y2=${y(v)}></line>
      ${i > 0 && format(v) === format(all[i - 1]) ? nothing : svg`<text class="tick last" x=${left - 6} y=${y(v) + 4}>${format(v)}</text>`}`)}
    ${area ? svg`<path class="area" d=${area}></path>` : nothing}
    <path class="stroke" d=${path}></path>
    ${marks.map((m) => svg`<line class="mark ${m.kind ?? ''}" x1=${x(m.at)} x2=${x(m.at)} y1=${height - bottom - 7} y2=${height - bottom}><title>${m.text}</title></line>`)}
    ${known.map((p) => svg`<circle class=${p === end ? 'dot end' : 'dot'} cx=${x(p.at)} cy=${y(p.value)} r=${p === end ? 4 : 2}><title>${f.day(p.at)}: ${format(p.value)}</title></circle>`)}
    <text class="tick" x=${left} y=${height - 4}>${f.day(new Date(first).toISOString())}</text>
    <text class="tick last" x=${width - right} y=${height - 4}>${f.day(new Date(last).toISOString())}</text>
  </svg>`;
}

// square draws lines on a square from 0 to 100 % both ways.
export function square(lines, { label, across, up, dots = [] }) {
  const [left, top, bottom, size] = [40, 22, 38, 250];
  const x = (v) => left + clamp(v) * size;
  const y = (v) => top + (1 - clamp(v)) * size;
  return html`<svg class="square" viewBox="0 0 ${left + size + 22} ${top + size + bottom}" role="img" aria-label=${label}>
    ${[0, 0.25, 0.5, 0.75, 1].map((v) => svg`<line class="grid" x1=${left} x2=${left + size} y1=${y(v)} y2=${y(v)}></line>
      <text class="tick last" x=${left - 5} y=${y(v) + 4}>${f.percent(v)}</text>
      <text class="tick middle" x=${x(v)} y=${top + size + 15}>${f.percent(v)}</text>`)}
    <text class="tick middle" x=${left + size / 2} y=${top + size + 32}>${across}</text>
    <text class="tick" x="2" y="10">${up}</text>
    ${lines.map((l) => svg`<path class="stroke ${l.kind}" d=${l.points.map(([a, b], i) => `${i ? 'L' : 'M'}${x(a).toFixed(1)},${y(b).toFixed(1)}`).join('')}></path>`)}
    ${dots.map((d) => svg`<line class="span" x1=${x(d.x)} x2=${x(d.x)} y1=${y(d.low)} y2=${y(d.high)}></line>
      <circle class="dot" cx=${x(d.x)} cy=${y(d.y)} r="3.6"><title>${d.text}</title></circle>`)}
  </svg>`;
}

// parts draws what adds up: bars left and right of nothing.
export function diverging(value, most) {
  const half = 70;
  const width = Math.max(1, half * clamp(Math.abs(value) / (most || 1)));
  return html`<svg class="diverging" viewBox="0 0 140 12" width="140" height="12" aria-hidden="true" focusable="false">
    <line class="nil" x1="70" x2="70" y1="0" y2="12"></line>
    <rect class=${value > 0 ? 'high' : 'low'} x=${value > 0 ? half : half - width} y="2" width=${width} height="8" rx="1.5"></rect>
  </svg>`;
}
