// The public REST API, with the key that was typed in, if one was.

const keyName = 'churnwatch-key';

export const key = {
  get: () => sessionStorage.getItem(keyName) ?? '',
  set: (text) => (text ? sessionStorage.setItem(keyName, text) : sessionStorage.removeItem(keyName)),
};

// Problem is what went wrong, with the code and the request's id of RFC 9457.
export class Problem extends Error {
  constructor({ status = 0, code = 'unreachable', detail = '', request_id: requestID = '' }) {
    super(detail || code);
    Object.assign(this, { status, code, requestID });
  }
}

// path fills {names} of a template with escaped values, and adds the query's
// parameters that are set.
export function path(template, values = {}, query = {}) {
  const filled = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name]));
  const asked = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null && value !== false);
  return asked.length ? `${filled}?${new URLSearchParams(asked)}` : filled;
}

// call makes a request and returns the answer's JSON. It throws a Problem.
export async function call(address, { method = 'GET', headers = {}, body, signal } = {}) {
  const sent = { ...headers };
  if (key.get()) sent.Authorization = `Bearer ${key.get()}`;
  let answer;
  try {
    answer = await fetch(address, { method, headers: sent, body, signal, credentials: 'omit', cache: 'no-cache' });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new Problem({ detail: 'The server does not answer. Is churnwatch serve running?' });
  }
  const text = await answer.text();
  let value = {};
  try {
    value = text ? JSON.parse(text) : {};
  } catch {
    value = { detail: text.slice(0, 200), code: 'not_json' };
  }
  if (answer.ok) return value;
  throw new Problem({ status: answer.status, request_id: answer.headers.get('X-Request-Id') ?? '', ...value });
}

export const get = (template, values, query, signal) => call(path(template, values, query), { signal });

export const post = (template, values, body, signal) =>
  call(path(template, values), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });
