// A BMC: OpenIPMI's ipmi_sim, whose chassis control asks the machine through a Unix socket.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { Daemon } from './daemon.js'

/** What a BMC may ask of its machine; the words are ipmi_sim's. */
export interface Chassis {
  powerIsOn(): boolean
  setPower(on: boolean): Promise<void>
  reset(): Promise<void>
  softOff(): Promise<void>
  /** `none`, `pxe`, `default` (ipmi_sim says so for the disk too), `cdrom`, `bios`. */
  bootDevice(): string
  setBootDevice(device: string): void
}

/** How a BMC is reached. */
export const credentials = { user: 'admin', password: 'rack-secret' }

const lanConf = (address: string, program: string): string => `name "rack"
set_working_mc 0x20
startlan 1
  addr ${address} 623
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa123456789abcdef
endlan
chassis_control "${program}"
user 1 true "" "" user 10 none md2 md5 straight
user 2 true "${credentials.user}" "${credentials.password}" admin 10 none md2 md5 straight
`

const EMULATION = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`

/** `get power` → `power:0`; `set power 1` → the machine is on. */
async function obey(chassis: Chassis, [verb, ...words]: string[]): Promise<string> {
  if (verb === 'get') return words.map((word) => `${word}:${state(chassis, word)}\n`).join('')
  if (verb === 'set') await change(chassis, words[0] ?? '', words[1] ?? '')
  return ''
}

function state(chassis: Chassis, word: string): string {
  if (word === 'power') return chassis.powerIsOn() ? '1' : '0'
  return word === 'boot' ? chassis.bootDevice() : '0'
}

async function change(chassis: Chassis, word: string, value: string): Promise<void> {
  if (word === 'power') await chassis.setPower(value === '1')
  if (word === 'reset') await chassis.reset()
  if (word === 'shutdown') await chassis.softOff()
  if (word === 'boot') chassis.setBootDevice(value)
}

function listen(chassis: Chassis, path: string): Server {
  const words = (url: string | undefined): string[] => (url ?? '').split('/').filter(Boolean)
  const server = createServer((request, response) => {
    obey(chassis, words(request.url)).then(
      (answer) => response.end(answer),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  return server.listen(path)
}

/** Starts the BMC of `chassis` at `address`, with its files in `dir`. */
export function startBmc(chassis: Chassis, address: string, dir: string): Daemon {
  const path = (name: string): string => join(dir, name)
  const socket = path('chassis.sock')
  listen(chassis, socket)
  writeFileSync(
    path('chassis'),
    `#!/bin/sh\nIFS=/\nexec curl -sf --max-time 20 --unix-socket ${socket} "http://chassis/$*"\n`,
  )
  chmodSync(path('chassis'), 0o755)
  writeFileSync(path('lan.conf'), lanConf(address, path('chassis')))
  writeFileSync(path('emulation'), EMULATION)
  mkdirSync(path('bmc-state'))
  const args = ['-c', path('lan.conf'), '-f', path('emulation'), '-s', path('bmc-state'), '-n']
  return new Daemon('ipmi_sim', args, path('bmc.log'))
}
