// A cloud for tempest: a real Keystone, a server that believes it, and a tempest.conf that finds both.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTarget, type TargetName } from '../../_util/peers/target.js'
import { Identity } from '../keystone/identity.js'
import { adminPassword, Keystone } from '../keystone/server.js'
import type { ConfChanges } from '../../../scripts/peers/conf.mjs'

/** A running cloud, stopped when disposed of. */
export type Cloud = AsyncDisposable & { conf: string }

const conf = 'tempest.conf'

function believe(keystone: string, password: string): ConfChanges {
  return {
    DEFAULT: { auth_strategy: 'keystone' },
    keystone_authtoken: {
      auth_url: keystone,
      www_authenticate_uri: keystone,
      auth_type: 'password',
      username: 'ironic',
      password,
      user_domain_id: 'default',
      project_name: 'service',
      project_domain_id: 'default',
    },
  }
}

const absent = ['nova', 'glance', 'neutron', 'swift', 'cinder', 'horizon']

const tempestConf = (keystone: string, dir: string): string => `[DEFAULT]
log_file = ${join(dir, 'tempest.log')}
[oslo_concurrency]
lock_path = ${join(dir, 'locks')}
[auth]
use_dynamic_credentials = true
admin_username = admin
admin_password = ${adminPassword}
admin_project_name = admin
admin_domain_name = Default
admin_user_domain_name = Default
admin_system = all
[identity]
uri_v3 = ${keystone}/v3
auth_version = v3
region = one
[service_available]
ironic = true
${absent.map((name) => `${name} = false`).join('\n')}
[enforce_scope]
ironic = true
[baremetal]
driver = fake-hardware
endpoint_type = public
enabled_hardware_types = fake-hardware,manual-management
enabled_bios_interfaces = no-bios,fake
enabled_boot_interfaces = fake,pxe
enabled_console_interfaces = no-console,fake
enabled_deploy_interfaces = fake,direct
enabled_inspect_interfaces = no-inspect,fake
enabled_management_interfaces = fake,noop
enabled_power_interfaces = fake
enabled_raid_interfaces = no-raid,fake
enabled_rescue_interfaces = no-rescue,fake
`

async function serviceUser(identity: Identity): Promise<string> {
  const service = await identity.project('service')
  const user = await identity.user('ironic')
  await identity.grant(user, 'service', service)
  return user.password
}

/** Someone who may look at the conductors: how a Ferric is known to be ready. */
async function admin(identity: Identity): Promise<Record<string, string>> {
  const who = { name: 'admin', id: '', password: adminPassword }
  return { 'X-Auth-Token': await identity.token(who, { system: { all: true } }) }
}

async function startBeside(keystone: Keystone, name: TargetName) {
  await keystone.start()
  const identity = new Identity(keystone.url)
  await identity.login()
  const changes = believe(keystone.url, await serviceUser(identity))
  const target = await startTarget(name, changes, await admin(identity))
  await identity.offer('baremetal', target.url)
  return target
}

/** Starts Keystone and the target, and writes the file `conf` of tempest into `dir`. */
export async function startCloud(name: TargetName, dir: string): Promise<Cloud> {
  const keystone = await Keystone.prepare()
  try {
    const target = await startBeside(keystone, name)
    writeFileSync(join(dir, conf), tempestConf(keystone.url, dir))
    const end = async () => {
      await target[Symbol.asyncDispose]()
      await keystone[Symbol.asyncDispose]()
    }
    return { conf, [Symbol.asyncDispose]: end }
  } catch (error) {
    await keystone[Symbol.asyncDispose]()
    throw error
  }
}
