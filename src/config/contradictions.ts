import { isIP } from 'node:net'
import { readLevels } from '../log/levels.js'
import type { Config } from './index.js'

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  if (isIP(address) === 4) return address.startsWith('127.')
  return address === '::1' || address.toLowerCase() === 'localhost'
}

/**
 * Warnings about an API that anyone who reaches it may use. noauth is the default only without any configuration,
 * where the API listens on loopback, so everything else was written by the operator.
 */
export function openWarnings({ api, DEFAULT, keystone_authtoken: keystone }: Config): string[] {
  if (DEFAULT.auth_strategy !== 'noauth') return []
  const consequence = 'every client that reaches the API may control the machines.'
  return [
    ...(keystone.auth_url === null
      ? []
      : [`[DEFAULT] auth_strategy = noauth: [keystone_authtoken] is not used, and ${consequence}`]),
    ...(isLoopback(api.host_ip) || api.unix_socket !== null
      ? []
      : [`[DEFAULT] auth_strategy = noauth with [api] host_ip = ${api.host_ip}: ${consequence}`]),
  ]
}

/** Values that are right one by one and wrong together. */
export function contradictions({ DEFAULT }: Config): string[] {
  const { problems } = readLevels(DEFAULT.default_log_levels)
  return problems.map((problem) => `[DEFAULT] default_log_levels: ${problem}`)
}
