import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyDatabase } from '../_util/database.js'

const bin = join(import.meta.dirname, '../../bin/ferric.mjs')
const deadlineMs = 180_000

interface Server {
  readonly process: ChildProcess
  readonly ended: Promise<unknown[]>
  /** Resolves to the match once a stream has said it. */
  said(pattern: RegExp): Promise<RegExpExecArray>
}

const running: ChildProcess[] = []
let database: Awaited<ReturnType<typeof emptyDatabase>>
beforeEach(async () => {
  database = await emptyDatabase()
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  await database[Symbol.asyncDispose]()
})

function serve(configFile = '/dev/null', nodeOptions: readonly string[] = []): Server {
  const settings = [
    `database.connection=${database.url}`,
    'api.port=0',
    'host=here',
    'auth_strategy=noauth',
  ]
  const args = ['serve', ...settings.flatMap((setting) => ['--set', setting])]
  const line = [...nodeOptions, bin, ...args, '--config-file', configFile]
  const child = spawn(process.execPath, line, { env: {} })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      child.emit('said')
    })
  }
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const signal = AbortSignal.timeout(deadlineMs)
    for (;;) {
      const match = pattern.exec(text)
      if (match) return match
      await once(child, 'said', { signal })
    }
  }
  return { process: child, ended: once(child, 'exit'), said }
}

/** The resource class a new node gets from the configuration. */
async function defaultClass(url: string): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    'x-openstack-ironic-api-version': '1.82',
  }
  const body = JSON.stringify({ driver: 'fake-hardware' })
  const answer = await fetch(`${url}/v1/nodes`, { method: 'POST', headers, body })
  return ((await answer.json()) as { resource_class: unknown }).resource_class
}

async function ready(server: Server): Promise<string> {
  const [, url] = await server.said(/API +(http:\S+)[\s\S]*Auth/)
  return url ?? ''
}

/** Node options that make the server fail on SIGWINCH with an error that no code handles. */
function failsWith(statement: string): string[] {
  const script = `process.on('SIGWINCH', () => { ${statement} })`
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
}

describe('ferric serve', () => {
  it.each([
    ['unhandledRejection', `Promise.reject(new Error('planted fault'))`],
    ['uncaughtException', `throw new Error('planted fault')`],
  ])(
    'logs an %s as fatal with its stack, counts it, and shuts down with exit code 1',
    async (kind, statement) => {
      const server = serve('/dev/null', failsWith(statement))
      const { port, hostname } = new URL(await ready(server))
      // An open request keeps the server up long enough to read its metrics.
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n')
      await once(socket, 'connect')
      server.process.kill('SIGWINCH')
      const [line] = await server.said(/\{"level":60.*/)
      expect(JSON.parse(line)).toMatchObject({ kind, error: { message: 'planted fault' } })
      expect(line).toContain('at process.<anonymous>')
      await server.said(/shutting down/)
      socket.write('\r\n')
      const [metrics] = (await once(socket, 'data')) as [Buffer]
      expect(metrics.toString()).toContain(`ferric_fatal_errors_total{kind="${kind}"} 1`)
      expect(await server.ended).toEqual([1, null])
    },
    deadlineMs,
  )

  it(
    'says where it listens, its homes and what to try, and stops cleanly when asked',
    async () => {
      const server = serve()
      const url = await ready(server)
      await server.said(/Conductor +here: fake-hardware, ipmi, manual-management, redfish/)
      await server.said(/Database +postgresql:/)
      await server.said(/Queue .*postgresql:/)
      await server.said(
        new RegExp(`openstack --os-auth-type none --os-endpoint ${url} baremetal node list`),
      )
      const answer = await fetch(`${url}/v1/drivers`)
      expect(await answer.json()).toMatchObject({
        drivers: ['fake-hardware', 'ipmi', 'manual-management', 'redfish'].map((name) => ({
          name,
        })),
      })
      server.process.kill('SIGUSR2')
      expect(await server.ended).toEqual([0, null])
      await server.said(/"signal":"SIGUSR2"/)
    },
    deadlineMs,
  )

  it(
    'stops waiting for a request when asked a second time',
    async () => {
      const server = serve()
      const { port, hostname } = new URL(await ready(server))
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write('POST /v1/nodes HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
      await once(socket, 'connect')
      server.process.kill('SIGINT')
      await server.said(/shutting down/)
      server.process.kill('SIGINT')
      expect(await server.ended).toEqual([1, null])
    },
    deadlineMs,
  )

  it(
    'reads its configuration again on SIGHUP, and keeps the old one when the new one is wrong',
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'ferric-hup-')), 'ironic.conf')
      const write = (lines: string) => writeFileSync(file, `[DEFAULT]\n${lines}\n`)
      write('default_resource_class = before')
      const server = serve(file)
      const url = await ready(server)
      expect(await defaultClass(url)).toBe('before')
      write('default_resource_class = after\nlog_in_db_max_size = 8192\ndebug = true')
      server.process.kill('SIGHUP')
      await server.said(/"changed":\["DEFAULT.debug","DEFAULT.default_resource_class"\]/)
      await server.said(/"needRestart":\["DEFAULT.log_in_db_max_size"\]/)
      expect(await defaultClass(url)).toBe('after')
      write('default_resource_class = wrong\ndebug = perhaps')
      server.process.kill('SIGHUP')
      await server.said(/\[DEFAULT\] debug = \\"perhaps\\".*stays in force/)
      expect(await defaultClass(url)).toBe('after')
      server.process.kill('SIGTERM')
      expect(await server.ended).toEqual([0, null])
    },
    deadlineMs,
  )
})
