// SIGKILL in the middle of fifty deploys: after a restart nothing acknowledged is lost, no node is left
// in a state that somebody should be working on, and no node is locked by nobody.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { Rest, pooled } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

type Node = {
  uuid: string
  provision_state: string
  reservation: string | null
  last_error: string | null
  extra: { mark?: number }
}

const COUNT = 50
const FIELDS = 'uuid,provision_state,reservation,last_error,extra'
const TRANSIENT = ['deploying', 'wait call-back', 'cleaning', 'clean wait', 'deleting', 'verifying']
const homes: Home[] = ['embedded', 'postgres', 'redis']

async function nodes(rest: Rest): Promise<Node[]> {
  const page = await rest.must<{ nodes: Node[] }>('GET', `/nodes?fields=${FIELDS}`)
  return page.nodes
}

const allIn = (rest: Rest, ...states: string[]) =>
  until(
    async () => {
      const all = await nodes(rest)
      return all.every((node) => states.includes(node.provision_state)) ? all : undefined
    },
    { what: `all nodes in ${states.join(' or ')}`, timeoutMs: 120_000, everyMs: 200 },
  )

const verb = (rest: Rest, uuid: string, target: string) =>
  rest.must('PUT', `/nodes/${uuid}/states/provision`, { target })

async function fiftyAvailable(rest: Rest): Promise<string[]> {
  const create = { driver: 'fake-hardware' }
  const numbers = Array.from({ length: COUNT }, (_, n) => n)
  const made = await pooled(numbers, 8, (n) =>
    rest.must<{ uuid: string }>('POST', '/nodes', { ...create, name: `kill-${n}` }),
  )
  const uuids = made.map((node) => node.uuid)
  await pooled(uuids, 8, (uuid) => verb(rest, uuid, 'manage'))
  await allIn(rest, 'manageable')
  await pooled(uuids, 8, (uuid) => verb(rest, uuid, 'provide'))
  await allIn(rest, 'available')
  return uuids
}

/** Marks nodes one after another until the server is gone; returns what it acknowledged. */
async function mark(rest: Rest, uuids: string[], marks: Map<string, number>): Promise<void> {
  for (let value = 1; ; value += 1) {
    const uuid = uuids[value % uuids.length] ?? ''
    const patch = [{ op: 'add', path: '/extra/mark', value }]
    const answer = await rest.send('PATCH', `/nodes/${uuid}`, patch).catch(() => undefined)
    if (!answer) return
    if (answer.status === 200) marks.set(uuid, value)
  }
}

async function deployAndKill(ferric: Ferric, rest: Rest, uuids: string[]) {
  const acknowledged = new Set<string>()
  const marks = new Map<string, number>()
  await pooled(uuids, 8, async (uuid) => {
    await verb(rest, uuid, 'active')
    acknowledged.add(uuid)
  })
  const marking = mark(rest, uuids, marks)
  await until(
    async () =>
      (await nodes(rest)).some((n) => n.provision_state === 'active') ? true : undefined,
    { what: 'first active node', timeoutMs: 60_000, everyMs: 20 },
  )
  await sleep(200)
  const busy = (await nodes(rest)).filter((node) => TRANSIENT.includes(node.provision_state))
  await ferric.end('SIGKILL')
  await marking
  return { acknowledged, marks, busy: busy.length }
}

describe.each(homes)('killed in the middle of fifty deploys (%s)', (home) => {
  it('loses nothing, leaves nothing halfway, locks nothing', { timeout: 600_000 }, async () => {
    const fake = { deploy_delay: '1,6' }
    await using ferric = await Ferric.prepare(home, fakeConf({ fake }))
    await ferric.start()
    const rest = new Rest(ferric.url)
    const uuids = await fiftyAvailable(rest)
    const { acknowledged, marks, busy } = await deployAndKill(ferric, rest, uuids)
    expect(busy).toBeGreaterThan(0)
    expect(acknowledged.size).toBe(COUNT)

    await ferric.start()
    const settled = await allIn(rest, 'active', 'deploy failed')
    expect(settled.map((node) => node.uuid).toSorted()).toEqual(uuids.toSorted())
    for (const node of settled) {
      expect(node.extra.mark ?? 0).toBeGreaterThanOrEqual(marks.get(node.uuid) ?? 0)
      expect(node.last_error === null).toBe(node.provision_state === 'active')
    }
    await until(
      async () => ((await nodes(rest)).every((n) => n.reservation === null) ? true : undefined),
      { what: 'node without a lock', timeoutMs: 60_000 },
    )

    const failed = settled.filter((node) => node.provision_state === 'deploy failed')
    console.log(
      `${home}: ${busy} under way when killed, ${marks.size} marked, ${failed.length} failed`,
    )
    await pooled(failed, 8, (node) => verb(rest, node.uuid, 'active'))
    expect(await allIn(rest, 'active')).toHaveLength(COUNT)
    expect(ferric.lives).toBe(true)
  })
})
