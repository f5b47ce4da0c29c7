import { randomBytes } from 'node:crypto'
import { dropInfo, infoOf, setInfo } from '../internal-info.js'
import type { Task } from '../interfaces.js'

/**
 * Gives the node a token for its next ramdisk before that boots, where the boot medium itself can
 * carry it (virtual media, kickstart files): the ramdisk's lookup will not tell it.
 * @returns the token: 32 random bytes, URL-safe base64
 */
export function pregenerateToken(node: Task['node']): string {
  const token = randomBytes(32).toString('base64url')
  setInfo(node, { agent_secret_token: token, agent_secret_token_pregenerated: true })
  return token
}

/** Forgets the token of a ramdisk that is about to restart, unless its medium carries it. */
export function dropOwnToken(node: Task['node']): void {
  if (infoOf(node)['agent_secret_token_pregenerated'] === true) return
  dropInfo(node, ['agent_secret_token'])
}
