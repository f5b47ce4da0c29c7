import { refuseUnknownFields } from '../../fields.js'
import { links } from '../../links.js'
import { maskSecrets } from '../../../mask.js'
import type { ApiRequest } from '../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../serialize.js'
import type { Runbook } from './queries.js'

interface Env {
  readonly baseUrl: string
}

const makers: FieldMakers<Runbook, Env> = {
  uuid: (r) => r.uuid,
  created_at: (r) => isoTime(r.createdAt),
  updated_at: (r) => isoTime(r.updatedAt),
  name: (r) => r.name,
  extra: (r) => r.extra ?? {},
  public: (r) => r.public,
  owner: (r) => r.owner,
  disable_ramdisk: (r) => r.disableRamdisk,
  description: (r) => r.description,
  links: (r, { baseUrl }) => links(baseUrl, `runbooks/${r.uuid}`),
  steps: (r) =>
    r.steps.map((s) => ({
      interface: s.interface,
      step: s.step,
      args: maskSecrets(s.args),
      order: s.order,
    })),
  traits: (r) => r.traits,
}

/** The serializer of one answer. @throws Invalid 400 on fields that do not exist */
export function runbookSerializer<O>(
  { contract, minor, baseUrl }: ApiRequest<O>,
  selection: Selection = {},
): (row: Runbook) => Record<string, unknown> {
  refuseUnknownFields(contract, 'Runbook', selection.fields, minor)
  return serializer(makers, selectFields(contract, 'Runbook', minor, selection), { baseUrl })
}
