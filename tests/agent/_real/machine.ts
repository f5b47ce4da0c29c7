import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { PowerState } from '../../../src/drivers/interfaces.js'
import { Machine } from '../_util/machines.js'
import type { CallApi } from '../_util/sim-agent.js'

/** A disk that is a file, on a loop device of its own. */
export class LoopDisk {
  readonly device: string
  constructor(file: string, size: number) {
    const fd = openSync(file, 'w')
    ftruncateSync(fd, size)
    closeSync(fd)
    const found = execFileSync('losetup', ['--find', '--show', '--partscan', file])
    this.device = found.toString().trim()
    if (!/^\/dev\/loop\d+$/.test(this.device)) throw new Error(`no loop device: ${this.device}`)
  }
  free(): void {
    execFileSync('losetup', ['--detach', this.device])
  }
}

export interface RealOptions {
  readonly python: string
  readonly directory: string
  readonly disk: LoopDisk
  readonly mac: string
  readonly port: number
}

/** A machine whose ramdisk is the real agent: a process of this test, and a loop device. */
export class RealMachine extends Machine {
  readonly #options: RealOptions
  readonly #state: string
  #process: ChildProcess | null = null

  constructor(uuid: string, api: CallApi, options: RealOptions) {
    super(uuid, api)
    this.#options = options
    this.#state = join(options.directory, 'machine')
    mkdirSync(this.#state, { recursive: true })
  }

  get log(): string {
    return join(this.#options.directory, 'agent.log')
  }

  protected override async bootRamdisk(): Promise<void> {
    await Promise.resolve()
    const { python, disk, mac, port, directory } = this.#options
    for (const flag of ['poweroff', 'reboot']) rmSync(join(this.#state, flag), { force: true })
    const param = (name: string): string => {
      const value = this.ramdiskParams?.[name]
      return typeof value === 'string' ? value : ''
    }
    const conf = join(directory, 'agent.conf')
    writeFileSync(
      conf,
      [
        '[DEFAULT]',
        `api_url = ${param('ipa-api-url')}`,
        `inspection_callback_url = ${param('ipa-inspection-callback-url')}`,
        'inspection_collectors = default',
        'inspection_dhcp_wait_timeout = 0',
        'listen_host = 127.0.0.1',
        'advertise_host = 127.0.0.1',
        `listen_port = ${port}`,
        `advertise_port = ${port}`,
        'debug = true',
        'disk_wait_attempts = 1',
        '',
      ]
        .filter((line) => !line.endsWith('= '))
        .join('\n'),
    )
    appendFileSync(this.log, '\n=== boot\n')
    const out = openSync(this.log, 'a')
    this.#process = spawn(python, [join(import.meta.dirname, 'launch.py'), '--config-file', conf], {
      stdio: ['ignore', out, out],
      cwd: directory,
      env: {
        ...process.env,
        TMPDIR: directory,
        FERRIC_LOOP_DEVICE: disk.device,
        FERRIC_FAKE_BIN: join(import.meta.dirname, 'bin'),
        FERRIC_MACHINE: this.#state,
        FERRIC_MAC: mac,
      },
    })
    closeSync(out)
  }

  override async state(): Promise<PowerState> {
    if (existsSync(join(this.#state, 'poweroff'))) await this.off()
    return await super.state()
  }

  override async off(): Promise<void> {
    const running = this.#process
    this.#process = null
    await super.off()
    rmSync(join(this.#state, 'poweroff'), { force: true })
    if (running === null || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
}
