import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { readIso } from '../../src/images/iso9660/read.js'
import { tempDir } from './_util/context.js'

/** Rock Ridge puts what is so long into another record, and into a continuation area. */
const files = {
  'openstack/latest/meta_data.json': '{}',
  'openstack/latest/User_Data.with.dots': 'data',
  [`openstack/latest/${'n'.repeat(200)}`]: 'long',
  'ec2/2009-04-04/user-data': '#!/bin/sh',
}

async function sources() {
  const dir = await tempDir()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, 'in', path)), { recursive: true })
    await writeFile(join(dir, 'in', path), content)
  }
  return dir
}
const read = async (path: string) =>
  Object.fromEntries(readIso(await readFile(path)).map((f) => [f.path, f.content.toString()]))

it.each([
  // As Nova makes its config drives.
  ['genisoimage', ['-l', '-allow-lowercase', '-allow-multidot', '-J', '-r', '-quiet']],
  ['xorrisofs', ['-r', '-J', '-quiet', '-joliet-long']],
])('discs of %s are read', async (program, flags) => {
  const dir = await sources()
  const iso = join(dir, 'drive.iso')
  const more = program === 'genisoimage' ? ['-joliet-long'] : []
  execFileSync(program, [...flags, ...more, '-V', 'config-2', '-o', iso, join(dir, 'in')], {
    stdio: 'pipe',
  })
  expect(await read(iso)).toEqual(files)
})

it('a disc without Rock Ridge has its names in lower case', async () => {
  const dir = await sources()
  const iso = join(dir, 'drive.iso')
  await writeFile(join(dir, 'USER_DAT.TXT'), 'plain')
  execFileSync('genisoimage', ['-quiet', '-V', 'config-2', '-o', iso, join(dir, 'USER_DAT.TXT')])
  expect(await read(iso)).toEqual({ 'user_dat.txt': 'plain' })
})
