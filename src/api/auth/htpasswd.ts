/**
 * An htpasswd file with bcrypt digests, read again when it changes. Checked passwords are
 * remembered under a keyed hash, so that bcrypt's cost is paid once.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '../../clock.js'
import { createDigestThread } from './digest-thread.js'
import { PasswordQueue } from './password-queue.js'

export interface PasswordFile {
  /**
   * Whether the password is the user's.
   * @param address of the client: addresses take turns where a password is checked for the first time
   * @throws AuthRefused 429 when too many wait
   */
  check(user: string, password: string, address?: string): Promise<boolean>
}

/** What a bcrypt digest looks like. A cost above 19 would take minutes for every guess. */
const bcryptForm = /^\$2[aby]\$(0[4-9]|1\d)\$[./A-Za-z0-9]{53}$/
/** Salt and digest no password has. */
const nobody = '1YFb3JI5biW6ToLSzOOh1uMNZYPb9G4RPaybVS9pVCM.fdiDd6uhe'
const mostRemembered = 1_000
const recheckMs = 1_000

/**
 * Reads the file once, so that a wrong one stops the start. What is wrong in it later keeps its
 * users out, and nobody else.
 * @param onProblem told what was wrong when the file was read again
 * @throws Error naming the file and the user whose digest is not bcrypt's
 */
export async function openPasswordFile(
  path: string,
  clock: Clock,
  onProblem: (problem: string) => void = () => undefined,
): Promise<PasswordFile> {
  let users = parse(await readFile(path, 'utf8'), path, (problem) => {
    throw new Error(problem)
  })
  let stamp = await stampOf(path)
  let looked = clock.now().getTime()
  const remembered = new Set<string>()
  const running = new Map<string, Promise<boolean>>()
  const key = randomBytes(32)
  const compare = createDigestThread()
  const queue = new PasswordQueue(clock)

  const refresh = async () => {
    const now = clock.now().getTime()
    if (now - looked < recheckMs) return
    looked = now
    const current = await stampOf(path).catch(() => 'unreadable')
    if (current === stamp) return
    stamp = current
    remembered.clear()
    users = await readAgain()
  }

  const readAgain = async () => {
    try {
      return parse(await readFile(path, 'utf8'), path, onProblem)
    } catch (e) {
      onProblem(`${path} cannot be read, nobody can log in: ${(e as Error).message}`)
      return new Map<string, string>()
    }
  }

  /** Requests with the same password share one check. */
  const compareOnce = (seen: string, address: string, compared: () => Promise<boolean>) => {
    const known = running.get(seen)
    if (known !== undefined) return known
    const started = queue.run(address, compared).finally(() => running.delete(seen))
    running.set(seen, started)
    return started
  }

  return {
    async check(user, password, address = '') {
      await refresh()
      const digest = users.get(user) ?? digestOfNobody(users, key, user)
      const seen = createHmac('sha256', key).update(`${digest}\0${password}`).digest('base64')
      if (remembered.has(seen)) return true
      const compared = async () => (await compare(password, digest)) && users.has(user)
      if (!(await compareOnce(seen, address, compared))) return false
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

/**
 * An unknown user costs as much as a wrong password of one who is in the file: always the same one,
 * as digests may differ in their cost.
 */
function digestOfNobody(users: ReadonlyMap<string, string>, key: Buffer, user: string): string {
  const digests = [...users.values()]
  const chosen = createHmac('sha256', key).update(user).digest().readUInt32BE() % digests.length
  return `$2b$${digests[chosen]?.slice(4, 6) ?? '10'}$${nobody}`
}

function parse(
  text: string,
  path: string,
  onProblem: (problem: string) => void,
): Map<string, string> {
  const users = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, user, digest] = /^\s*([^:]+):(\S+)\s*$/.exec(line) ?? []
    if (user === undefined || digest === undefined || user.startsWith('#')) continue
    if (!bcryptForm.test(digest)) {
      onProblem(`${path}: only bcrypt digested passwords are supported for ${user}`)
    } else if (!users.has(user)) {
      // Upstream takes the first line of a user.
      users.set(user, digest)
    }
  }
  return users
}
