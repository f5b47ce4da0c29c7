import { IronicError } from '../../errors.js'

/** Refused before the API is reached: the body is the middleware's own, not a fault. */
export class AuthRefused extends IronicError {
  override readonly name = 'AuthRefused'
  readonly body: string
  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super('Authentication failed', { status, headers })
    this.body = JSON.stringify(body)
  }
}

/** keystonemiddleware's 401. */
export const keystoneUnauthorized = (uri: string | null): AuthRefused =>
  new AuthRefused(
    401,
    {
      error: {
        code: 401,
        title: 'Unauthorized',
        message: 'The request you have made requires authentication.',
      },
    },
    uri === null ? {} : { 'WWW-Authenticate': `Keystone uri="${uri}"` },
  )

/** keystonemiddleware's 503. */
export const keystoneDown = (): AuthRefused =>
  new AuthRefused(503, {
    error: {
      code: 503,
      title: 'Service Unavailable',
      message: 'The Keystone service is temporarily unavailable.',
    },
  })

/** A user who asks too often; the seconds until the next request is welcome. */
export const tooManyRequests = (seconds: number): AuthRefused =>
  new AuthRefused(
    429,
    {
      error: {
        code: 429,
        title: 'Too Many Requests',
        message: `This user may make no more requests now. Try again in ${seconds} s.`,
      },
    },
    { 'Retry-After': String(seconds) },
  )

/** Too many passwords of an address, or of all, wait to be checked. */
export const tooManyLogins = (seconds: number): AuthRefused =>
  new AuthRefused(
    429,
    { error: { code: 429, message: `Too many logins wait. Try again in ${seconds} s.` } },
    { 'Retry-After': String(seconds) },
  )

/** The 401 and 400 of upstream's HTTP Basic middleware. */
export const basicRefused = (status: 400 | 401, message: string): AuthRefused =>
  new AuthRefused(
    status,
    { error: { message, code: status } },
    status === 401 ? { 'WWW-Authenticate': 'Basic realm="Baremetal API"' } : {},
  )
