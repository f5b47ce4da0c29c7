import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/ferric.mjs')
const deadlineMs = 180_000

interface Server {
  readonly process: ChildProcess
  readonly ended: Promise<unknown[]>
  /** Resolves to the match once a stream has said it. */
  said(pattern: RegExp): Promise<RegExpExecArray>
}

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function serve(): Server {
  const settings = ['database.connection=pglite://memory', 'api.port=0', 'host=here']
  const args = ['serve', ...settings.flatMap((setting) => ['--set', setting])]
  const child = spawn(process.execPath, [bin, ...args, '--config-file', '/dev/null'], { env: {} })
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

async function ready(server: Server): Promise<string> {
  const [, url] = await server.said(/API +(http:\S+)[\s\S]*Auth/)
  return url ?? ''
}

describe('ferric serve', () => {
  it(
    'says where it listens, its homes and what to try, and stops cleanly when asked',
    async () => {
      const server = serve()
      const url = await ready(server)
      await server.said(/Conductor +here: fake-hardware, ipmi, manual-management, redfish/)
      await server.said(/Database +embedded, in memory/)
      await server.said(/Queue .*in memory/)
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
})
