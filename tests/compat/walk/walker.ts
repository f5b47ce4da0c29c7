// What every leg of the walk has in hand: the client, the server's newest version, the usual looks at a node.
import { expect } from 'vitest'
import type { OpenStack } from '../../_util/peers/openstack.js'

/** A node as `baremetal node show -f json` prints it. */
export type Node = Record<string, unknown>

/** The client under way, the newest minor version of the server, and whether that is a real Ironic. */
export type Walker = { cli: OpenStack; minor: number; real: boolean }

/** Longest a `--wait` may take before the client gives up. */
export const WAIT = ['--wait', '60']

/** The node as the client shows it. */
export function show(walker: Walker, node: string): Promise<Node> {
  return walker.cli.json('baremetal', 'node', 'show', node)
}

/** A fresh fake-hardware node; returns its uuid. */
export async function enroll(walker: Walker, name: string, ...more: string[]): Promise<string> {
  const create = ['baremetal', 'node', 'create', '--driver', 'fake-hardware', '--name', name]
  const node = await walker.cli.json<{ uuid: string }>(...create, ...more)
  return node.uuid
}

/** Runs a provisioning verb with `--wait` and expects the node to rest in `state` with nothing left over. */
export async function moves(
  walker: Walker,
  node: string,
  verb: string[],
  state: string,
): Promise<Node> {
  await walker.cli.run('baremetal', 'node', ...verb, ...WAIT, node)
  const after = await show(walker, node)
  expect(after).toMatchObject({
    provision_state: state,
    target_provision_state: null,
    reservation: null,
    last_error: null,
  })
  return after
}

/** Runs a command that must be refused; returns what the client said. */
export async function refused(walker: Walker, ...argv: string[]): Promise<string> {
  const ran = await walker.cli.try('baremetal', ...argv)
  expect(ran.code, `openstack baremetal ${argv.join(' ')}`).not.toBe(0)
  return ran.stderr
}

/** A JSON argument. */
export const arg = (value: unknown): string => JSON.stringify(value)
