// A server process that serve.mjs owns: started with its log in a file, stopped by its own pid.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PeerError } from './cache.mjs'

/** A port of the loopback address that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** True when something accepts connections on the loopback port. */
export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}

/** True when the URL answers below 500. */
export async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).status < 500
  } catch {
    return false
  }
}

const exited = (child) => child.exitCode !== null || child.signalCode !== null

/** Starts a program with its output in `log`; the caller must stop it. */
export function start(file, args, { log, ...options }) {
  const out = openSync(log, 'a')
  const child = spawn(file, args, { ...options, stdio: ['ignore', out, out] })
  closeSync(out)
  child.on('error', (error) => process.stderr.write(`${file}: ${error.message}\n`))
  return { child, log }
}

/** Waits until `ready()` is true; PeerError with the end of the log when the process ends before or time runs out. */
export async function ready(server, isReady, timeoutMs = 60_000) {
  const { child, log } = server
  const deadline = Date.now() + timeoutMs
  while (!(await isReady())) {
    const late = Date.now() > deadline
    if (late || exited(child)) {
      await stop(server, 'SIGKILL')
      const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n')
      throw new PeerError(
        `${child.spawnfile} ${late ? 'is not ready' : 'ended'}; ${log} ends:\n${tail}`,
      )
    }
    await sleep(50)
  }
}

/** Ends the process with `signal`, after ten seconds with SIGKILL, and waits until it is gone. */
export async function stop({ child }, signal = 'SIGTERM') {
  if (exited(child) || child.pid === undefined) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(timer)
}
