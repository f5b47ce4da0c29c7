// A few commands as a person types them: each its own `openstack` process, with the client's own pace.
import { expect } from 'vitest'
import type { Walker } from './walker.js'

/** Creates, manages with `--wait`, lists and deletes a node. */
export async function typed({ cli }: Walker): Promise<void> {
  const create = ['baremetal', 'node', 'create', '--driver', 'fake-hardware']
  const created = await cli.typed(...create, '--name', 'typed-1')
  expect(created).toMatchObject({ code: 0, stderr: '' })
  const managed = await cli.typed('baremetal', 'node', 'manage', 'typed-1', '--wait')
  expect(managed).toMatchObject({ code: 0 })
  const list = await cli.typed('baremetal', 'node', 'list', '-f', 'json')
  const rows: { name: string; provision_state: string }[] = JSON.parse(list.stdout)
  expect(rows.find((row) => row.name === 'typed-1')?.provision_state).toBe('manageable')
  expect(await cli.typed('baremetal', 'node', 'delete', 'typed-1')).toMatchObject({ code: 0 })
}
