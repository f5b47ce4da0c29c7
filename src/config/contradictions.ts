import { isIP } from 'node:net'
import { readLevels } from '../log/levels.js'
import type { Config } from './index.js'

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  if (isIP(address) === 4) return address.startsWith('127.')
  return address === '::1' || address.toLowerCase() === 'localhost'
}

/** A warning when Keystone is configured but written to be ignored; upstream starts without one. */
export function openWarning({ DEFAULT, keystone_authtoken: keystone }: Config): string[] {
  if (DEFAULT.auth_strategy !== 'noauth' || keystone.auth_url === null) return []
  return [
    '[DEFAULT] auth_strategy = noauth: [keystone_authtoken] is not used, and every client that ' +
      'reaches the API may control the machines.',
  ]
}

/** Values that are right one by one and wrong together. */
export function contradictions(config: Config): string[] {
  return [...levelProblems(config), ...openProblems(config)]
}

const levelProblems = ({ DEFAULT }: Config): string[] =>
  readLevels(DEFAULT.default_log_levels).problems.map((p) => `[DEFAULT] default_log_levels: ${p}`)

function openProblems({ api, DEFAULT, ferric }: Config): string[] {
  const open = DEFAULT.auth_strategy === 'noauth' && !isLoopback(api.host_ip)
  if (!open || ferric.allow_remote_noauth) return []
  return [
    `[api] host_ip = ${api.host_ip} with [DEFAULT] auth_strategy = noauth would let anybody who ` +
      'reaches the address control the machines. Set auth_strategy to keystone or http_basic, or ' +
      '[ferric] allow_remote_noauth = true if the network is safe.',
  ]
}
