// `npm run bench -- memory`: deploys and tears down the same nodes again and again and prints the resident
// memory as it goes: it must not grow. --cycles 20000, --nodes 50, --home postgres
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { pooled, Rest } from '../_util/peers/rest.js'
import { residentMiB } from './figures.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    cycles: { type: 'string', default: '20000' },
    nodes: { type: 'string', default: '50' },
    home: { type: 'string', default: 'postgres' },
  },
})
const width = Number(values.nodes)
const rounds = Math.ceil(Number(values.cycles) / width)

async function all(rest: Rest, uuids: string[], target: string, state: string): Promise<void> {
  await pooled(uuids, 8, (uuid) => rest.must('PUT', `/nodes/${uuid}/states/provision`, { target }))
  for (;;) {
    const path = '/nodes?fields=uuid,provision_state'
    const { nodes } = await rest.must<{ nodes: { provision_state: string }[] }>('GET', path)
    if (nodes.every((node) => node.provision_state === state)) return
    await sleep(20)
  }
}

await using ferric = await Ferric.prepare(values.home as Home, fakeConf())
await ferric.start()
const rest = new Rest(ferric.url)
const uuids = await pooled(Array.from({ length: width }), 8, async () => {
  const body = { driver: 'fake-hardware', automated_clean: false }
  return (await rest.must<{ uuid: string }>('POST', '/nodes', body)).uuid
})
await all(rest, uuids, 'manage', 'manageable')
await all(rest, uuids, 'provide', 'available')
const began = performance.now()
for (let round = 0; round <= rounds; round++) {
  if (round % Math.max(1, Math.floor(rounds / 20)) === 0) {
    const seconds = (performance.now() - began) / 1000
    const rate = round === 0 ? 0 : (round * width) / seconds
    process.stdout.write(
      `${String(round * width).padStart(6)} cycles  ${residentMiB(ferric.pids).toFixed(0)} MiB  ${rate.toFixed(0)} a second\n`,
    )
  }
  await all(rest, uuids, 'active', 'active')
  await all(rest, uuids, 'deleted', 'available')
}
