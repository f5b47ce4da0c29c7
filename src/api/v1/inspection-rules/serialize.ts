import type { RuleStep } from '../../../conductor/inspection/rules/validate.js'
import type { InspectionRuleRow } from '../../../db/rows.js'
import { refuseUnknownFields } from '../../fields.js'
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
}

const isLooped = ({ loop }: RuleStep): boolean =>
  typeof loop === 'object' && loop !== null && Object.keys(loop).length > 0

const action = (a: RuleStep) => ({
  op: a.op,
  args: a.args,
  ...(isLooped(a) ? { loop: a.loop } : {}),
})
const condition = (c: RuleStep) => ({
  ...action(c),
  ...(isLooped(c) ? { multiple: c.multiple ?? 'any' } : {}),
})

const makers: FieldMakers<InspectionRuleRow, Env> = {
  uuid: (r) => r.uuid,
  created_at: (r) => isoTime(r.createdAt),
  updated_at: (r) => isoTime(r.updatedAt),
  description: (r) => r.description,
  priority: (r) => r.priority,
  sensitive: (r) => r.sensitive ?? false,
  phase: (r) => r.phase,
  conditions: (r) => (r.sensitive ? null : ((r.conditions ?? []) as RuleStep[]).map(condition)),
  actions: (r) => (r.sensitive ? null : (r.actions as RuleStep[]).map(action)),
  // The path is not the resource's own; clients have learned it so.
  links: (r, { baseUrl }) => links(baseUrl, `inspection/${r.uuid}`),
}

/** The serializer of one answer. @throws Invalid 400 on fields that do not exist */
export function ruleSerializer<O>(
  { contract, minor, baseUrl }: ApiRequest<O>,
  selection: Selection = {},
): (row: InspectionRuleRow) => Record<string, unknown> {
  refuseUnknownFields(contract, 'InspectionRule', selection.fields, minor)
  const names = selectFields(contract, 'InspectionRule', minor, selection)
  return serializer(makers, names, { baseUrl })
}
