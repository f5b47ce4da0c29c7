import { interfaceKinds } from '../../../drivers/interfaces.js'
import { InvalidParameterValue } from '../../../errors.js'
import { links } from '../../links.js'
import type { ApiRequest } from '../../request.js'
import { selectFields, serializer, type FieldMakers } from '../../serialize.js'
import type { ActiveDriver } from './queries.js'

interface Env {
  readonly baseUrl: string
}
type Makers = FieldMakers<ActiveDriver, Env>

const makers: Makers = {
  name: (d) => d.name,
  hosts: (d) => d.hosts,
  links: (d, { baseUrl }) => links(baseUrl, `drivers/${d.name}`),
  properties: (d, { baseUrl }) => links(baseUrl, `drivers/${d.name}/properties`),
  // Classic drivers of 2015 are declared as hardware types.
  type: () => 'dynamic',
  ...Object.fromEntries(
    interfaceKinds.flatMap((kind): [string, Makers[string]][] => [
      [`default_${kind}_interface`, (d) => defaultOf(d, kind)],
      [`enabled_${kind}_interfaces`, (d) => enabledOf(d, kind)],
    ]),
  ),
}

const ofKind = (driver: ActiveDriver, kind: string) =>
  driver.interfaces.filter((i) => i.kind === kind)

const defaultOf = (driver: ActiveDriver, kind: string): string | null =>
  ofKind(driver, kind).find((i) => i.isDefault)?.name ?? null

const enabledOf = (driver: ActiveDriver, kind: string): string[] =>
  [...new Set(ofKind(driver, kind).map((i) => i.name))].sort()

/**
 * The serializer of one answer.
 * @param detail with the interfaces
 * @throws InvalidParameterValue 400, once a driver is to be shown, for fields the form lacks
 */
export function driverSerializer<O>(
  request: ApiRequest<O>,
  fields: readonly string[] | undefined,
  detail: boolean,
): (driver: ActiveDriver) => Record<string, unknown> {
  const form = selectFields(request.contract, 'Driver', request.minor, { short: !detail })
  const bad = (fields ?? []).filter((f) => !form.includes(f))
  const wanted = (name: string) => fields === undefined || name === 'links' || fields.includes(name)
  const make = serializer(makers, form.filter(wanted), { baseUrl: request.baseUrl })
  return (driver) => {
    if (bad.length > 0) {
      throw new InvalidParameterValue(`Field(s) "${bad.join(', ')}" are not valid`)
    }
    return make(driver)
  }
}
