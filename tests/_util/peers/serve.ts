// Peers (PostgreSQL, Redis, a real Ironic) as scripts/peers/serve.mjs runs them, tied to this process.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ConfChanges } from '../../../scripts/peers/conf.mjs'
import { root } from './root.js'

const script = join(root, 'scripts', 'peers', 'serve.mjs')

export type PeerName =
  | 'postgres'
  | 'redis'
  | 'ironic-debian'
  | 'ironic-newest'
  | 'redfish-emulator'
  | 'neutron'
  | 'swift'

/** A running peer: where it answers, its process, its log. */
export type Peer = {
  name: PeerName
  url: string
  pid: number
  log: string
  startMs?: number
  username?: string
  password?: string
  /** What Swift takes for a token of Keystone. */
  token?: string
}

/** Running peers in the order asked for, stopped together. */
export type Peers = AsyncDisposable & { peers: Peer[] }

type Answer = { ok: true; peers: Peer[] } | { ok: false; reason: string }

async function firstLine(child: ChildProcess): Promise<Answer> {
  if (!child.stdout) throw new Error('serve.mjs has no standard output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
  throw new Error(
    `serve.mjs ended with ${child.exitCode ?? child.signalCode} before it said anything`,
  )
}

async function finish(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await gone
}

/**
 * Installs (where it may) and starts peers on free loopback ports; `conf` changes a real Ironic's options.
 * Throws with the installer's own reason when one cannot be had.
 */
export async function servePeers(names: PeerName[], conf: ConfChanges = {}): Promise<Peers> {
  const args = [script, ...names, '--tied', '--conf', JSON.stringify(conf)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answer = await firstLine(child)
  if (!answer.ok) throw new Error(answer.reason)
  return { peers: answer.peers, [Symbol.asyncDispose]: () => finish(child) }
}
