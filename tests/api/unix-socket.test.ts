import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listen, urlOf } from '../../src/api/listen.js'
import { loadConfig } from '../../src/config/load.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ferric-socket-'))
  chmodSync(dir, 0o755)
})
afterEach(() => rmSync(dir, { recursive: true }))

const answering = () => createServer((_request, response) => response.end('here'))

async function get(socketPath: string): Promise<string> {
  const client = new Client('http://localhost', { socketPath })
  try {
    return await (await client.request({ method: 'GET', path: '/' })).body.text()
  } finally {
    await client.close()
  }
}

it('serves on a Unix socket with the permissions that were set', async () => {
  const path = join(dir, 'api.sock')
  const server = answering()
  await listen(server, { path, mode: '0666' })
  expect(statSync(path).mode & 0o777).toBe(0o666)
  expect(urlOf(server)).toBe(`unix:${path}`)
  expect(await get(path)).toBe('here')
  await expect(listen(answering(), { path, mode: null })).rejects.toThrow(
    `Cannot listen on ${path}: another process listens there`,
  )
  await new Promise((resolve) => server.close(resolve))
  expect(existsSync(path)).toBe(false)
})

it('takes the place of a socket that a killed process left behind', async () => {
  const path = join(dir, 'api.sock')
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', program])
  expect(existsSync(path)).toBe(true)
  const server = answering()
  await listen(server, { path, mode: null })
  expect(await get(path)).toBe('here')
  await new Promise((resolve) => server.close(resolve))
})

it('refuses permissions that are not octal', () => {
  const flags = ['auth_strategy=noauth', 'api.unix_socket_mode=rw-rw----']
  expect(() => loadConfig({ flags, home: dir })).toThrow('three octal digits')
})
