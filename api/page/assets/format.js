// Numbers, money and time as people read them, the same everywhere.

const upToDate = 3; // days
const locale = navigator.languages.find((l) => l === 'en' || l.startsWith('en-')) ?? 'en-GB';
const missing = '–';

// currency is that of the configuration; the overview tells it.
let currency = 'EUR';
export const setCurrency = (code) => (currency = code || currency);

const cache = new Map();
function formatter(options) {
  const name = JSON.stringify(options);
  if (!cache.has(name)) cache.set(name, new Intl.NumberFormat(locale, options));
  return cache.get(name);
}

const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

export const number = (value, digits = 0) =>
  known(value) ? formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' }).format(value) : missing;

// signed writes a plus too.
export const signed = (value, digits = 0) =>
  known(value)
    ? formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value)
    : missing;

// percent writes a share, and never 0 or 100 % for what is neither.
export function percent(share) {
  if (!known(share)) return missing;
  if (share > 0.99 && share < 1) return '>99%';
  if (share > 0 && share < 0.0005) return '<0.1%';
  const digits = share !== 0 && Math.abs(share) < 0.0995 ? 1 : 0;
  return formatter({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' }).format(share);
}

export const percents = (interval) => (interval ? `${percent(interval.low)} to ${percent(interval.high)}` : missing);

export function money(amount) {
  if (!known(amount)) return missing;
  const size = Math.abs(amount);
  const compact = size >= 1e6 ? { notation: 'compact', maximumFractionDigits: 2 } : { maximumFractionDigits: size > 0 && size < 100 ? 2 : 0 };
  return formatter({ style: 'currency', currency, ...compact }).format(amount);
}

export const moneys = (interval) => (interval ? `${money(interval.low)} to ${money(interval.high)}` : missing);

// size writes how large a file is.
export function size(bytes) {
  if (bytes < 1024) return plural(bytes, 'byte');
  return bytes < 1 << 20 ? `${number(bytes / 1024, 1)} KiB` : `${number(bytes / (1 << 20), 1)} MiB`;
}

// times writes by how much odds are multiplied.
export const times = (ratio) => (known(ratio) ? `×${number(ratio, ratio < 9.95 ? 2 : 0)}` : missing);

const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const minutes = new Intl.DateTimeFormat(locale, {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC',
});
const months = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });

export const day = (instant) => (instant ? days.format(new Date(instant)) : missing);
// age writes how long ago an instant was, and is empty where that is no longer
// than what is up to date may lag behind.
export function age(instant, now = Date.now()) {
  const past = Math.floor((now - Date.parse(instant)) / 86400e3);
  if (!(past > upToDate)) return '';
  return past < 730 ? plural(past, 'day') : plural(Math.floor(past / 365.25), 'year');
}

export const time = (instant) => (instant ? `${minutes.format(new Date(instant))} UTC` : missing);
export const month = (text) => months.format(new Date(`${text}-01T00:00:00Z`));

// words turns a program's word into people's: with_offer, "with offer".
export const words = (name) => (name ? String(name).replaceAll('_', ' ') : missing);
export const Words = (name) => words(name).replace(/^./, (c) => c.toUpperCase());

// value writes a feature's value with its unit.
export function value(of, unit = '') {
  if (of === null || of === undefined) return 'not known';
  if (Array.isArray(of)) return of.map((one) => value(one)).join(' and ');
  if (typeof of !== 'number') return String(of);
  if (unit === 'share' || unit === 'probability') return percent(of);
  if (['EUR', 'money', 'currency'].includes(unit)) return money(of);
  const text = number(of, Number.isInteger(of) || Math.abs(of) >= 100 ? 0 : Math.abs(of) >= 10 ? 1 : 2);
  return unit ? `${text} ${of === 1 && unit !== 'log-odds' ? unit.replace(/s$/, '') : unit}` : text;
}

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;
