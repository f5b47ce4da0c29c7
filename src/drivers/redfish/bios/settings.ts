import { eq } from 'drizzle-orm'
import type { JsonObject } from '../../../db/columns.js'
import type { BiosSettingRow } from '../../../db/rows.js'
import { biosSettings } from '../../../db/schema/index.js'
import { InvalidParameterValue, UnsupportedDriverExtension } from '../../../errors.js'
import { BmcError, MissingAttribute } from '../../../protocols/redfish/errors.js'
import {
  attributeRules,
  readBios,
  type AttributeRule,
  type Bios,
} from '../../../protocols/redfish/resources/bios.js'
import { pythonStr } from '../../../python/repr.js'
import type { BiosSetting } from '../../bios/settings.js'
import { syncBiosSettings } from '../../bios/settings.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'

/** The machine keeps no BIOS settings for its BMC (upstream puts its own text in the place of the usual). */
class BiosUnsupported extends UnsupportedDriverExtension {
  constructor(uuid: string) {
    super('', '')
    this.message = `Cannot fetch BIOS attributes for node ${uuid}, BIOS settings are not supported.`
  }
}

/** Reads the settings and their rules into `bios_settings`. @throws UnsupportedDriverExtension, RedfishError */
export async function cacheBiosSettings(task: Task): Promise<void> {
  const settings = await withBmc(task, async (bmc) => {
    const bios = await supported(bmc)
    const rules = await knownRules(bmc, bios)
    return Object.entries(bios.attributes).map(([name, value]) => toSetting(name, value, rules))
  })
  const { clock, db } = task.ctx
  await db.orm.transaction((tx) => syncBiosSettings(tx, task.node.id, settings, clock.now()))
}

async function supported(bmc: Bmc): Promise<Bios> {
  try {
    return await readBios(bmc.talk, await bmc.system())
  } catch (error) {
    if (error instanceof MissingAttribute) throw new BiosUnsupported(bmc.task.node.uuid)
    throw error
  }
}

/** Settings without rules are of use as well. */
async function knownRules(bmc: Bmc, bios: Bios): Promise<ReadonlyMap<string, AttributeRule>> {
  try {
    const rules = await attributeRules(bmc.talk, bios)
    return new Map(rules.map((rule) => [rule.name, rule]))
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const log = bmc.task.ctx.log.bmc
    log.warn({ reason: error.message, node: bmc.task.node.uuid }, 'the BIOS settings have no rules')
    return new Map()
  }
}

function toSetting(
  name: string,
  value: unknown,
  rules: ReadonlyMap<string, AttributeRule>,
): BiosSetting {
  const shown = value === null || value === undefined ? null : pythonStr(value)
  const rule = rules.get(name)
  if (rule === undefined) return { name, value: shown }
  return {
    name,
    value: shown,
    attributeType: rule.type,
    allowableValues: rule.values === null ? null : [...rule.values],
    lowerBound: storable(rule.lowerBound, long),
    upperBound: storable(rule.upperBound, long),
    minLength: storable(rule.minLength, int),
    maxLength: storable(rule.maxLength, int),
    readOnly: rule.readOnly,
    resetRequired: rule.resetRequired,
    unique: rule.unique,
  }
}

/** A bound beyond its column bounds nothing: NVIDIA's DGX has some of 2^63 - 1. */
const storable = (bound: number | null, limit: number): number | null =>
  bound !== null && Math.abs(bound) < limit ? Math.trunc(bound) : null
const long = 2 ** 63
const int = 2 ** 31

/**
 * The `settings` of a step as attributes, checked against what is stored and in the types the BMC
 * wants.
 * @throws InvalidParameterValue naming those that will not do
 */
export async function wantedAttributes(task: Task, argument: unknown): Promise<JsonObject> {
  const given = readSettings(argument)
  const { orm } = task.ctx.db
  const rows = await orm.select().from(biosSettings).where(eq(biosSettings.nodeId, task.node.id))
  const stored = new Map(rows.map((row) => [row.name, row]))
  const invalid: string[] = []
  const attributes: JsonObject = {}
  for (const { name, value } of given) {
    const fit = fitting(stored.get(name), value)
    if (fit === undefined) invalid.push(name)
    else attributes[name] = fit
  }
  if (invalid.length === 0) return attributes
  throw new InvalidParameterValue(
    `Redfish BIOS apply_configuration failed for node ${task.node.uuid}: invalid value for setting(s): ${invalid.join(', ')}`,
  )
}

function readSettings(argument: unknown): { name: string; value: unknown }[] {
  const list: unknown[] = Array.isArray(argument) ? argument : []
  const named = list.filter(
    (item): item is JsonObject & { name: string } =>
      typeof (item as JsonObject | null)?.['name'] === 'string',
  )
  if (!Array.isArray(argument) || named.length < list.length) {
    throw new InvalidParameterValue('The BIOS settings must be a list of name/value pairs.')
  }
  return named.map(({ name, value }) => ({ name, value: value ?? null }))
}

/** The value in its type; undefined: it will not do. */
function fitting(row: BiosSettingRow | undefined, value: unknown): unknown {
  if (row === undefined) return value
  if (row.readOnly === true) return undefined
  switch (row.attributeType) {
    case 'Enumeration':
      return isAllowed(row, value) ? value : undefined
    case 'Integer':
      return integer(row, value)
    case 'Boolean':
      return typeof value === 'string' ? value.toLowerCase() === 'true' : value
    case 'String':
      return isOfLength(row, value) ? value : undefined
    default:
      return value
  }
}

function isAllowed(row: BiosSettingRow, value: unknown): boolean {
  const allowed: unknown = row.allowableValues
  return !Array.isArray(allowed) || allowed.length === 0 || allowed.includes(value)
}

function integer(row: BiosSettingRow, value: unknown): number | undefined {
  const n = typeof value === 'number' ? Math.trunc(value) : Number.parseInt(pythonStr(value), 10)
  const whole = /^\s*[-+]?\d+\s*$/.test(pythonStr(value)) || typeof value === 'number'
  if (!whole || Number.isNaN(n)) return undefined
  return within(n, row.lowerBound, row.upperBound) ? n : undefined
}

const isOfLength = (row: BiosSettingRow, value: unknown): boolean =>
  within(pythonStr(value).length, row.minLength, row.maxLength)

const within = (n: number, least: number | null, most: number | null): boolean =>
  (least === null || n >= least) && (most === null || n <= most)
