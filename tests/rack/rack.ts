// The rack as a scenario sees it: machines, the image server, a Ferric, and the real command line client.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openstackClient, type OpenStack } from '../_util/peers/openstack.js'
import { ServerProcess } from '../_util/peers/server-process.js'
import { until } from '../_util/peers/until.js'
import { credentials } from './bmc.js'
import { rackConf, type Groups } from './conf.js'
import { ImageServer } from './image-server.js'
import { Machine, type Wanted } from './machine.js'
import { network, openNetwork } from './network.js'
import { startRouter } from './router.js'
import { say } from './say.js'

const API_PORT = 6385

/** Where the files of a run are, and where the images were built. */
export type Places = { dir: string; images: string; redfishPython?: string }

export class Rack implements AsyncDisposable {
  readonly dir: string
  readonly imagesDir: string
  readonly images: ImageServer
  /** The Python that has sushy-tools. */
  readonly redfishPython: string
  readonly api = `http://${network.server}:${API_PORT}`
  #ferric: ServerProcess | undefined
  #starting: Promise<void> | undefined
  readonly #clients: OpenStack[] = []

  private constructor(places: Places, images: ImageServer) {
    this.dir = places.dir
    this.imagesDir = places.images
    this.images = images
    this.redfishPython = places.redfishPython ?? 'python3'
  }

  /** Opens the network and the image server. */
  static async open(places: Places): Promise<Rack> {
    await openNetwork()
    startRouter(places.dir)
    return new Rack(places, await ImageServer.serve(places.images))
  }

  /** Racks up a machine: off, its disk empty. */
  machine(wanted: Wanted): Promise<Machine> {
    return Machine.rackUp(this.dir, wanted)
  }

  /** A command line client of its own; starts Ferric the first time. */
  async cli(): Promise<OpenStack> {
    this.#starting ??= this.#startFerric()
    await this.#starting
    const client = await openstackClient(this.api)
    this.#clients.push(client)
    return client
  }

  /** The last lines of Ferric's log, without what the client's waiting leaves there. */
  log(lines = 40): string {
    const polls = /"method":"GET".*"status":200/
    const all = this.#ferric?.tail(20 * lines).split('\n') ?? []
    return all
      .filter((line) => !polls.test(line))
      .slice(-lines)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()))
    await this.#ferric?.end('SIGTERM')
  }

  /** Starts Ferric anew with more in its configuration, as an operator who changed it does. */
  async reconfigure(more: Groups): Promise<void> {
    await this.#starting
    await this.#ferric?.end('SIGTERM')
    this.#starting = this.#startFerric(more)
    await this.#starting
  }

  async #startFerric(more: Groups = {}): Promise<void> {
    const dir = join(this.dir, 'ferric')
    mkdirSync(dir, { recursive: true })
    const conf = join(dir, 'ironic.conf')
    writeFileSync(conf, rackConf(dir, API_PORT, more))
    say('ferric', 'starts')
    const ferric = new ServerProcess('serve', conf, join(dir, 'ferric.log'), process.env)
    this.#ferric = ferric
    const wait = { what: `answer from ${this.api}`, timeoutMs: 120_000, everyMs: 200 }
    await until(() => this.#answers(ferric), wait)
    say('ferric', `answers at ${this.api}`)
  }

  async #answers(ferric: ServerProcess): Promise<true | undefined> {
    if (!ferric.lives) throw new Error(`ferric ended early:\n${ferric.tail()}`)
    const headers = { 'X-OpenStack-Ironic-API-Version': '1.49' }
    const url = `${this.api}/v1/conductors`
    const answer = await fetch(url, { headers }).catch(() => undefined)
    const text = (await answer?.text()) ?? ''
    return /"alive":\s*true/.test(text) ? true : undefined
  }
}

/** Runs ipmitool against a machine's BMC and returns what it printed. */
export async function ipmitool(machine: Machine, ...words: string[]): Promise<string> {
  const { user, password } = credentials
  // ipmi_sim does not list its cipher suites; named, ipmitool does not ask for ten seconds.
  const login = ['-I', 'lanplus', '-C', '3', '-H', machine.bmcAddress, '-U', user, '-P', password]
  const { stdout } = await promisify(execFile)('ipmitool', [...login, ...words], {
    timeout: 30_000,
  })
  return stdout.trim()
}
