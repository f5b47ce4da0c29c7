import { Invalid, NotAcceptable } from '../../../errors.js'
import type { ApiRequest } from '../../request.js'
import { covers } from '../../contract/versions.js'

/**
 * Refuses fields, and sort keys, that the version does not have yet.
 * @throws NotAcceptable 406
 */
export function gateFields<O>({ contract, minor }: ApiRequest<O>, names: readonly string[]): void {
  const early = contract.fields('Node').filter((f) => !covers(f, minor) && !isLinks(f.name))
  if (early.some((f) => names.includes(f.name))) throw new NotAcceptable()
}

/** Never asked for by name, at any version. */
const isLinks = (name: string) => ['states', 'portgroups', 'volume'].includes(name)

/**
 * Refuses names that the `fields` argument of the operation does not list.
 * @throws Invalid 400
 */
export function checkFields<O>({ operation }: ApiRequest<O>, names: readonly string[]): void {
  const parameter = operation.parameters.find((p) => p.name === 'fields')
  const items = parameter?.schema['items'] as { enum?: readonly string[] } | undefined
  const bad = names.find((n) => items?.enum?.includes(n) !== true)
  if (bad !== undefined) throw new Invalid(`Field ${bad} is not a valid field.`)
}
