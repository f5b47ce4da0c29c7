// The newest `openstack` client with a clouds.yaml, as each user has one.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonPeer } from '../../_util/peers/installed.js'
import type { User } from './identity.js'

/** A user's cloud: where it counts is a project's id, or the system. */
export interface Cloud {
  readonly user: User
  readonly project: string | null
}

export type Ran = { code: number; stdout: string; stderr: string }

function cloudYaml(keystone: string, ferric: string, { user, project }: Cloud): string {
  const scope = project === null ? 'system_scope: all' : `project_id: ${project}`
  return `    auth:
      auth_url: ${keystone}/v3
      username: ${user.name}
      password: ${user.password}
      user_domain_id: default
      ${scope}
    region_name: one
    baremetal_endpoint_override: ${ferric}
`
}

/**
 * Writes `clouds.yaml` and returns what runs `openstack --os-cloud NAME …`.
 * @param dir where the file goes
 */
export async function openstackClouds(
  dir: string,
  keystone: string,
  ferric: string,
  clouds: Readonly<Record<string, Cloud>>,
): Promise<(cloud: string, ...argv: string[]) => Promise<Ran>> {
  const { dir: venv } = await pythonPeer('clients')
  const path = join(dir, 'clouds.yaml')
  const entries = Object.entries(clouds)
  const text = entries.map(([name, cloud]) => `  ${name}:\n${cloudYaml(keystone, ferric, cloud)}`)
  writeFileSync(path, `clouds:\n${text.join('')}`)
  const env = { ...process.env, OS_CLIENT_CONFIG_FILE: path }
  return (cloud, ...argv) =>
    new Promise((resolve) => {
      const args = ['--os-cloud', cloud, 'baremetal', ...argv]
      const options = { env, timeout: 120_000 }
      execFile(join(venv, 'bin', 'openstack'), args, options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 70) : 0, stdout, stderr })
      })
    })
}
