/**
 * bcrypt in a thread of its own: it is made to be slow, and a guess must not hold up the requests
 * of everybody else.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const bcrypt = import(workerData.bcrypt)
  parentPort.on('message', async ({ id, password, digest }) => {
    try {
      const { compareSync } = (await bcrypt).default
      parentPort.postMessage({ id, good: compareSync(password, digest) })
    } catch (error) {
      parentPort.postMessage({ id, error })
    }
  })
`

/** Whether a password is the one of a bcrypt digest. @throws Error when the thread died */
export type CheckDigest = (password: string, digest: string) => Promise<boolean>

interface Answer {
  readonly id: number
  readonly good: boolean
  readonly error?: Error
}
interface Waiting {
  readonly resolve: (good: boolean) => void
  readonly reject: (error: Error) => void
}

/** The thread starts with the first question and keeps no process alive that has none. */
export function createDigestThread(): CheckDigest {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let last = 0

  const settle = (id: number, how: (one: Waiting) => void) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker?.unref()
    if (one !== undefined) how(one)
  }
  const die = (error: Error) => {
    worker = null
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error))
  }
  const start = (): Worker => {
    const bcrypt = pathToFileURL(createRequire(import.meta.url).resolve('bcryptjs')).href
    const started = new Worker(program, { eval: true, workerData: { bcrypt } })
    started.on('message', ({ id, good, error }: Answer) =>
      settle(id, ({ resolve, reject }) => (error === undefined ? resolve(good) : reject(error))),
    )
    started.once('error', die)
    started.once('exit', () => die(new Error('the thread that checks passwords ended')))
    return started
  }
  return (password, digest) =>
    new Promise((resolve, reject) => {
      worker ??= start()
      worker.ref()
      waiting.set(++last, { resolve, reject })
      worker.postMessage({ id: last, password, digest })
    })
}
