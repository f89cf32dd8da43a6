// The parser of the npm package "sip" as a subject; written from conformance/SUBJECT.md alone.
'use strict';
const sip = require('sip');
const readline = require('readline');

const text = (hex) => Buffer.from(hex, 'hex').toString('binary');
const utf8 = (binary) => Buffer.from(binary, 'binary').toString('utf8');
const unquote = (s) => (/^".*"$/s.test(s) ? s.slice(1, -1).replace(/\\(.)/gs, '$1') : s);
const lower = (o, f = (v) => v) =>
  Object.fromEntries(Object.entries(o || {}).map(([k, v]) => [k.toLowerCase(), v == null ? null : f(v)]));
const unsupported = (why) => { throw Object.assign(new Error(why), { unsupported: why }); };
const refuse = (why, status) => { throw Object.assign(new Error(why), { refusal: { why, ...(status && { status }) } }); };

function uri(s) {
  if (typeof s === 'string' && /^(?!sips?:)[a-z][a-z0-9+.-]*:/i.test(s)) unsupported(`the parser takes no ${s.split(':')[0]} URI apart`);
  const u = typeof s === 'object' ? s : sip.parseUri(s);
  if (!u) refuse(`the parser reads no URI in ${s}`, 400);
  return { scheme: u.schema, user: u.user ?? null, password: u.password ?? null, host: u.host,
    port: Number.isNaN(u.port) ? null : u.port, parameters: lower(u.params), headers: lower(u.headers) };
}

const address = (a) => (a === '*' ? a : {
  display_name: a.name == null ? null : utf8(unquote(a.name)), uri: uri(a.uri), parameters: lower(a.params, unquote) });
const list = (f) => (v) => [].concat(v).map(f);
const auth = ({ scheme, ...rest }) => ({ scheme, parameters: lower(rest, unquote) });
const whole = (s) => (/^\d+$/.test(s) ? +s : refuse(`${s} is no number`, 400));

// only what the parser types; its other headers are strings as they came
const TYPED = {
  from: list(address), to: list(address), contact: list(address), 'refer-to': list(address),
  route: list(address), 'record-route': list(address), path: list(address),
  via: list((v) => ({ protocol: `SIP/${v.version}`, transport: v.protocol, host: v.host, port: v.port ?? null,
    parameters: lower(v.params, unquote) })),
  cseq: (v) => [{ number: v.seq, method: v.method }],
  'content-length': (v) => (Number.isNaN(v) ? refuse('Content-Length is no number', 400) : [v]),
  'max-forwards': (v) => [whole(v)],
  'www-authenticate': list(auth), 'proxy-authenticate': list(auth),
  authorization: list(auth), 'proxy-authorization': list(auth),
  'authentication-info': (v) => [{ parameters: lower(v, unquote) }],
  'call-id': (v) => [v], subject: (v) => [utf8(v)], organization: (v) => [utf8(v)],
};

// a request is owed an answer, a response is dropped
const owed = (hex) => (/^SIP\//.test(text(hex)) ? 'drop' : /^[^\r\n]* SIP\/2\.0\r?\n/.test(text(hex)) ? 400 : undefined);

function message(hex) {
  const m = sip.parse(Buffer.from(hex, 'hex'));
  if (!m) refuse('the parser reads no message', owed(hex));
  const headers = {};
  try {
    for (const [name, value] of Object.entries(m.headers)) if (value !== undefined && TYPED[name]) headers[name] = TYPED[name](value);
  } catch (e) {
    throw Object.assign(e, e.refusal && { refusal: { ...e.refusal, status: owed(hex) } });
  }
  const start = m.method
    ? { method: m.method, request_uri: m.uri, sip_version: `SIP/${m.version}` }
    : { status_code: m.status, reason_phrase: utf8(m.reason), sip_version: `SIP/${m.version}` };
  return { ...start, headers, body: Buffer.from(m.content, 'binary').toString('hex') };
}

function header(name, hex) {
  const key = name.toLowerCase();
  if (!TYPED[key]) return null;
  const m = sip.parse(Buffer.concat([Buffer.from(`OPTIONS sip:a SIP/2.0\r\n${name}: `), Buffer.from(hex, 'hex'), Buffer.from('\r\n\r\n')]));
  return m && m.headers[key] !== undefined ? TYPED[key](m.headers[key]) : refuse(`the parser reads no ${name}`, 400);
}

function answer({ command, params }) {
  if (command === 'hello') {
    const { version } = require('sip/package.json');
    return { result: { name: 'npm sip', version, roles: ['codec'], formats: ['sip.message', 'sip.uri', 'sip.header'], headers: Object.keys(TYPED) } };
  }
  if (command !== 'decode' && command !== 'reencode') return { unsupported: `no command ${command}` };
  if (command === 'reencode' && params.format === 'sip.message') {
    message(params.bytes);
    return { result: { bytes: Buffer.from(sip.stringify(sip.parse(Buffer.from(params.bytes, 'hex'))), 'binary').toString('hex') } };
  }
  if (command === 'reencode') return { unsupported: 'only whole messages are written' };
  if (params.format === 'sip.message') return { result: { value: message(params.bytes) } };
  if (params.format === 'sip.uri') return { result: { value: uri(text(params.bytes)) } };
  const value = params.format === 'sip.header' ? header(params.name, params.bytes) : null;
  return value ? { result: { value } } : { unsupported: `${params.format} ${params.name ?? ''}` };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  let id = null;
  let reply;
  try {
    const request = JSON.parse(line);
    id = request.id;
    reply = answer(request);
  } catch (e) {
    reply = e.refusal ? { refusal: e.refusal } : e.unsupported ? { unsupported: e.unsupported } : { fault: String(e) };
  }
  process.stdout.write(`${JSON.stringify({ id, ...reply })}\n`);
});
