// Writes scenarios.json.gz from areas/ and golden.json.gz from the answers of a real Ironic from PyPI:
// `node tests/compat/differential/record.mjs`. Takes some minutes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePeer } from '../../../scripts/peers/serve.mjs'
import own from './options.json' with { type: 'json' }

const here = import.meta.dirname
const folder = join(here, '..', 'conformance')

/** The recorder's ironic.conf as {group: {option: value}}, with what our own scenarios need over it. */
function groupsOf(text) {
  const groups = {}
  let group = ''
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    group = /^\[(\w+)\]$/.exec(line)?.[1] ?? group
    const [, name, value] = /^(\w+) = (.*)$/.exec(line) ?? []
    if (name) (groups[group] ??= {})[name] = value
  }
  for (const [name, options] of Object.entries(own)) groups[name] = { ...groups[name], ...options }
  return groups
}

/** Places Ironic's pxe and ipxe interfaces write to when they are loaded. */
function directories(dir) {
  const [httpRoot, tftpRoot, images, masters] = ['http', 'tftp', 'images', 'masters'].map((name) =>
    join(dir, name),
  )
  for (const path of [httpRoot, tftpRoot, images, masters]) mkdirSync(path)
  return {
    deploy: { http_root: httpRoot },
    pxe: {
      tftp_root: tftpRoot,
      images_path: images,
      tftp_master_path: masters,
      instance_master_path: masters,
    },
  }
}

const python = (args) =>
  execFileSync('python3', args, {
    stdio: 'inherit',
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
  })

const dir = mkdtempSync(join(tmpdir(), 'ferric-record-'))
const scenarios = join(here, 'scenarios.json.gz')
python([join(here, 'export.py'), scenarios])
const conf = groupsOf(readFileSync(join(folder, 'ironic.conf'), 'utf8'))
const peer = await servePeer('ironic-newest', { ...conf, ...directories(dir) })
try {
  const out = join(here, 'golden.json.gz')
  const where = ['--url', peer.about.url, '--out', out, '--bound', '3600']
  python([join(folder, 'record.py'), '--scenarios', scenarios, ...where])
} finally {
  await peer.stop()
  rmSync(dir, { recursive: true, force: true })
}
