// Raw HTTP requests that are wrong in the method, the target, the version, a header or the framing.
import type { Dice } from '../bad-input/dice.js'

/** Bytes for one connection, and how the client treats the connection after it has sent them. */
export interface RawRequest {
  readonly bytes: Buffer
  /** `half` closes the sending side, `reset` ends the connection at once. */
  readonly then: 'half' | 'reset'
}

const methods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'TRACK', 'CONNECT'],
  ...['PROPFIND', 'M-SEARCH', 'SOURCE', 'QUERY', 'PRI', 'FOO', 'get', 'Get', 'G', '', ' ', 'A B'],
  ...['__proto__', 'constructor', '\x00', 'GE\x00T', '\xff\xfe', '{', '!#$%&', 'X'.repeat(40)],
]
const targets = [
  ...['/', '/v1', '/v1/', '/v1/nodes', '/v1/nodes/detail', '/v1/nodes/x/states/power', '/healthz'],
  ...[
    '/v1/lookup',
    '/v1/lookup?node_uuid=x',
    '/v1/heartbeat/x',
    '/v1/continue_inspection',
    '/docs',
  ],
  ...[
    '/readyz',
    '/metrics',
    '/openapi.json?version=1.34',
    '/v1/volume/targets',
    '/ferric/v1/nodes',
  ],
  ...['/boot.ipxe', '/images/x', '/v1/nodes/x/vendor_passthru/heartbeat', '/v1/nodes/x.json'],
  ...[
    '*',
    '',
    '//',
    '//v1',
    '/..',
    '/v1/..',
    '/v1/../../etc/passwd',
    '/%2e%2e/%2e%2e',
    '/%',
    '/%zz',
  ],
  ...[
    '/%00',
    '/\x00',
    '/\xff',
    '/\\..\\',
    '/v1/nodes?limit=-1',
    '/v1/nodes?a[b]=c',
    '/?',
    '/#',
    '#',
  ],
  ...[
    'http://x/v1/nodes',
    'https://x',
    'http://[::1',
    'http://',
    'ftp://x/',
    'x:80',
    'x',
    'http:/x',
  ],
  ...[
    '/v1/nodes?%',
    '/v1/nodes?=&=&',
    '/v1/nodes?fields=%ff',
    '/__proto__',
    '/v1/constructor',
    '/ /',
  ],
]
const versions = [
  ...['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/3'],
  ...['HTTP/1.2', 'HTTP/1.', 'HTTP/', 'HTTP', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', 'ICE/1.0', ''],
  ...['RTSP/1.0', 'HTTP/9999999999.1', 'HTTP/1.1\x00'],
]
const hosts = [
  ...[
    'x',
    'x:80',
    '127.0.0.1',
    '[::1]:80',
    '',
    'a b',
    'a/b',
    'a@b',
    'a?b',
    '[',
    '[::1',
    'x:',
    'x:x',
  ],
  ...['x:99999', '\x00', '\xff', 'x\x01', '..', '%', '%00', 'x,y', 'xn--', '::1', 'x'.repeat(300)],
]
const headers = [
  ...['Connection: close', 'Connection: keep-alive', 'Connection: upgrade', 'Upgrade: websocket'],
  ...[
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    'Expect: 100-continue',
    'Expect: x',
  ],
  ...['Accept: */*', 'Accept: text/html;q=x', 'Accept: ,,,', 'Content-Type: application/json'],
  ...['Content-Type: \xff', 'Content-Type: application/json; charset=utf-16', 'Range: bytes=0-'],
  ...['Range: bytes=9-1,-,x', 'Range: bytes=-0', 'X-Auth-Token: x', 'Authorization: Basic', 'X'],
  ...['Authorization: Basic \x00', 'Authorization: Basic ====', 'Authorization: Bearer x', ': x'],
  ...['X-OpenStack-Ironic-API-Version: 1.999', 'X-OpenStack-Ironic-API-Version: latest', 'A: \x01'],
  ...[
    'X-OpenStack-Ironic-API-Version: \x7f',
    'OpenStack-API-Version: baremetal 1.1e5',
    'A:',
    ' A: b',
  ],
  ...['OpenStack-API-Version: ,,baremetal', 'Host: y', 'Cookie: a=b; =; ;', 'A\x00: b', 'A B: c'],
  ...[
    '__proto__: x',
    'constructor: y',
    'Trailer: x',
    'TE: trailers',
    'Forwarded: for=x',
    '\xff: x',
  ],
  ...[
    'X-Forwarded-Proto: javascript',
    'If-Modified-Since: never',
    'Date: \x0b',
    'A: b\rC: d',
    '\t x',
  ],
]
const framings = [
  ...['Content-Length: 2', 'Content-Length: 0', 'Content-Length: -1', 'Content-Length: +2'],
  ...['Content-Length: 2, 2', 'Content-Length: 2\r\nContent-Length: 3', 'Content-Length: x'],
  ...['Content-Length: 99999999999999999999', 'Content-Length: 0x2', 'Content-Length: 2.0'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'],
  ...['Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: identity', 'Content-Length:'],
  ...['Transfer-Encoding: chunked\r\nContent-Length: 2', 'Transfer-Encoding:\x0bchunked', ''],
]
const bodies = [
  ...[
    '',
    '{}',
    '[]',
    '{"a":',
    '"\xff"',
    '[{"op":"add","path":"/x"}]',
    '{"__proto__":{"x":1}}',
    'null',
  ],
  ...[
    '2\r\n{}\r\n0\r\n\r\n',
    '2\r\n{}\r\n',
    'g\r\n',
    '-2\r\n{}',
    'ffffffffffffffffff\r\nx',
    '0\r\n\r\n',
  ],
  ...[
    '2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n',
    '2\n{}\n0\n\n',
    '0\r\n\x00: \x01\r\n\r\n',
    '2\r\n{}XX0\r\n\r\n',
  ],
  ...[`2;${'e'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, '['.repeat(200), 'GET / HTTP/1.1\r\n\r\n'],
]
const lineEnds = ['\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n']

const below = (dice: Dice, limit: number): number => Math.floor(dice.next() * limit)

function some(dice: Dice, items: readonly string[]): string[] {
  return Array.from({ length: below(dice, 5) }, () => dice.pick(items))
}

/** Usually the right value, so that the faulty parts of a request are few and it gets far. */
function mostly(dice: Dice, right: string, others: readonly string[], share = 0.8): string {
  return dice.next() < share ? right : dice.pick(others)
}

function wholeRequest(dice: Dice): string {
  const end = mostly(dice, '\r\n', lineEnds, 0.97)
  const separator = mostly(dice, ' ', ['', '\t', '  '], 0.97)
  const method = mostly(dice, dice.pick(methods.slice(0, 6)), methods, 0.6)
  const target = mostly(dice, dice.pick(targets.slice(0, 20)), targets, 0.6)
  const start = [method, target, mostly(dice, 'HTTP/1.1', versions)].join(separator)
  const host = dice.next() < 0.97 ? [`Host: ${mostly(dice, 'x', hosts)}`] : []
  const lines = [start, ...host, ...(dice.next() < 0.5 ? some(dice, headers) : [])]
  if (dice.next() < 0.01) lines.push(...Array.from({ length: 2_500 }, (_, n) => `h${n}: x`))
  if (dice.next() < 0.01) lines.push(`L: ${'x'.repeat(below(dice, 40_000))}`)
  if (dice.next() < 0.5) return `${lines.join(end)}${end}${end}`
  const body = dice.pick(bodies)
  const framing = mostly(dice, `Content-Length: ${body.length}`, framings)
  return `${[...lines, 'Content-Type: application/json', framing].join(end)}${end}${end}${body}`
}

/** Cuts the bytes, overwrites some and inserts others. */
function damaged(dice: Dice, whole: Buffer): Buffer {
  const bytes = Buffer.from(whole.subarray(0, 1 + below(dice, whole.length)))
  for (let n = below(dice, 4); n > 0; n--) bytes[below(dice, bytes.length)] = below(dice, 256)
  const noise = Buffer.from(Array.from({ length: below(dice, 4) }, () => below(dice, 256)))
  const at = below(dice, bytes.length)
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
}

/** The next request: one to three on a connection, one connection in seven damaged. */
export function rawRequest(dice: Dice): RawRequest {
  const count = dice.next() < 0.9 ? 1 : 3
  const text = Array.from({ length: count }, () => wholeRequest(dice)).join('')
  const whole = Buffer.from(text, 'latin1')
  const bytes = dice.next() < 0.15 ? damaged(dice, whole) : whole
  return { bytes, then: dice.next() < 0.9 ? 'half' : 'reset' }
}
