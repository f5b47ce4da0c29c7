import type { ConductorRow } from '../../../db/rows.js'
import { links } from '../../links.js'
import type { ApiRequest } from '../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../serialize.js'

interface Env {
  readonly baseUrl: string
  /** A conductor that has not renewed its row since is dead. */
  readonly oldest: Date
}

const makers: FieldMakers<ConductorRow, Env> = {
  created_at: (c) => isoTime(c.createdAt),
  updated_at: (c) => isoTime(c.updatedAt),
  hostname: (c) => c.hostname,
  conductor_group: (c) => c.conductorGroup,
  drivers: (c) => c.drivers ?? [],
  links: (c, { baseUrl }) => links(baseUrl, `conductors/${c.hostname}`),
  alive: (c, { oldest }) => c.online === true && c.updatedAt !== null && c.updatedAt >= oldest,
}

/** The serializer of one answer. */
export function conductorSerializer<O>(
  request: ApiRequest<O>,
  selection: Selection,
): (row: ConductorRow) => Record<string, unknown> {
  const { ctx, contract, minor, baseUrl } = request
  const timeoutMs = ctx.config.conductor.heartbeat_timeout * 1000
  const oldest = new Date(timeoutMs === 0 ? 0 : ctx.clock.now().getTime() - timeoutMs)
  return serializer(makers, selectFields(contract, 'Conductor', minor, selection), {
    baseUrl,
    oldest,
  })
}
