import { randomUUID } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { eq } from 'drizzle-orm'
import { insertMissing } from '../../../db/many.js'
import type { PortRow } from '../../../db/rows.js'
import { ports as portTable } from '../../../db/schema/index.js'
import { isObject, type Plain } from '../plain.js'
import { foundInterfaces, type Found } from './interfaces.js'
import { linkOf } from './lldp.js'
import type { Hook, HookRun } from './types.js'

/** Adds, updates and removes the node's ports. */
export const ports: Hook = {
  name: 'ports',
  needs: ['validate-interfaces'],
  async run(run) {
    if (run.task.ctx.config.inspector.add_ports !== 'disabled') await addPorts(run)
    await updatePorts(run)
  },
}

async function addPorts(run: HookRun): Promise<void> {
  const { ctx, node } = run.task
  const rows = foundInterfaces(run, 'valid').map((i) => ({
    uuid: randomUUID(),
    address: i.mac_address,
    nodeId: node.id,
    pxeEnabled: i.pxe_enabled,
    extra: i['client_id'] ? { 'client-id': i['client_id'] } : {},
    createdAt: ctx.clock.now(),
  }))
  await insertMissing(ctx.db.orm, portTable, rows)
}

async function updatePorts(run: HookRun): Promise<void> {
  const { inspector } = run.task.ctx.config
  const all = new Map(foundInterfaces(run, 'all').map((i) => [i.mac_address, i]))
  const expected = expectedMacs(run, inspector.keep_ports)
  for (const port of await run.task.ports()) {
    if (expected !== null && !expected.has(port.address ?? '')) await removePort(run, port)
    else await updatePort(run, port, all.get(port.address ?? ''))
  }
}

function expectedMacs(run: HookRun, keep: string): ReadonlySet<string> | null {
  if (keep === 'all') return null
  const macs = foundInterfaces(run, keep === 'present' ? 'all' : 'valid').map((i) => i.mac_address)
  return macs.length === 0 ? null : new Set(macs)
}

async function removePort({ task }: HookRun, port: PortRow): Promise<void> {
  task.ctx.log.inspection.info(
    { node: task.node.uuid, port: port.uuid },
    'a port was not found and goes',
  )
  await task.ctx.db.orm.delete(portTable).where(eq(portTable.id, port.id))
}

async function updatePort(run: HookRun, port: PortRow, found: Found | undefined): Promise<void> {
  const pxeEnabled = found?.pxe_enabled ?? false
  const clientId = found?.['client_id']
  const changed: Partial<PortRow> = {
    ...(run.task.ctx.config.inspector.update_pxe_enabled && pxeEnabled !== port.pxeEnabled
      ? { pxeEnabled }
      : {}),
    ...(clientId && clientId !== port.extra?.['client-id']
      ? { extra: { ...port.extra, 'client-id': clientId } }
      : {}),
  }
  await savePort(run, port, changed)
}

async function savePort({ task }: HookRun, port: PortRow, changed: Partial<PortRow>) {
  if (Object.keys(changed).length === 0) return
  await task.ctx.db.orm
    .update(portTable)
    .set({ ...changed, updatedAt: task.ctx.clock.now() })
    .where(eq(portTable.id, port.id))
}

/** The ports of the interfaces that were found, with what was found. */
async function matched(run: HookRun): Promise<(readonly [PortRow, Found])[]> {
  const byMac = new Map(foundInterfaces(run, 'all').map((i) => [i.mac_address, i]))
  return (await run.task.ports()).flatMap((p) => {
    const found = byMac.get(p.address ?? '')
    return found === undefined ? [] : [[p, found] as const]
  })
}

/** Learns from LLDP which switch port each port is connected to; what is known stays. */
export const localLinkConnection: Hook = {
  name: 'local-link-connection',
  needs: ['validate-interfaces'],
  async run(run) {
    const raw = run.pluginData['lldp_raw']
    for (const [port, found] of await matched(run)) {
      const lldp = (isObject(raw) ? raw[found.name] : undefined) ?? found['lldp']
      const link: Plain = { ...linkOf(lldp), ...port.localLinkConnection }
      const isNew = Object.keys(link).length > Object.keys(port.localLinkConnection ?? {}).length
      if (isNew) await savePort(run, port, { localLinkConnection: link })
    }
  },
}

/** Names each port's physical network by the address its interface had. */
export const physicalNetwork: Hook = {
  name: 'physical-network',
  needs: ['validate-interfaces'],
  async run(run) {
    const networks = run.task.ctx.config.inspector.physical_network_cidr_map.map(parseNetwork)
    for (const [port, found] of await matched(run)) {
      const ips = [found['ipv4_address'], found['ipv6_address']].filter(
        (ip) => typeof ip === 'string',
      )
      const name = ips
        .map((ip) => networks.find((n) => n.has(ip))?.name)
        .find((n) => n !== undefined)
      if (name !== undefined && name !== port.physicalNetwork) {
        await savePort(run, port, { physicalNetwork: name })
      }
    }
  },
}

/** `10.0.0.0/8:physnet` @throws Error on anything else */
function parseNetwork(entry: string): { name: string; has: (ip: string) => boolean } {
  const at = entry.lastIndexOf(':')
  const [base = '', bits = ''] = entry.slice(0, at).split('/')
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(base, Number(bits), family)
  return {
    name: entry.slice(at + 1),
    has: (ip) => isIP(ip) === (family === 'ipv6' ? 6 : 4) && list.check(ip, family),
  }
}
