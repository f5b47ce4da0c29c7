import { RoutingError } from '../errors.js'

/** Refused before a handler runs: the client takes nothing that is served. */
export class AcceptRefused extends RoutingError {
  override readonly name = 'AcceptRefused'
  constructor() {
    super(406, 'Not Acceptable')
  }
}

/** How the router's errors are written: webob offers HTML, JSON, and else plain text. */
export type ErrorForm = 'json' | 'html' | 'plain'

interface Range {
  readonly type: string
  /** With parameters besides its weight, which webob holds against what it offers. */
  readonly narrowed: boolean
  readonly quality: number
}

/** The ranges of an `Accept` header; null where it is none, which counts as no header at all. */
function rangesOf(accept: string): Range[] | null {
  const items = accept.split(',').map((item) => item.trim())
  const ranges = items.filter((item) => item !== '').map(rangeOf)
  return ranges.every((range) => /^[^\s/]+\/[^\s/]+$/.test(range.type)) ? ranges : null
}

function rangeOf(item: string): Range {
  const [type = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((part) => part.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2)) || 0
  return { type, quality, narrowed: parameters.some((part) => part !== weight) }
}

/**
 * Only JSON is served.
 * @param accept the `Accept` header
 * @throws AcceptRefused 406 (docs/reference/rest-api.md, 3.2)
 */
export function checkAccept(accept: string | null): void {
  const ranges = rangesOf(accept ?? '')
  if (accept === null || accept.trim() === '' || ranges === null) return
  const types = ranges.map((range) => range.type)
  if (types.some((t) => t === '*/*' || t === 'application/*' || t === 'application/json')) return
  throw new AcceptRefused()
}

/** The form of the router's errors for an `Accept` header; none, or anything, is JSON. */
export function errorForm(accept: string | null): ErrorForm {
  const given = accept?.trim() ?? '*/*'
  if (given === '*/*') return 'json'
  const ranges = rangesOf(given)
  if (ranges === null) return 'html'
  const [asHtml, asJson] = [qualityOf('text/html', ranges), qualityOf('application/json', ranges)]
  if (asHtml > 0 && asHtml >= asJson) return 'html'
  return asJson > 0 ? 'json' : 'plain'
}

/** The most specific range that covers the type decides (RFC 9110, 12.5.1). */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const wider = [type, `${type.split('/', 1)[0]}/*`, '*/*']
  const found = wider.map((name) => ranges.find((r) => r.type === name && !r.narrowed))
  return found.find((range) => range !== undefined)?.quality ?? 0
}
