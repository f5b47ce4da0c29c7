// OpenIPMI's simulator of a BMC, with a power switch whose every use is written down.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.js'
import { IpmiUnreachable } from '../../../src/protocols/ipmi/errors.js'
import { ping } from '../../../src/protocols/ipmi/session/ping.js'
import { connectUdp } from '../../../src/protocols/ipmi/socket.js'
import { until } from './until.js'

/** `chassis DIR get|set NAME [VALUE]`: what the simulator runs for chassis commands. */
const chassis = `#!/bin/sh
dir=$1; op=$2; shift 2
if [ "$op" = get ]; then
  while [ $# -gt 0 ]; do
    echo "$(date +%s.%N) get $1" >> "$dir/log"
    v=$(cat "$dir/$1" 2>/dev/null) || case $1 in power) v=0;; boot) v=none;; esac
    echo "$1:$v"; shift
  done
else
  while [ $# -gt 0 ]; do
    echo "$(date +%s.%N) set $1 $2" >> "$dir/log"
    case $1 in power|boot|identify) echo "$2" > "$dir/$1";; shutdown) echo 0 > "$dir/power";; esac
    shift 2
  done
fi
`

/** A temperature sensor (number 1, y = x, degrees C) and a voltage (number 2, 0.02 V steps). */
const sdrs = [
  '00 00 51 01 33 20 00 01 07 01 7f 68 01 01 00 00 00 00 38 38 00 01 00 00 01 00 00 00 00 00 07 1e 28 0a ff 00 a0 90 70 00 00 00 02 02 00 00 00 c8 41 6d 62 54 65 6d 70 31',
  '00 00 51 01 2f 20 00 02 07 01 7f 68 02 01 00 00 00 00 38 38 00 04 00 00 02 00 00 00 00 e0 07 96 a0 8c ff 00 00 00 00 00 00 00 02 02 00 00 00 c4 56 31 32 56',
]

const emulator = (dir: string): string =>
  [
    'mc_setbmc 0x20',
    'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr',
    'sel_enable 0x20 1000 0x0a',
    'sensor_add 0x20 0 1 0x01 0x01',
    'sensor_set_value 0x20 0 1 42 0',
    'sensor_set_threshold 0x20 0 1 settable 111000 0xa0 0x90 0x70 00 00 00',
    'sensor_add 0x20 0 2 0x02 0x01',
    'sensor_set_value 0x20 0 2 150 0',
    ...[1, 2].map(
      (n) =>
        `sensor_set_event_support 0x20 0 ${n} enable scanning per-state ${'000111111000000 '.repeat(4)}`,
    ),
    ...sdrs.map((bytes) => `main_sdr_add 0x20 ${bytes.replaceAll(/(\S\S)/g, '0x$1')}`),
    `mc_add_fru_data 0x20 0 256 file 0 "${dir}/fru"`,
    'sel_add 0x20 0x02 0 0 0 0 0x20 0 4 1 1 1 0x59 0x70 0x60',
    'mc_add 0x30 2 no-device-sdrs 0x98 0x10 1 0xa0 0x1291 0xf03',
    'mc_enable 0x30',
    'mc_enable 0x20',
    '',
  ].join('\n')

export interface SimOptions {
  readonly port: number
  readonly address?: string
  /** A TCP port the simulator connects its serial line to. */
  readonly serialPort?: number
  /** Runs the simulator inside of this: `ip netns exec NAME`. */
  readonly inside?: readonly string[]
  /** Its machine is always off and cannot be switched, so that reading that forks nothing (benches). */
  readonly cheap?: boolean
}

const lan = (dir: string, { port, serialPort, address = '127.0.0.1', cheap }: SimOptions): string =>
  `name "bmc"
set_working_mc 0x20
  startlan 1
    addr ${address} ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  ${cheap === true ? '' : `chassis_control "${dir}/chassis ${dir}"`}
  ${serialPort === undefined ? '' : `sol "tcp:127.0.0.1:${serialPort}" 115200`}
  user 1 true  ""      "test"   user     10 none md2 md5 straight
  user 2 true  "admin" "secret" admin    10 none md2 md5 straight
  user 3 true  "oper"  "secret" operator 10 none md2 md5 straight
`

/** A chassis, a board and a product, each with its names and numbers. */
function fruData(): Buffer {
  const field = (text: string): number[] => [0xc0 | text.length, ...Buffer.from(text)]
  const area = (...body: number[]): Buffer => {
    const size = Math.ceil((body.length + 3) / 8) * 8
    const bytes = Buffer.alloc(size)
    bytes.set([1, size / 8, ...body])
    bytes[size - 1] = -bytes.reduce((a, b) => a + b, 0) & 0xff
    return bytes
  }
  const one = area(0x17, ...field('CH-PN'), ...field('CH-SN1'), 0xc1)
  const two = area(25, 0x40, 0x57, 0x6f, ...['ACME', 'X1', 'SN-1', 'PN-1', ''].flatMap(field), 0xc1)
  const named = ['ACME', 'Server', 'PP', '1.0', 'SER9', 'ASSET', ''].flatMap(field)
  const three = area(25, ...named, 0xc1)
  const head = Buffer.from([
    1,
    0,
    1,
    1 + one.length / 8,
    1 + (one.length + two.length) / 8,
    0,
    0,
    0,
  ])
  head[7] = -head.reduce((a, b) => a + b, 0) & 0xff
  return Buffer.concat([head, one, two, three, Buffer.alloc(256)], 256)
}

export class IpmiSim implements AsyncDisposable {
  readonly dir: string
  readonly port: number
  readonly #process: ChildProcess
  readonly #inside: readonly string[]
  readonly #address: string

  private constructor(dir: string, process: ChildProcess, options: SimOptions) {
    this.dir = dir
    this.port = options.port
    this.#process = process
    this.#inside = options.inside ?? []
    this.#address = options.address ?? '127.0.0.1'
  }

  static async start(options: SimOptions): Promise<IpmiSim> {
    const dir = mkdtempSync(join(tmpdir(), 'ferric-ipmi-sim-'))
    writeFileSync(join(dir, 'chassis'), chassis)
    chmodSync(join(dir, 'chassis'), 0o755)
    writeFileSync(join(dir, 'fru'), fruData())
    writeFileSync(join(dir, 'lan.conf'), lan(dir, options))
    writeFileSync(join(dir, 'sim.emu'), emulator(dir))
    mkdirSync(join(dir, 'state'))
    const command = [
      ...(options.inside ?? []),
      ...['ipmi_sim', '-c', `${dir}/lan.conf`, '-f', `${dir}/sim.emu`, '-s', `${dir}/state`, '-n'],
    ]
    const [file = '', ...args] = command
    const child = spawn(file, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
    const sim = new IpmiSim(dir, child, options)
    const alive = () =>
      options.cheap === true ? sim.#pong() : sim.ipmitool('mc', 'info').catch(() => undefined)
    await until<unknown>(alive, { what: 'an answer of ipmi_sim', timeoutMs: 20_000, everyMs: 50 })
    return sim
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Asks by a ping, which forks nothing: hundreds of them are started at once. */
  async #pong(): Promise<true | undefined> {
    const transport = await connectUdp(this.#address, this.port)
    try {
      const limits = { deadline: Date.now() + 1_000 }
      const timing = { firstTry: 100, longestTry: 100 }
      return (await ping(transport, systemClock, timing, limits)) === null ? undefined : true
    } catch (error) {
      // Nothing listens there yet.
      if (error instanceof IpmiUnreachable) return undefined
      throw error
    } finally {
      transport.close()
    }
  }

  /** What `ipmitool` says of this BMC. */
  ipmitool(...args: string[]): Promise<string> {
    const to = ['-I', 'lanplus', '-H', this.#address, '-p', String(this.port), '-C', '3']
    const [file, ...rest] = [...this.#inside, 'ipmitool', ...to, '-U', 'admin', '-P', 'secret']
    return new Promise((resolve, reject) => {
      execFile(file, [...rest, ...args], { timeout: 20_000 }, (error, out, problems) => {
        if (error === null) resolve(out)
        else reject(new Error(problems || error.message))
      })
    })
  }

  /** What the power switch and the boot selector were told: lines `seconds set power 1`. */
  log(): string[] {
    const file = join(this.dir, 'log')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }

  /** The same without the reads and the times. */
  changes(): string[] {
    return this.log().flatMap((line) => /^\S+ (set .*)$/.exec(line)?.[1] ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) await ended
    rmSync(this.dir, { recursive: true, force: true })
  }
}
