import { asArray, asObject, asString, type Json } from './json.js'

/** One entry of `@Message.ExtendedInfo` (DSP0266, error responses). */
export interface ExtendedInfo {
  readonly messageId: string
  readonly message: string
  readonly severity: string
  readonly args: readonly string[]
  readonly related: readonly string[]
}
export interface ErrorBody {
  readonly code: string
  readonly message: string | null
  readonly extended: readonly ExtendedInfo[]
  /** As it came, for the text. */
  readonly rawExtended: unknown
}

const strings = (value: unknown): string[] => asArray(value).map(String)

const readEntry = (entry: Json): ExtendedInfo => ({
  messageId: asString(entry['MessageId']) ?? '',
  message: asString(entry['Message']) ?? '',
  // MessageSeverity is the newer name.
  severity: asString(entry['MessageSeverity']) ?? asString(entry['Severity']) ?? '',
  args: strings(entry['MessageArgs']),
  related: strings(entry['RelatedProperties']),
})

/** The error of an answer's body; null when it has none. A single object instead of a list is seen. */
export function readErrorBody(body: unknown): ErrorBody | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  const error = asObject((body as Json)['error'])
  const raw = error['@Message.ExtendedInfo']
  const entries = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw]
  return {
    code: asString(error['code']) ?? 'Base.1.0.GeneralError',
    message: typeof error['message'] === 'string' ? error['message'] : null,
    extended: entries.map((entry) => readEntry(asObject(entry))),
    rawExtended: raw,
  }
}

/** The most severe message; without severities the general one, or else the first there is. */
export function detailOf(body: ErrorBody): string | null {
  for (const severity of ['Critical', 'Warning']) {
    const found = body.extended.find((e) => e.severity === severity && e.message !== '')
    if (found !== undefined) return found.message
  }
  return body.message ?? body.extended.find((e) => e.message !== '')?.message ?? null
}
