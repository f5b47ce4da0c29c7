import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it(
  'runs npm start in the process of a Node.js that is new enough',
  { timeout: 60_000 },
  async () => {
    const args = [join(root, 'scripts/node.mjs'), 'start.mjs', '--version']
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root })
    expect(stdout).toMatch(/^ferric \d+\.\d+/)
    expect(stderr).toContain(`Node.js ${process.versions.node} (${process.execPath})`)
  },
)
