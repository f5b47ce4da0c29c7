import type { DeployTemplateRow } from '../../../db/rows.js'
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

interface Shown extends DeployTemplateRow {
  readonly steps: readonly {
    readonly interface: string
    readonly step: string
    readonly args: Record<string, unknown>
    readonly priority: number | string
  }[]
}
interface Env {
  readonly baseUrl: string
}

const makers: FieldMakers<Shown, Env> = {
  uuid: (t) => t.uuid,
  created_at: (t) => isoTime(t.createdAt),
  updated_at: (t) => isoTime(t.updatedAt),
  name: (t) => t.name,
  extra: (t) => t.extra ?? {},
  links: (t, { baseUrl }) => links(baseUrl, `deploy_templates/${t.uuid}`),
  steps: (t) =>
    t.steps.map((s) => ({
      interface: s.interface,
      step: s.step,
      args: maskSecrets(s.args),
      priority: s.priority,
    })),
}

/** The serializer of one answer. @throws Invalid 400 on fields that do not exist */
export function templateSerializer<O>(
  { contract, minor, baseUrl }: ApiRequest<O>,
  selection: Selection = {},
): (row: Shown) => Record<string, unknown> {
  refuseUnknownFields(contract, 'DeployTemplate', selection.fields, minor)
  const names = selectFields(contract, 'DeployTemplate', minor, selection)
  return serializer(makers, names, { baseUrl })
}
