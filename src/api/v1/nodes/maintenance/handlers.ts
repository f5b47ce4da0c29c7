import { withNode } from '../../../../conductor/node/with-node.js'
import type { NodeRow, NodeUpdate } from '../../../../db/rows.js'
import { mergedArguments, type ApiRequest, type Handler } from '../../../request.js'
import { noHostIsBadRequest } from '../states/no-host.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

export const set: Handler<operations['nodeMaintenance.set']> = async (request) => {
  const { reason, node_ident: ident } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_maintenance', ident)
  await update(request, node, { maintenance: true, maintenanceReason: reason ?? null })
  return {}
}

export const clear: Handler<operations['nodeMaintenance.clear']> = async (request) => {
  const rule = 'baremetal:node:clear_maintenance'
  const node = await checkNodePolicy(request, rule, request.args.node_ident)
  await update(request, node, { maintenance: false, maintenanceReason: null, fault: null })
  return {}
}

/** Needs the lock, as every update does (docs/reference/conductor.md, 2.2). */
async function update<O>(
  { ctx, caller }: ApiRequest<O>,
  node: NodeRow,
  changes: Pick<NodeUpdate, 'maintenance' | 'maintenanceReason' | 'fault'>,
): Promise<void> {
  const options = { purpose: 'node update', loadDriver: false }
  await noHostIsBadRequest(() =>
    withNode(ctx, caller, node.uuid, options, async (task) => {
      Object.assign(task.node, changes)
      await task.save()
    }),
  )
}
