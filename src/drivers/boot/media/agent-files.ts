/** Files on the disc of the agent, which takes them over when it starts (`prepare_deploy_iso`). */
import { readFile } from 'node:fs/promises'
import { InvalidParameterValue } from '../../../errors.js'
import type { FileEntry } from '../../../images/iso9660/tree.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'

const certificatePath = 'etc/ironic-python-agent/ironic.crt'
const inspecting = new Set(['inspecting', 'inspect wait'])

/**
 * The CA of the API and the network configuration of the node.
 * @throws InvalidParameterValue when `[agent] api_ca_file` cannot be read
 */
export async function agentFiles(task: Task): Promise<FileEntry[]> {
  return [...(await certificateFiles(task)), ...networkFiles(task)]
}

async function certificateFiles({ ctx }: Task): Promise<FileEntry[]> {
  const { api_ca_file: file } = ctx.config.agent
  if (!file) return []
  const content = await readFile(file).catch((cause: unknown) => {
    throw new InvalidParameterValue(`[agent] api_ca_file ${file} cannot be read.`, cause)
  })
  const config = Buffer.from(`[DEFAULT]\ncafile = /${certificatePath}\n`)
  return [
    { path: certificatePath, content },
    { path: 'etc/ironic-python-agent.d/ironic-tls.conf', content: config },
  ]
}

function networkFiles({ node, ctx }: Task): FileEntry[] {
  const data = node.networkData
  if (!isTruthy(data)) return []
  if (inspecting.has(node.provisionState) && ctx.config.inspector.force_dhcp) return []
  const content = Buffer.from(JSON.stringify(data, null, 2))
  return [{ path: 'openstack/latest/network_data.json', content }]
}
