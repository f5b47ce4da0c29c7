// The servers the compatibility suites run on: Ferric in its three homes, or a real Ironic for proof.
import { startFerric, type Home } from './ferric.js'
import { servePeers } from './serve.js'
import type { ConfChanges } from '../../../scripts/peers/conf.mjs'

const HOMES: Home[] = ['embedded', 'postgres', 'redis']
const REAL = ['ironic-debian', 'ironic-newest'] as const

export type TargetName = Home | (typeof REAL)[number]

/** A running server and the newest microversion it offers. */
export type Target = AsyncDisposable & { name: TargetName; url: string; minor: number }

const isReal = (name: TargetName): name is (typeof REAL)[number] =>
  REAL.some((known) => known === name)

/** Ferric's three homes, or what FERRIC_TARGETS (a comma list) names instead. */
export function targetNames(): TargetName[] {
  const known: TargetName[] = [...HOMES, ...REAL]
  const asked = process.env.FERRIC_TARGETS?.split(',')
  return asked ? known.filter((name) => asked.includes(name)) : HOMES
}

async function newestMinor(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
  const root: { default_version: { version: string } } = JSON.parse(await answer.text())
  return Number(root.default_version.version.split('.')[1])
}

async function startReal(name: (typeof REAL)[number], conf: ConfChanges) {
  const served = await servePeers([name], conf)
  const url = served.peers[0]?.url ?? ''
  return { url, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

/**
 * Starts a server with fake hardware and the given options on a free loopback port.
 * `headers` are what it takes to be let in, where not everybody is.
 */
export async function startTarget(
  name: TargetName,
  conf: ConfChanges = {},
  headers: Record<string, string> = {},
): Promise<Target> {
  const server = isReal(name) ? await startReal(name, conf) : await startFerric(name, conf, headers)
  return {
    name,
    url: server.url,
    minor: await newestMinor(server.url),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
