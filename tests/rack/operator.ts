// An operator at the command line: everything a scenario asks of Ferric goes through the real client.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenStack } from '../_util/peers/openstack.js'
import { credentials } from './bmc.js'
import type { Racked } from './machine.js'
import type { Rack } from './rack.js'
import { say } from './say.js'
import { printTimeline } from './timeline.js'

/** Options of `node create`, `node set` and the like: `{name: value}` becomes `--name value`, lists repeat. */
export type Options = Record<string, string | string[]>

const WAIT = ['--wait', '1200']

const flags = (options: Options): string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, one]),
  )

/** `key=value` words. */
export const pairs = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`)

export class Operator {
  readonly rack: Rack
  readonly #cli: OpenStack
  readonly node: string

  private constructor(rack: Rack, cli: OpenStack, node: string) {
    this.rack = rack
    this.#cli = cli
    this.node = node
  }

  /** Enrolls a machine with its BMC and its port, and makes it manageable. */
  static async enroll(
    rack: Rack,
    machine: Racked,
    driver: string,
    options: Options = {},
    info: Record<string, string> = {},
  ): Promise<Operator> {
    const operator = new Operator(rack, await rack.cli(), machine.hardware.name)
    const own = driver === 'redfish' ? {} : bmcOf(machine)
    const driverInfo = { ...own, ...ramdiskOf(rack, 'agent'), ...info }
    const bios = machine.hardware.firmware === 'bios'
    const modern =
      driver === 'ipmi' ? { 'boot-interface': 'ipxe', 'rescue-interface': 'agent' } : {}
    const create = {
      driver,
      ...modern,
      'driver-info': pairs(driverInfo),
      property: ['cpu_arch=x86_64', `capabilities=boot_mode:${bios ? 'bios' : 'uefi'}`],
      ...options,
    }
    await operator.run('create', ...flags({ name: machine.hardware.name, ...create }))
    const { uuid } = await operator.show()
    await operator.say(['baremetal', 'port', 'create', '--node', uuid, machine.hardware.mac])
    await operator.verb('manage')
    return operator
  }

  /** `openstack baremetal node …`; throws with what the client said when it fails. */
  run(verb: string, ...words: string[]): Promise<string> {
    return this.say(['baremetal', 'node', verb, ...words])
  }

  /** A provisioning verb of this node, waited for. */
  async verb(verb: string, options: Options = {}): Promise<void> {
    await this.run(verb, this.node, ...flags(options), ...WAIT)
  }

  /** `node set`. */
  async set(options: Options): Promise<void> {
    await this.run('set', this.node, ...flags(options))
  }

  /** A verb that must fail; returns the node's last error. */
  async fails(verb: string, options: Options = {}): Promise<string> {
    const words = ['baremetal', 'node', verb, this.node, ...flags(options), ...WAIT]
    say(this.node, `$ openstack ${words.join(' ')}`)
    const ran = await this.#cli.try(...words)
    if (ran.code === 0) throw new Error(`${words.join(' ')} was expected to fail`)
    const { last_error: error } = await this.show()
    say(this.node, `last error: ${String(error)}`)
    return String(error)
  }

  show(): Promise<Record<string, unknown> & { uuid: string }> {
    return this.#cli.json('baremetal', 'node', 'show', this.node)
  }

  /** Prints what Ferric remembers of this node. */
  async timeline(): Promise<void> {
    await printTimeline(this.rack.api, this.node)
  }

  /** One command, printed as a person would type it. */
  async say(words: string[]): Promise<string> {
    say(this.node, `$ openstack ${words.join(' ')}`.slice(0, 230))
    return this.#cli.run(...words)
  }
}

function bmcOf(machine: Racked): Record<string, string> {
  const { user, password } = credentials
  return {
    ipmi_address: machine.bmcAddress,
    ipmi_username: user,
    ipmi_password: password,
  }
}

/** The deploy kernel and ramdisk of `kind`, and the same for rescuing. */
export function ramdiskOf(rack: Rack, kind: 'agent' | 'bash'): Record<string, string> {
  const [kernel, ramdisk] = [`${rack.images.url}/vmlinuz`, `${rack.images.url}/${kind}.initramfs`]
  const deploy = { deploy_kernel: kernel, deploy_ramdisk: ramdisk }
  return kind === 'bash' ? deploy : { ...deploy, rescue_kernel: kernel, rescue_ramdisk: ramdisk }
}

/** `instance_info` words for an image of the image server, with its true checksum. */
export function imageOf(rack: Rack, name: string): Record<string, string> {
  const content = readFileSync(join(rack.imagesDir, name))
  return {
    image_source: `${rack.images.url}/${name}`,
    image_checksum: createHash('sha256').update(content).digest('hex'),
    // An agent that is not told takes a raw image for one of a format `gpt`, which it cannot write.
    ...(name.endsWith('.raw') ? { image_disk_format: 'raw' } : {}),
  }
}

/** A config drive that says who the instance is. */
export const configDrive = (hostname: string): string =>
  JSON.stringify({
    meta_data: { hostname, uuid: 'feedface-0000-4000-8000-000000000001' },
    user_data: `user-data-of-${hostname}`,
  })
