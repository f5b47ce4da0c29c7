// Kickstart files as pykickstart reads them, which is what Anaconda has for a parser, and Ironic's own template.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateKickstart } from '../../src/drivers/boot/network/ksvalidator.js'
import { buildConfigDrive } from '../../src/images/configdrive/build.js'
import { configDriveSection } from '../../src/netboot/kickstart/config-drive.js'
import { defaultTemplate } from '../../src/netboot/kickstart/default-template.js'
import { renderTemplate } from '../../src/netboot/kickstart/jinja.js'
import { tryTemplate } from '../../src/netboot/kickstart/kickstart.js'
import { pythonPeer } from '../_util/peers/installed.js'
import { testTask } from '../drivers/_util/task.js'

const run = promisify(execFile)
const searched = process.env['PATH'] ?? ''
let peer: { readonly dir: string; readonly python: string }
let dir: string

beforeAll(async () => {
  peer = await pythonPeer('kickstart')
  dir = await mkdtemp(join(tmpdir(), 'ferric-ks-'))
  process.env['PATH'] = `${join(peer.dir, 'bin')}:${searched}`
}, 900_000)
afterAll(async () => {
  process.env['PATH'] = searched
  await rm(dir, { recursive: true, force: true })
})

const drive = () =>
  configDriveSection(
    buildConfigDrive(
      { meta_data: { name: "it's" }, user_data: '%end\n%packages\n'.repeat(500) },
      { uuid: 'u', name: null },
    ),
  )
const rendered = (more: Record<string, string>) =>
  renderTemplate(defaultTemplate, {
    ks_options: {
      liveimg_url: 'http://192.0.2.1:8080/agent_images/the-node.tar.gz?a=1&b=%20',
      agent_token: 'the-token',
      heartbeat_url: 'http://[2001:db8::1]:6385/v1/heartbeat/the-node',
      config_drive: drive(),
      ...more,
    },
  })

/** What the parser makes of a file: sections with their scripts, and the way of installing. */
const reader = `
import json, sys
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion
ks = KickstartParser(makeVersion(sys.argv[2]))
ks.readKickstart(sys.argv[1])
handler = ks.handler
print(json.dumps({
  'scripts': [[s.type, s.inChroot, s.errorOnFail, s.script] for s in handler.scripts],
  'liveimg': getattr(handler.liveimg, 'url', None),
  'url': handler.url.url,
  'poweroff': handler.reboot.action,
  'locked': handler.rootpw.lock,
}))
`

interface Read {
  readonly scripts: readonly (readonly [number, boolean, boolean, string])[]
  readonly liveimg: string | null
  readonly url: string | null
  readonly locked: boolean
}

async function read(text: string, version: string): Promise<Read> {
  const path = join(dir, 'ks.cfg')
  await writeFile(path, text)
  const { stdout } = await run(peer.python, ['-c', reader, path, version], { timeout: 60_000 })
  return JSON.parse(stdout) as Read
}

/** Constants of pykickstart. */
const [preScript, postScript, onErrorScript] = [0, 1, 4]

describe.each(['RHEL8', 'RHEL9', 'RHEL10', 'F42'])('the parser of %s', (version) => {
  it('reads what installs an archive', async () => {
    const found = await read(rendered({}), version)
    expect(found.liveimg).toBe('http://192.0.2.1:8080/agent_images/the-node.tar.gz?a=1&b=%20')
    expect(found.url).toBeNull()
    expect(found.locked).toBe(true)
    expect(found.scripts.map(([type, chroot, stops]) => [type, chroot, stops])).toEqual([
      [preScript, false, false],
      [onErrorScript, false, false],
      [postScript, true, true],
      [postScript, false, false],
    ])
    expect(found.scripts[2]?.[3]).toBe(
      drive()
        .replace(/^%post.*\n/, '')
        .replace('%end\n', ''),
    )
    expect(found.scripts[3]?.[3]).toContain('"agent_status": "end"')
  })

  it('reads what installs packages', async () => {
    const found = await read(rendered({ is_source_a_path: 'true' }), version)
    expect(found.url).toBe('http://192.0.2.1:8080/agent_images/the-node.tar.gz?a=1&b=%20')
    expect(found.liveimg).toBeFalsy()
  })
})

describe('ksvalidator', () => {
  it.each([false, true])('passes Ferric’s own template (repository: %s)', async (repository) => {
    const task = await testTask()
    const text = await tryTemplate(defaultTemplate, repository, task.signal)
    await expect(validateKickstart(task, text)).resolves.toBeUndefined()
  })

  it.each([
    ['a command nobody knows', 'nonsense --at=all\n', 'Unknown command: nonsense'],
    ['a section that is not closed', '%pre\necho\n', '%end'],
  ])('refuses %s', async (_, text, said) => {
    const work = validateKickstart(await testTask(), text)
    await expect(work).rejects.toThrow(
      'The kickstart file generated does not pass validation. The ksvalidator tool returned the following error: ',
    )
    await expect(work).rejects.toThrow(said)
  })

  it('is not missed where it is not installed', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = dir
    try {
      await expect(validateKickstart(await testTask(), 'nonsense\n')).resolves.toBeUndefined()
    } finally {
      process.env['PATH'] = path
    }
  })
})

/** What an operator has begun with whose template comes from an Ironic. */
describe('the template of Ironic', () => {
  /** Jinja2 itself. */
  const jinja2 = `
import json, sys, jinja2
text = open(sys.argv[1]).read()
sys.stdout.write(jinja2.Environment().from_string(text).render(**json.loads(sys.argv[2])))
`
  const more = { is_source_a_path: 'true', insecure_heartbeat: 'true' }
  it.each([{}, more])(
    'comes out as of Jinja2 (%o)',
    async (extra) => {
      const ironic = await pythonPeer('ironic-newest')
      const found = "import ironic.drivers.modules as m; print(m.__path__[0] + '/ks.cfg.template')"
      const { stdout: place } = await run(ironic.python, ['-c', found])
      const ks_options = {
        liveimg_url: 'http://h/root.tgz?a=1&b=<2>',
        agent_token: 'T',
        heartbeat_url: 'http://h/v1/heartbeat/n',
        config_drive: drive(),
        ...extra,
      }
      const path = place.trim()
      const { stdout: expected } = await run(
        ironic.python,
        ['-c', jinja2, path, JSON.stringify({ ks_options })],
        { maxBuffer: 16 * 1024 * 1024 },
      )
      const template = await readFile(path, 'utf8')
      const text = renderTemplate(template, { ks_options })
      expect(text).toBe(expected)
      const task = await testTask()
      await tryTemplate(template, 'is_source_a_path' in extra, task.signal)
      await expect(validateKickstart(task, text)).resolves.toBeUndefined()
    },
    900_000,
  )
})
