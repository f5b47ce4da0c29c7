// A Go that is new enough, and test programs of Go modules compiled with it.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { PeerError, cacheDir, sh, works } from './cache.mjs'

/** From 1.21 on, Go fetches the Go a module asks for by itself. */
const FETCHES_ITSELF = [1, 21]

const env = { GOTOOLCHAIN: 'auto', GOFLAGS: '-buildvcs=false', GOWORK: 'off' }

async function versionOf(go) {
  if (!(await works(go, ['version']))) return undefined
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(await sh(go, ['version'])) ?? []
  return [Number(major), Number(minor)]
}

const atLeast = ([major, minor], [a, b]) => major > a || (major === a && minor >= b)

async function installedGo() {
  for (const go of ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go']) {
    const version = await versionOf(go)
    if (version) return { go, version }
  }
  return undefined
}

/** Files of a module have no execute bit; a Go that fetches another sets it, an old one does not know. */
function makeExecutable(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isFile()) chmodSync(join(dir, entry.name), 0o755)
}

/** The Go of the module golang.org/toolchain, by an older Go that only knows modules. */
async function fetchGo(old, wanted) {
  const cpu = arch() === 'x64' ? 'amd64' : arch()
  const module = `golang.org/toolchain@v0.0.1-go${wanted}.linux-${cpu}`
  const options = { env: { GOFLAGS: '-modcacherw' } }
  const { Dir: dir } = JSON.parse(await sh(old, ['mod', 'download', '-json', module], options))
  for (const part of ['bin', join('pkg', 'tool', `linux_${cpu}`)])
    if (existsSync(join(dir, part))) makeExecutable(join(dir, part))
  return join(dir, 'bin', 'go')
}

/**
 * A `go` that compiles modules of `go <wanted>` in their go.mod.
 * `apt` installs Debian packages; throws PeerError when there is none to be had.
 */
export async function goFor(wanted, apt) {
  const there = await installedGo()
  if (!there) await apt(['golang-go', 'ca-certificates'])
  const found = there ?? (await installedGo())
  if (!found) throw new PeerError('apt-get installed golang-go, yet no go runs')
  return atLeast(found.version, FETCHES_ITSELF) ? found.go : fetchGo(found.go, wanted)
}

/** Downloads a release of a module; resolves to its folder and version. */
async function download(go, module, version) {
  const args = ['mod', 'download', '-json', `${module}@${version}`]
  const { Dir, Version } = JSON.parse(await sh(go, args, { env, timeoutMs: 300_000 }))
  return { dir: Dir, version: Version }
}

/**
 * Compiles test packages of a module's newest release into `<name>/` of the cache, once per release.
 * @param packages program name to package folder
 * @returns where the programs are and the release they were made of
 */
export async function goTests({ name, module, goVersion, tags, packages }, apt) {
  const go = await goFor(goVersion, apt)
  const out = join(cacheDir, name)
  const marker = join(out, '.version')
  mkdirSync(out, { recursive: true })
  const { dir: source, version } = await download(go, module, 'latest')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === version) return { dir: out, version }
  for (const [program, folder] of Object.entries(packages)) {
    const args = ['test', '-C', source, '-c', '-tags', tags, '-o', join(out, program), folder]
    await sh(go, args, { env, timeoutMs: 600_000 })
  }
  writeFileSync(marker, version)
  return { dir: out, version }
}
