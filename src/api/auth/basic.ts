/** HTTP Basic, as upstream's middleware (`ironic/common/auth_basic.py`). */
import { basicRefused } from './refused.js'
import type { PasswordFile } from './htpasswd.js'

/**
 * @param header the `Authorization` header
 * @param address of the client
 * @returns the user
 * @throws AuthRefused 401 or 400
 */
export async function checkBasic(
  header: string | null,
  file: PasswordFile,
  address?: string,
): Promise<string> {
  if (header === null) throw basicRefused(401, 'Authorization required')
  const [, scheme, token] = /^\s*(\S+)\s+(.*?)\s*$/.exec(header) ?? []
  if (scheme === undefined || token === undefined) {
    throw basicRefused(400, 'Could not parse Authorization header')
  }
  if (scheme.toLowerCase() !== 'basic') {
    throw basicRefused(400, `Unsupported authorization type "${scheme}"`)
  }
  const { user, password } = decode(token)
  if (!(await file.check(user, password, address)))
    throw basicRefused(401, 'Incorrect username or password')
  return user
}

function decode(token: string): { user: string; password: string } {
  const refused = basicRefused(400, 'Could not decode authorization token')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token) || token.length % 4 !== 0) throw refused
  const text = Buffer.from(token, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0 || text.includes('\u{fffd}') || text.includes('\0')) throw refused
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
