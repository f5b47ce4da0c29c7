import { InvalidParameterValue } from '../../../../errors.js'
import { covers } from '../../../contract/versions.js'
import type { ApiRequest, Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { listFirmware } from './queries.js'
import { firmwareSerializer } from './serialize.js'

export const list: Handler<operations['nodeFirmware.list']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:firmware:get', args.node_ident)
  refuseLaterFields(request, args.fields)
  const rows = await listFirmware(ctx.db.orm, node.id)
  return { body: { firmware: rows.map(firmwareSerializer(request, args.fields)) } }
}

/** @throws InvalidParameterValue 400, with a text of its own where others answer 406 */
function refuseLaterFields<O>(
  { contract, minor }: ApiRequest<O>,
  asked: readonly string[] | undefined,
): void {
  const later = contract
    .fields('FirmwareComponent')
    .filter((f) => asked?.includes(f.name) === true && !covers(f, minor))
  if (later.length === 0) return
  const names = later.map((f) => f.name).sort()
  const since = Math.max(...later.map((f) => f.min))
  throw new InvalidParameterValue(
    `Fields ${names.join(', ')} are not allowed in this API version. They require at least API version 1.${since}.`,
  )
}
