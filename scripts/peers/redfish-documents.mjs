// Documents of Redfish services, as libraries of others ship them for their own tests.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PeerError, cacheDir, sh, works } from './cache.mjs'

/** Pinned: the tests know what is in them. */
const crate = { name: 'libredfish', version: '0.2.0', documents: 'src/model/testdata' }
const packages = [
  { name: 'proliantutils', version: '2.16.3', documents: 'proliantutils/tests/redfish' },
  { name: 'sushy', version: '5.14.0', documents: 'sushy/tests/unit' },
]
const pins = JSON.stringify([crate, ...packages])

const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo')

/** A Cargo that tells of crates (1.82 and newer). */
async function cargo() {
  for (const file of ['cargo', join(cargoHome, 'bin', 'cargo')])
    if (await works(file, ['info', '--help'])) return file
  throw new PeerError(
    `the crate ${crate.name} is fetched by "cargo info", which Cargo 1.82 brought`,
  )
}

/** Cargo unpacks a crate to tell of it; no other crate is fetched for that. */
async function fetchCrate(out) {
  const { name, version, documents } = crate
  const asked = ['info', '--quiet', '--registry', 'crates-io', `${name}@${version}`]
  await sh(await cargo(), asked, { timeoutMs: 120_000 })
  const sources = join(cargoHome, 'registry', 'src')
  const unpacked = (existsSync(sources) ? readdirSync(sources) : [])
    .map((registry) => join(sources, registry, `${name}-${version}`, documents))
    .find((dir) => existsSync(dir))
  if (!unpacked) throw new PeerError(`cargo info left no ${name}-${version} under ${sources}`)
  cpSync(unpacked, join(out, name), { recursive: true })
}

/** The packages alone: nothing of them is run. */
async function fetchPackages(out, python) {
  const venv = join(out, '.venv')
  const site = join(out, '.site')
  await sh(python, ['-m', 'venv', venv])
  const names = packages.map(({ name, version }) => `${name}==${version}`)
  const where = ['install', '--quiet', '--no-deps', '--target', site]
  await sh(join(venv, 'bin', 'pip'), [...where, ...names], { timeoutMs: 300_000 })
  for (const { name, documents } of packages)
    cpSync(join(site, documents, 'json_samples'), join(out, name), { recursive: true })
  for (const dir of [venv, site]) rmSync(dir, { recursive: true, force: true })
}

/**
 * Fetches them into the cache, once per set of pins.
 * @param python resolves to a Python with venv
 * @returns where they are: a folder of JSON files per library
 */
export async function redfishDocuments(python) {
  const dir = join(cacheDir, 'redfish-documents')
  const marker = join(dir, '.pins')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === pins) return { dir }
  rmSync(dir, { recursive: true, force: true })
  await fetchPackages(dir, await python())
  await fetchCrate(dir)
  writeFileSync(marker, pins)
  return { dir }
}
