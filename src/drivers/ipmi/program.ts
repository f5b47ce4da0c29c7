import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText } from '../../error-text.js'
import type { IpmiInfo } from './driver-info.js'
import type { BootDevice, PowerState, Task } from '../interfaces.js'
import type { BootChoice, IpmiEngine } from './engine.js'
import { powerCommand, rawBootFlags, rawCommand, resetCommand } from './names.js'
import { parseSensorText } from './management/sensor-text.js'
import { takeTurn, type Turn } from './turn.js'

/** The program `ipmitool`, run once per operation (`drivers/modules/ipmitool.py`). */
export function ipmitoolEngine(task: Task, info: IpmiInfo): IpmiEngine {
  const run = (command: string, { repeats = true, shareable = false } = {}): Promise<string> =>
    takeTurn(task, info, { command, shareable, isUnreachable: () => true }, (turn) =>
      runUntil(task, info, command, turn, repeats),
    )
  return {
    powerState: async () => powerFrom(await run('power status', { shareable: true })),
    async control(action) {
      await run(powerCommand(action), { repeats: action === 'on' || action === 'off' })
    },
    async setBootDevice(wanted) {
      await run(bootCommand(wanted))
    },
    bootDevice: async () =>
      bootDeviceFrom(await run('chassis bootparam get 5', { shareable: true })),
    raw: async (bytes, repeatable = false) =>
      (await run(rawCommand(bytes), { repeats: repeatable })).trim(),
    async resetBmc(kind) {
      await run(resetCommand(kind), { repeats: false })
    },
    async vendor() {
      const found = /Manufacturer Name *: (.+)/.exec(await run('mc info'))
      return found?.[1]?.toLowerCase() ?? null
    },
    sensors: async () => parseSensorText(await run('sdr -v', { shareable: true })),
  }
}

function powerFrom(text: string): PowerState {
  if (text === 'Chassis Power is on\n') return 'power on'
  return text === 'Chassis Power is off\n' ? 'power off' : 'error'
}

function bootCommand({ device, persistent, uefi, selector }: BootChoice): string {
  if (uefi) return rawCommand(rawBootFlags(persistent ? 0xe0 : 0xa0, selector))
  return `chassis bootdev ${device}${persistent ? ' options=persistent' : ''}`
}

const selectors: readonly (readonly [RegExp, string])[] = [
  [/PXE/, 'pxe'],
  [/Hard-Drive.*Safe-Mode|Safe-Mode.*Hard-Drive/, 'safe'],
  [/Hard-Drive/, 'disk'],
  [/BIOS/, 'bios'],
  [/CD\/DVD/, 'cdrom'],
]

function bootDeviceFrom(text: string): BootDevice {
  const selector = /Boot Device Selector : (.+)/.exec(text)?.[1] ?? ''
  const device = selectors.find(([pattern]) => pattern.test(selector))?.[1] ?? null
  const persistent = text.includes('Options apply to all future boots')
  return { boot_device: device, persistent }
}

/** Texts after which upstream runs the program again. */
const retryable = [
  'insufficient resources for session',
  'Node busy',
  'Timeout',
  'Out of space',
  'BMC initialization in progress',
]

/** Runs it again as long as there is time and the failure may pass. */
async function runUntil(
  task: Task,
  info: IpmiInfo,
  command: string,
  turn: Turn,
  repeats: boolean,
): Promise<string> {
  const { clock, config } = task.ctx
  const pause = Math.max(config.ipmi.min_command_interval * 1000, 1000)
  for (;;) {
    try {
      return await runOnce(task, info, command, turn)
    } catch (error) {
      const late = clock.now().getTime() + pause >= turn.deadline
      if (late || !repeats || !mayPass(task, error)) throw error
    }
    await clock.sleep(pause, turn.signal)
  }
}

function mayPass(task: Task, error: unknown): boolean {
  const { use_ipmitool_retries: itself, additional_retryable_ipmi_errors: more } =
    task.ctx.config.ipmi
  const text = errorText(error)
  return !itself || [...retryable, ...more].some((one) => text.includes(one))
}

async function runOnce(task: Task, info: IpmiInfo, command: string, turn: Turn): Promise<string> {
  const { ipmi } = task.ctx.config
  const args = [...addressArguments(info), ...timing(task), ...(ipmi.debug ? ['-v'] : [])]
  const words = command.split(' ')
  const left = Math.max(1000, turn.deadline - task.ctx.clock.now().getTime())
  const options = { signal: turn.signal, timeout: left, killSignal: 'SIGKILL' as const }
  if (ipmi.store_cred_in_env && info.password !== '') {
    const env = { ...process.env, IPMI_PASSWORD: info.password }
    return await execute([...args, '-E', ...words], { ...options, env })
  }
  const home = await mkdtemp(join(tmpdir(), 'ferric-ipmi-'))
  try {
    const file = join(home, 'password')
    await writeFile(file, info.password === '' ? '\0' : info.password, { mode: 0o600 })
    return await execute([...args, '-f', file, ...words], options)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function addressArguments(info: IpmiInfo): string[] {
  const given = (flag: string, value: string | number | null | undefined): string[] =>
    value === null || value === undefined ? [] : [flag, String(value)]
  const { bridging } = info
  return [
    '-I',
    info.protocolVersion === '2.0' ? 'lanplus' : 'lan',
    '-H',
    info.address,
    '-L',
    info.privilegeLevel,
    ...given('-p', info.port),
    ...given('-U', info.username),
    ...given('-y', info.hexKgKey),
    ...given('-C', info.cipherSuite),
    ...given('-m', bridging?.localAddress),
    ...given('-B', bridging?.transitChannel),
    ...given('-T', bridging?.transitAddress),
    ...given('-b', bridging?.targetChannel),
    ...given('-t', bridging?.targetAddress),
  ]
}

/** How often it repeats a packet, and how long it waits in between. */
function timing(task: Task): string[] {
  const { ipmi } = task.ctx.config
  const interval = Math.max(1, ipmi.min_command_interval)
  let tries = 0
  for (let spent = 0; spent + interval + tries <= ipmi.command_retry_timeout; tries += 1) {
    spent += interval + tries
  }
  return ['-R', ipmi.use_ipmitool_retries ? String(tries) : '1', '-N', String(interval)]
}

interface ExecuteOptions {
  readonly signal: AbortSignal
  readonly timeout: number
  readonly killSignal: 'SIGKILL'
  readonly env?: NodeJS.ProcessEnv
}

const mostOutput = 4 * 1024 * 1024

function execute(args: readonly string[], options: ExecuteOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ipmitool', args, { ...options, maxBuffer: mostOutput }, (error, out, problems) => {
      if (error === null) return resolve(out)
      const said = problems.trim().split('\n').slice(-3).join('; ')
      const why = error.killed === true ? 'ipmitool was stopped: it took too long' : said
      reject(new Error(why || 'ipmitool failed', { cause: error.code }))
    })
  })
}
