// Documents that came from machines of several makers, as the peer `redfish-documents` brings them: none is kept here.
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { asObject, type Json } from '../../../src/protocols/redfish/json.js'
import { root } from '../peers/root.js'
import { plain, type Documents } from './mockup-service.js'

const run = promisify(execFile)

export interface Captured {
  readonly library: string
  /** File without its extension, and the key where one file has several. */
  readonly name: string
  /** `Bios`, of `#Bios.v1_1_1.Bios`. */
  readonly kind: string
  readonly json: Json
}

/** All of them. @throws Error with the installer's reason where they cannot be had */
export async function vendorDocuments(): Promise<Captured[]> {
  const script = join(root, 'scripts', 'peers', 'install.mjs')
  const { stdout } = await run(process.execPath, [script, 'redfish-documents'])
  const { dir } = JSON.parse(stdout) as { dir: string }
  const libraries = readdirSync(dir, { withFileTypes: true }).filter((one) => one.isDirectory())
  return libraries.flatMap(({ name }) => ofLibrary(join(dir, name), name))
}

function ofLibrary(dir: string, library: string): Captured[] {
  const files = readdirSync(dir).filter((file) => file.endsWith('.json'))
  return files.toSorted().flatMap((file) => {
    const json = asObject(JSON.parse(readFileSync(join(dir, file), 'utf8')))
    const name = basename(file, '.json')
    if (typeof json['@odata.type'] === 'string')
      return [{ library, name, kind: kindOf(json), json }]
    const several = Object.entries(json).filter(
      ([, one]) => typeof asObject(one)['@odata.type'] === 'string',
    )
    return several.map(([key, one]) => ({
      library,
      name: `${name}/${key}`,
      kind: kindOf(asObject(one)),
      json: asObject(one),
    }))
  })
}

const kindOf = (json: Json): string => String(json['@odata.type']).split('.').at(-1) ?? ''

/** One by its names. */
export function documentOf(all: readonly Captured[], library: string, name: string): Json {
  const found = all.find((one) => one.library === library && one.name === name)
  if (found === undefined) throw new Error(`${library} has no document ${name}`)
  return found.json
}

const link = (path: string): Json => ({ '@odata.id': path })

/**
 * A service of some documents, each where it says that it stands. What leads to them and was not
 * captured is made up and has ids and links, no more: the root, its lists, a chassis, and `links`.
 * @param chassis path
 */
export function machineOf(
  documents: readonly Json[],
  chassis: string,
  links: Readonly<Record<string, Json>> = {},
): Documents {
  const found: Documents = new Map(Object.entries(links))
  for (const json of documents) found.set(plain(String(json['@odata.id'])), json)
  const of = (under: string): Json[] =>
    [...found.keys()].filter((path) => dirname(path) === under).map(link)
  const parts = ['Power', 'Thermal', 'NetworkAdapters']
  const missing: Record<string, Json> = {
    '/redfish/v1': {
      Systems: link('/redfish/v1/Systems'),
      Managers: link('/redfish/v1/Managers'),
      Registries: link('/redfish/v1/Registries'),
    },
    '/redfish/v1/Systems': { Members: of('/redfish/v1/Systems') },
    '/redfish/v1/Managers': { Members: of('/redfish/v1/Managers') },
    '/redfish/v1/Registries': { Members: of('/redfish/v1/Registries') },
    [chassis]: {
      Id: basename(chassis),
      ...Object.fromEntries(parts.map((part) => [part, link(`${chassis}/${part}`)])),
    },
  }
  for (const [path, json] of Object.entries(missing)) if (!found.has(path)) found.set(path, json)
  return found
}
