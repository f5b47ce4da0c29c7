/**
 * An htpasswd file with bcrypt digests, read again when it changes. Checked passwords are
 * remembered under a keyed hash, so that bcrypt's cost is paid once.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { compare } from 'bcryptjs'
import type { Clock } from '../../clock.js'

export interface PasswordFile {
  /** Whether the password is the user's. @throws Error when the file cannot be read */
  check(user: string, password: string): Promise<boolean>
}

/** bcrypt digest no password has: an unknown user costs as much as a wrong password. */
const nobody = '$2b$10$1YFb3JI5biW6ToLSzOOh1uMNZYPb9G4RPaybVS9pVCM.fdiDd6uhe'
const mostRemembered = 1_000
const recheckMs = 1_000

/**
 * Reads the file once, so that a wrong one stops the start.
 * @throws Error naming the file and the user whose digest is not bcrypt's
 */
export async function openPasswordFile(path: string, clock: Clock): Promise<PasswordFile> {
  let users = parse(await readFile(path, 'utf8'), path)
  let stamp = await stampOf(path)
  let looked = clock.now().getTime()
  const remembered = new Set<string>()
  const key = randomBytes(32)

  const refresh = async () => {
    const now = clock.now().getTime()
    if (now - looked < recheckMs) return
    looked = now
    const current = await stampOf(path)
    if (current === stamp) return
    users = parse(await readFile(path, 'utf8'), path)
    stamp = current
    remembered.clear()
  }

  return {
    async check(user, password) {
      await refresh()
      const digest = users.get(user) ?? nobody
      const seen = createHmac('sha256', key).update(`${digest}\0${password}`).digest('base64')
      if (remembered.has(seen)) return true
      const good = await compare(password, digest)
      if (!good || !users.has(user)) return false
      if (remembered.size >= mostRemembered) remembered.clear()
      remembered.add(seen)
      return true
    },
  }
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path)
  return `${mtimeMs}:${size}:${ino}`
}

function parse(text: string, path: string): Map<string, string> {
  const users = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, user, digest] = /^\s*([^:]+):(\S+)\s*$/.exec(line) ?? []
    if (user === undefined || digest === undefined || user.startsWith('#')) continue
    if (!/^\$2[aby]\$/.test(digest)) {
      throw new Error(`${path}: only bcrypt digested passwords are supported for ${user}`)
    }
    // Upstream takes the first line of a user.
    if (!users.has(user)) users.set(user, digest)
  }
  return users
}
