// The newest `openstack` client with a clouds.yaml, as each user has one.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { pythonPeer } from '../../_util/peers/installed.js'
import type { User } from './identity.js'

/** How a user proves who they are: an entry's `auth_type` and `auth`. */
export interface Cloud {
  readonly auth_type?: string
  readonly auth: Readonly<Record<string, string>>
}

/** A user of Keystone by password; where it counts is a project's id, or the system. */
export function passwordCloud(keystone: string, user: User, project: string | null): Cloud {
  const scope: Record<string, string> =
    project === null ? { system_scope: 'all' } : { project_id: project }
  return {
    auth: {
      auth_url: `${keystone}/v3`,
      username: user.name,
      password: user.password,
      user_domain_id: 'default',
      ...scope,
    },
  }
}

export type Ran = { code: number; stdout: string; stderr: string }

/**
 * Writes `clouds.yaml` and returns what runs `openstack --os-cloud NAME …`.
 * @param dir where the file goes
 */
export async function openstackClouds(
  dir: string,
  ferric: string,
  clouds: Readonly<Record<string, Cloud>>,
): Promise<(cloud: string, ...argv: string[]) => Promise<Ran>> {
  const { dir: venv } = await pythonPeer('clients')
  const path = join(dir, 'clouds.yaml')
  const common = { region_name: 'one', baremetal_endpoint_override: ferric }
  const entries = Object.entries(clouds).map(([name, cloud]) => [name, { ...common, ...cloud }])
  writeFileSync(path, stringify({ clouds: Object.fromEntries(entries) }))
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
