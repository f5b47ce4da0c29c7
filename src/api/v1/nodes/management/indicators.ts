/** Indicator lights. On the wire a light is called `<name>@<component>`. */
import {
  getIndicatorState,
  getSupportedIndicators,
  setIndicatorState,
} from '../../../../conductor/operations/indicators.js'
import { routeNode } from '../../../../conductor/cluster/ring.js'
import type { IndicatorInfo } from '../../../../drivers/interfaces.js'
import { InvalidParameterValue } from '../../../../errors.js'
import { links } from '../../../links.js'
import { mergedArguments, type Handler } from '../../../request.js'
import { selectFields, serializer, type FieldMakers } from '../../../serialize.js'
import { pyStr } from '../../../validation/python-repr.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

interface Light {
  readonly name: string
  readonly component: string
  readonly info: IndicatorInfo
}
interface Env {
  readonly baseUrl: string
  /** The node as the client wrote it. */
  readonly ident: string
}

const makers: FieldMakers<Light, Env> = {
  name: (l) => l.name,
  component: (l) => l.component,
  readonly: (l) => l.info.readonly,
  states: (l) => l.info.states,
  links: (l, { baseUrl, ident }) =>
    links(baseUrl, `nodes/${ident}/management/indicators/${l.name}`),
}

export const list: Handler<operations['nodeManagement.listIndicators']> = async (request) => {
  const { ctx, caller, args, contract, minor, baseUrl } = request
  const ident = args.node_ident
  const node = await checkNodePolicy(request, 'baremetal:node:get_indicator_state', ident)
  const found = await getSupportedIndicators(ctx, caller, node.uuid)
  const names = selectFields(contract, 'Indicator', minor)
  const lights = Object.entries(found).flatMap(([component, byName]) =>
    Object.entries(byName).map(([id, info]) => ({ name: `${id}@${component}`, component, info })),
  )
  return { body: { indicators: lights.map(serializer(makers, names, { baseUrl, ident })) } }
}

export const show: Handler<operations['nodeManagement.showIndicator']> = async (request) => {
  const { ctx, caller, args } = request
  const rule = 'baremetal:node:get_indicator_state'
  const node = await checkNodePolicy(request, rule, args.node_ident)
  await routeNode(ctx, node)
  const { component, name } = partsOf(args.indicator)
  return { body: { state: await getIndicatorState(ctx, caller, node.uuid, component, name) } }
}

export const set: Handler<operations['nodeManagement.setIndicator']> = async (request) => {
  const { ctx, caller } = request
  const { node_ident: ident, indicator, state } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_indicator_state', ident)
  await routeNode(ctx, node)
  const { component, name } = partsOf(indicator)
  await setIndicatorState(ctx, caller, node.uuid, component, name, pyStr(state))
  return {}
}

/** @throws InvalidParameterValue 400 */
function partsOf(indicator: string): { component: string; name: string } {
  const at = indicator.indexOf('@')
  if (at < 0) throw new InvalidParameterValue(`Malformed indicator name "${indicator}"`)
  return { component: indicator.slice(at + 1), name: indicator.slice(0, at) }
}
