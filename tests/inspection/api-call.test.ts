import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { callApi } from '../../src/conductor/inspection/rules/api-call.js'
import type { NodeTask } from '../../src/conductor/node/task.js'
import { testTask } from '../drivers/_util/task.js'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

async function server(listener: Listener): Promise<string> {
  const listening = createServer(listener)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    listening.closeAllConnections()
    listening.close()
  })
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `127.0.0.1:${address.port}`
}

async function call(args: Parameters<typeof callApi>[1]): Promise<number[]> {
  const task = await testTask()
  await callApi(task as unknown as NodeTask, args)
  return task.waits
}

it('follows redirects and leaves the credentials of the URL with its own server', async () => {
  const seen: [string, string | undefined][] = []
  const note = ({ headers }: IncomingMessage, name: string) =>
    seen.push([name, headers.authorization])
  const other = await server((request, response) => {
    note(request, 'other')
    response.end('done')
  })
  const first = await server((request, response) => {
    note(request, 'first')
    response.writeHead(302, { location: `http://${other}/` }).end()
  })
  await call({ url: `http://me:secret@${first}/`, headers: { Authorization: 'Bearer x' } })
  const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
  expect(seen).toEqual([
    ['first', basic],
    ['other', undefined],
  ])
})

it('fails on redirects without end', async () => {
  const url = await server((_request, response) => response.writeHead(302, { location: '/' }).end())
  await expect(call({ url: `http://${url}/`, retries: 0 })).rejects.toThrow(/redirect/i)
})

it('repeats a 503 with pauses of two minutes at most, and not a 404', async () => {
  let status = 503
  let requests = 0
  const url = await server((_request, response) => {
    requests += 1
    if (requests > 12) status = 404
    response.writeHead(status).end()
  })
  const task = await testTask()
  const failing = callApi(task as unknown as NodeTask, { url: `http://${url}/`, retries: 50 })
  await expect(failing).rejects.toThrow('404 Not Found')
  expect(task.waits.slice(0, 3)).toEqual([0, 600, 1200])
  expect(task.waits.at(-1)).toBe(120_000)
  expect(requests).toBe(13)
})

const slow: Listener = (_request, response) => {
  setTimeout(() => response.end('done'), 50)
}

it('waits with a timeout that is longer than a timer can hold', async () => {
  await expect(call({ url: `http://${await server(slow)}/`, timeout: 1e12 })).resolves.toEqual([])
})

it.each([
  [{ timeout: 0.0005, retries: 0 }, 'took too long'],
  [{ proxies: { http: 'no url' } }, 'Invalid parameter: a proxy must be a URL'],
])('fails with %j', async (args, fault) => {
  await expect(call({ url: `http://${await server(slow)}/`, ...args })).rejects.toThrow(fault)
})
