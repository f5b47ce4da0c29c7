import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lockDirectory } from '../../src/db/lock-file.js'

let home: string
let directory: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-lock-'))
  directory = join(home, 'db')
})
afterEach(() => rmSync(home, { recursive: true }))

function heldBy(holder: { pid: number; host?: string; started?: string }): void {
  const whole = { token: 't', host: hostname(), started: '', ...holder }
  writeFileSync(`${directory}.lock`, JSON.stringify(whole))
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

describe("the embedded database's lock", () => {
  it('refuses a second holder until the first releases it', async () => {
    const lock = await lockDirectory(directory)
    await expect(lockDirectory(directory)).rejects.toThrow(
      `${directory} is in use by process ${process.pid}`,
    )
    await lock.release()
    expect(readdirSync(home)).toEqual([])
    await (await lockDirectory(directory)).release()
  })

  it('admits one of many processes that start together', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => lockDirectory(directory)),
    )
    const locks = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
    expect(locks).toHaveLength(1)
    await locks[0]?.release()
  })

  it('is refused while another live process holds it', async () => {
    heldBy({ pid: process.ppid, started: startOf(process.ppid) })
    await expect(lockDirectory(directory)).rejects.toThrow(`process ${process.ppid}`)
  })

  it.each([
    ['a process that has ended', () => heldBy({ pid: deadPid() })],
    [
      'an earlier process with a pid in use again',
      () => heldBy({ pid: process.ppid, started: '1' }),
    ],
    ['an earlier life of this container', () => heldBy({ pid: process.pid, started: '1' })],
    ['a file cut short', () => writeFileSync(`${directory}.lock`, '{"tok')],
  ])('is taken over from %s', async (_, prepare) => {
    prepare()
    const lock = await lockDirectory(directory)
    expect(JSON.parse(readFileSync(`${directory}.lock`, 'utf8'))).toMatchObject({
      pid: process.pid,
    })
    await lock.release()
  })

  it('is taken over from a zombie', async () => {
    // The shell starts a child, becomes `sleep`, and so never collects the child's exit code.
    const script = 'sleep 0.3 & echo $!; exec sleep 60'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [bytes] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = Number(bytes.toString())
      heldBy({ pid, started: startOf(pid) })
      await expect(lockDirectory(directory)).rejects.toThrow(`process ${pid}`)
      await vi.waitFor(() => expect(stateOf(pid)).toBe('Z'), 5_000)
      await (await lockDirectory(directory)).release()
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('is valid on another host while it is renewed', async () => {
    heldBy({ pid: 1, host: 'elsewhere' })
    await expect(lockDirectory(directory)).rejects.toThrow('process 1 on elsewhere')
    const minuteAgo = Date.now() / 1000 - 60
    utimesSync(`${directory}.lock`, minuteAgo, minuteAgo)
    await (await lockDirectory(directory)).release()
  })
})

/** The fields of proc_pid_stat(5) from the third on. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
const startOf = (pid: number): string => statOf(pid)[19] ?? ''
const stateOf = (pid: number): string => statOf(pid)[0] ?? ''
