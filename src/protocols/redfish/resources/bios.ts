import type { Document } from '../client.js'
import { MissingAction, MissingAttribute, NotThere } from '../errors.js'
import { asArray, asObject, asString, isObject, linkOf, type Json } from '../json.js'
import { listOf, load, optional, raw, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { memberPaths } from './collection.js'
import { readRoot } from './service-root.js'
import type { System } from './system.js'

const shape = {
  attributes: optional('Attributes', raw),
  registry: optional('AttributeRegistry', text),
  settings: optional('@Redfish.Settings/SettingsObject/@odata.id', text),
  applyTimes: optional('@Redfish.Settings/SupportedApplyTimes', listOf(text)),
  resetTarget: optional('Actions/#Bios.ResetBios/target', text),
}
/** BIOS settings (Bios). */
export type Bios = Omit<Loaded<typeof shape>, 'attributes'> & {
  readonly attributes: Json
  readonly document: Document
}

/** @throws BmcError, MissingAttribute when the machine does not show them */
export async function readBios(talk: Talk, system: System): Promise<Bios> {
  if (system.bios === null) throw new MissingAttribute('Bios/@odata.id', system.document.path)
  const document = await talk.get(system.bios)
  const bios = load(shape, document)
  return { ...bios, attributes: asObject(bios.attributes), document }
}

/** What the next start will take up; empty when the service does not say. @throws BmcError */
export async function pendingAttributes(talk: Talk, bios: Bios): Promise<Json> {
  if (bios.settings === null) return {}
  return asObject(asObject((await talk.get(bios.settings)).json)['Attributes'])
}

/** Asks for settings, taken up at the next start. @throws BmcError */
export async function setAttributes(talk: Talk, bios: Bios, attributes: Json): Promise<void> {
  if (bios.settings === null) {
    throw new MissingAttribute('@Redfish.Settings/SettingsObject/@odata.id', bios.document.path)
  }
  const atReset = bios.applyTimes?.includes('OnReset') ?? false
  const when = atReset
    ? {
        '@Redfish.SettingsApplyTime': {
          '@odata.type': '#Settings.v1_0_0.PreferredApplyTime',
          ApplyTime: 'OnReset',
        },
      }
    : {}
  const settings = await talk.get(bios.settings)
  await talk.patch(settings, { Attributes: attributes, ...when })
}

/** @throws BmcError, MissingAction */
export async function resetBios(talk: Talk, bios: Bios): Promise<void> {
  if (bios.resetTarget === null) throw new MissingAction('#Bios.ResetBios', bios.document.path)
  await talk.post(bios.resetTarget, {})
}

/** What a setting may be (AttributeRegistry, RegistryEntries.Attributes). */
export interface AttributeRule {
  readonly name: string
  readonly type: string | null
  readonly values: readonly string[] | null
  readonly lowerBound: number | null
  readonly upperBound: number | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly readOnly: boolean | null
  readonly resetRequired: boolean | null
  readonly unique: boolean | null
}

/** The rules of the settings; empty when the service does not give them. @throws BmcError */
export async function attributeRules(talk: Talk, bios: Bios): Promise<AttributeRule[]> {
  const { registries } = await readRoot(talk)
  if (registries === null || bios.registry === null) return []
  const file = await registryFile(talk, registries, bios.registry)
  const location = file === null ? null : locationOf(file)
  if (location === null) return []
  const registry = asObject((await talk.get(location)).json)
  const rules = asArray(asObject(registry['RegistryEntries'])['Attributes']).filter(isObject)
  return rules.map(toRule)
}

/** Files of that name first, which mostly is the one; a member that is not there is no other's fault. */
async function registryFile(talk: Talk, registries: string, name: string): Promise<Json | null> {
  const isLikely = (path: string): number => (alike(path).includes(alike(name)) ? 0 : 1)
  const paths = (await memberPaths(talk, registries)).toSorted((a, b) => isLikely(a) - isLikely(b))
  for (const path of paths) {
    const file = await readOrNone(talk, path)
    if (file !== null && isRegistry(file, name)) return file
  }
  return null
}

/** Seen with iLO 5: members of the registries that it does not have. */
async function readOrNone(talk: Talk, path: string): Promise<Json | null> {
  try {
    return asObject((await talk.get(path)).json)
  } catch (error) {
    if (error instanceof NotThere) return null
    throw error
  }
}

/** Supermicro asks for `BiosAttributeRegistry.v1_0_0` and files `BiosAttributeRegistry.1.0.0`. */
const alike = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('_', '.')
    .replace(/\.v(?=\d)/, '.')

const isRegistry = (file: Json, name: string): boolean =>
  [file['Registry'], file['Id']].some((n) => typeof n === 'string' && alike(n) === alike(name))

function locationOf(file: Json): string | null {
  const locations = asArray(file['Location']).map(asObject)
  const english = locations.find((l) => String(l['Language']).startsWith('en')) ?? locations[0]
  const uri = english?.['Uri']
  return asString(uri) ?? linkOf(uri)
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const truthOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)

const toRule = (entry: Json): AttributeRule => ({
  name: asString(entry['AttributeName']) ?? '',
  type: asString(entry['Type']),
  values: Array.isArray(entry['Value']) ? valueNames(entry['Value']) : null,
  lowerBound: numberOf(entry['LowerBound']),
  upperBound: numberOf(entry['UpperBound']),
  minLength: numberOf(entry['MinLength']),
  maxLength: numberOf(entry['MaxLength']),
  readOnly: truthOf(entry['ReadOnly']),
  resetRequired: truthOf(entry['ResetRequired']),
  unique: truthOf(entry['IsSystemUniqueProperty']),
})

const valueNames = (values: readonly unknown[]): string[] =>
  values
    .map(asObject)
    .map((v) => asString(v['ValueName']) ?? asString(v['ValueDisplayName']))
    .filter((name) => name !== null)
