import { pythonRepr } from '../../python/repr.js'
import { detailOf, type ExtendedInfo, readErrorBody } from './extended-info.js'

/**
 * What can go wrong between us and a Redfish service. The texts are those that operators of this
 * protocol know from sushy, because they end up in `last_error` and people search for them.
 */
export class BmcError extends Error {
  override readonly name: string = 'BmcError'
}

/** The service could not be reached, went away, or did not answer in time. */
export class ConnectionFailed extends BmcError {
  override readonly name = 'ConnectionFailed'
  /** True when the request certainly never reached the service: it may be sent again. */
  readonly notSent: boolean
  /** A fault that another attempt will not mend: a certificate, a name in it. */
  readonly lasting: boolean
  constructor(
    url: string,
    reason: string,
    options: { notSent?: boolean; lasting?: boolean; cause?: unknown } = {},
  ) {
    super(`Unable to connect to ${url}. Error: ${reason}`, { cause: options.cause })
    this.notSent = options.notSent ?? false
    this.lasting = options.lasting ?? false
  }
}

export interface HttpFaultParts {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly body: unknown
  /** Seconds of `Retry-After`, when the answer had one. */
  readonly retryAfter: number | null
}

/** The service refused: a status of 400 and up. */
export class HttpFault extends BmcError {
  override readonly name: string = 'HttpFault'
  readonly status: number
  readonly code: string
  /** The most severe message, or the service's general one. */
  readonly detail: string | null
  readonly extended: readonly ExtendedInfo[]
  readonly retryAfter: number | null
  constructor(parts: HttpFaultParts) {
    const body = readErrorBody(parts.body)
    super(faultText(parts, body))
    this.status = parts.status
    this.code = body?.code ?? 'Base.1.0.GeneralError'
    this.detail = body === null ? null : detailOf(body)
    this.extended = body?.extended ?? []
    this.retryAfter = parts.retryAfter
  }
  /** Whether the service said this, by message id or in words. */
  says(phrase: string): boolean {
    return this.message.toLowerCase().includes(phrase.toLowerCase())
  }
  /** Whether a message of this kind is about the property: `['PropertyUnknown'], 'RAIDType'`. */
  isAbout(messages: readonly string[], property: string): boolean {
    return this.extended.some((info) => {
      const id = info.messageId === '' ? this.code : info.messageId
      return messages.some((name) => id.endsWith(`.${name}`)) && names(info, property)
    })
  }
}

const names = (info: ExtendedInfo, property: string): boolean =>
  info.args.includes(property) ||
  info.related.some((path) => path.endsWith(`/${property}`)) ||
  info.message.includes(property)

function faultText(parts: HttpFaultParts, body: ReturnType<typeof readErrorBody>): string {
  if (parts.status === 404) return `Resource ${parts.url} not found`
  const error =
    body === null ? 'unknown error' : `${body.code}: ${detailOf(body) ?? 'unknown error.'}`
  const info = body === null ? 'None' : pythonRepr(body.rawExtended)
  return `HTTP ${parts.method} ${parts.url} returned code ${parts.status}. ${error} Extended information: ${info}`
}

/** Name or password are wrong, or the account may not do this (401, 403). */
export class AccessDenied extends HttpFault {
  override readonly name = 'AccessDenied'
}
export class NotThere extends HttpFault {
  override readonly name = 'NotThere'
}

/** The error of a status of 400 and up. */
export function faultOf(parts: HttpFaultParts): HttpFault {
  if (parts.status === 401 || parts.status === 403) return new AccessDenied(parts)
  if (parts.status === 404) return new NotThere(parts)
  return new HttpFault(parts)
}

export class MissingAttribute extends BmcError {
  override readonly name = 'MissingAttribute'
  constructor(attribute: string, resource: string) {
    super(`The attribute ${attribute} is missing from the resource ${resource}`)
  }
}
export class MalformedAttribute extends BmcError {
  override readonly name = 'MalformedAttribute'
  constructor(attribute: string, resource: string, why: string) {
    super(`The attribute ${attribute} is malformed in the resource ${resource}: ${why}`)
  }
}
export class MissingAction extends BmcError {
  override readonly name = 'MissingAction'
  constructor(action: string, resource: string) {
    super(`The action ${action} is missing from the resource ${resource}`)
  }
}
/** The service says beforehand that it would not take this value. */
export class ValueRefused extends BmcError {
  override readonly name = 'ValueRefused'
  constructor(parameter: string, value: string, valid: readonly string[]) {
    super(
      `The parameter "${parameter}" value "${value}" is invalid. Valid values are: ${valid.join(', ')}`,
    )
  }
}
