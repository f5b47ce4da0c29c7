import { InvalidParameterValue, NotFound } from '../../../../errors.js'
import { refuseDetailWithFields } from '../../../fields.js'
import type { Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { findBiosSetting, listBiosSettings } from './queries.js'
import { biosSerializer } from './serialize.js'

const rule = 'baremetal:node:bios:get'

export const list: Handler<operations['nodeBios.list']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, rule, args.node_ident)
  refuseDetailWithFields(args)
  refuseUnstored(args.fields)
  const rows = await listBiosSettings(ctx.db.orm, node.id)
  const selection = { fields: args.fields, short: args.detail !== true }
  return { body: { bios: rows.map(biosSerializer(request, args.node_ident, selection)) } }
}

/** Names the schema takes although a setting does not have them: upstream fails with a 500. */
const unstored = ['links', 'node_uuid']

function refuseUnstored(fields: readonly string[] | undefined): void {
  const bad = fields?.filter((f) => unstored.includes(f)) ?? []
  if (bad.length > 0) throw new InvalidParameterValue(`Field(s) "${bad.join(', ')}" are not valid`)
}

export const show: Handler<operations['nodeBios.show']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, rule, args.node_ident)
  const name = args.setting_name
  const row = await findBiosSetting(ctx.db.orm, node.id, name)
  if (row === null) throw new NotFound(`Node ${node.uuid} doesn't have a BIOS setting '${name}'`)
  return { body: { [name]: biosSerializer(request, node.uuid, {})(row) } }
}
