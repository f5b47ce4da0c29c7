import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.js'
import { createBmcScheduler } from '../../../src/protocols/bmc/scheduler.js'
import { BmcBackingOff, BmcDeadline, type Priority } from '../../../src/protocols/bmc/work.js'

/** Time moves only when the test says so; sleepers wake in the order of their times. */
class ManualClock implements Clock {
  #now = 1_000_000
  #sleepers: { at: number; wake: () => void }[] = []
  now(): Date {
    return new Date(this.#now)
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        reject(signal.reason as Error)
      })
    })
  }
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#sleepers.filter((s) => s.at <= end).toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      await settle()
    }
    this.#now = end
  }
  setBack(ms: number): void {
    this.#now -= ms
  }
  get time(): number {
    return this.#now - 1_000_000
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

function bed(options: { minInterval?: number; backOff?: number } = {}) {
  const clock = new ManualClock()
  const scheduler = createBmcScheduler({ clock, ...options })
  const log: string[] = []
  const outcomes: Record<string, unknown> = {}
  const start = (
    name: string,
    priority: Priority,
    given: { takes?: number; fails?: boolean; key?: string; deadline?: number } & {
      signal?: AbortSignal
      coalesce?: string
      isUnreachable?: () => boolean
      upkeep?: boolean
      session?: object
    } = {},
  ) => {
    const { takes = 0, fails = false, key = 'ipmi://a:623', deadline, ...rest } = given
    const due = deadline === undefined ? {} : { deadline: 1_000_000 + deadline }
    const done = scheduler.run(key, { priority, ...due, ...rest }, async (signal) => {
      log.push(`${clock.time} ${name} begins`)
      try {
        if (takes > 0) await clock.sleep(takes, signal)
        if (fails) throw new Error(`${name} failed`)
        return name
      } finally {
        log.push(`${clock.time} ${name} ends`)
      }
    })
    void done.then(
      (value) => (outcomes[name] = value),
      (error: unknown) => (outcomes[name] = error),
    )
    return done
  }
  return { clock, scheduler, log, outcomes, start }
}

const begins = (log: readonly string[]) => log.filter((line) => line.endsWith('begins'))

describe('order', () => {
  it('does one thing at a time: verbs before requests before polls, in the order they came', async () => {
    const { clock, log, start } = bed()
    void start('first', 'poll', { takes: 10 })
    for (const [name, priority] of [
      ['p1', 'poll'],
      ['r1', 'request'],
      ['v1', 'verb'],
      ['p2', 'poll'],
      ['r2', 'request'],
      ['v2', 'verb'],
    ] as const) {
      void start(name, priority, { takes: 1 })
    }
    await clock.pass(1000)
    expect(begins(log).map((line) => line.split(' ')[1])).toEqual(
      'first v1 v2 r1 r2 p1 p2'.split(' '),
    )
    for (let i = 0; i < log.length; i += 2) {
      expect([log[i]?.endsWith('begins'), log[i + 1]?.endsWith('ends')]).toEqual([true, true])
    }
  })

  it('lets different BMCs work side by side', async () => {
    const { clock, log, start } = bed()
    void start('a', 'verb', { takes: 100, key: 'ipmi://a:623' })
    void start('b', 'verb', { takes: 100, key: 'ipmi://b:623' })
    await clock.pass(200)
    expect(log).toEqual(['0 a begins', '0 b begins', '100 a ends', '100 b ends'])
  })

  it('starts work that comes in the turn in which the queue ran dry', async () => {
    const { clock, outcomes, start } = bed()
    await Promise.all([start('a', 'verb').then(() => start('b', 'verb')), clock.pass(1)])
    expect(outcomes).toEqual({ a: 'a', b: 'b' })
  })
})

describe('interval', () => {
  it('counts from the end of the work before', async () => {
    const { clock, log, start } = bed({ minInterval: 5000 })
    void start('a', 'verb', { takes: 300 })
    void start('b', 'verb')
    await clock.pass(20_000)
    expect(log).toEqual(['0 a begins', '300 a ends', '5300 b begins', '5300 b ends'])
  })

  it('lets a verb overtake a poll that waits for its turn', async () => {
    const { clock, log, start } = bed({ minInterval: 5000 })
    void start('a', 'poll')
    await clock.pass(1000)
    void start('poll', 'poll')
    await clock.pass(1000)
    void start('verb', 'verb')
    await clock.pass(20_000)
    expect(begins(log)).toEqual(['0 a begins', '5000 verb begins', '10000 poll begins'])
  })

  it('waits the interval once when the wall clock was set back', async () => {
    const { clock, log, start } = bed({ minInterval: 5000 })
    void start('a', 'verb')
    await clock.pass(10)
    clock.setBack(3_600_000)
    void start('b', 'verb')
    await clock.pass(5000)
    expect(begins(log)).toHaveLength(2)
  })

  it('gives a slow BMC twice its own time between polls, and none between verbs', async () => {
    const { clock, log, start } = bed()
    void start('slow', 'poll', { takes: 1000 })
    void start('poll', 'poll')
    await clock.pass(2500)
    expect(begins(log)).toEqual(['0 slow begins'])
    void start('verb', 'verb')
    await clock.pass(10_000)
    expect(begins(log)[1]).toBe('2500 verb begins')
    expect(begins(log)).toHaveLength(3)
  })
})

describe('the end of a session', () => {
  const session = {}

  it('follows its own work without a rest, is rested after, and is not counted', async () => {
    const { clock, log, scheduler, start } = bed({ minInterval: 5000 })
    void start('a', 'verb', { takes: 300, session })
    void start('close', 'request', { takes: 50, upkeep: true, session })
    void start('b', 'request')
    await clock.pass(20_000)
    expect(log).toEqual([
      ...['0 a begins', '300 a ends', '300 close begins', '350 close ends'],
      ...['5350 b begins', '5350 b ends'],
    ])
    expect(scheduler.statistics('ipmi://a:623')).toMatchObject({ calls: 2 })
  })

  it('rests after the work of anybody else', async () => {
    const { clock, log, start } = bed({ minInterval: 5000 })
    void start('a', 'verb', { session })
    void start('b', 'verb', { session: {} })
    await clock.pass(5000)
    void start('close', 'request', { upkeep: true, session })
    await clock.pass(20_000)
    expect(begins(log)).toEqual(['0 a begins', '5000 b begins', '10000 close begins'])
  })
})

describe('back-off', () => {
  it('refuses polls twice as long after each failure in a row, until one succeeds', async () => {
    const { clock, outcomes, start } = bed({ backOff: 1000 })
    void start('f1', 'poll', { fails: true })
    await clock.pass(999)
    void start('early', 'poll')
    await clock.pass(1)
    expect(outcomes['early']).toBeInstanceOf(BmcBackingOff)
    expect((outcomes['early'] as Error).message).toBe(
      'ipmi://a:623 failed 1 times in a row and is not asked again for 1 s; the last failure: f1 failed',
    )
    void start('f2', 'poll', { fails: true })
    await clock.pass(1999)
    void start('early2', 'poll')
    await clock.pass(1)
    expect(outcomes['early2']).toBeInstanceOf(BmcBackingOff)
    void start('good', 'poll')
    await clock.pass(0)
    void start('next', 'poll')
    await clock.pass(0)
    expect([outcomes['good'], outcomes['next']]).toEqual(['good', 'next'])
  })

  it('never refuses verbs and requests', async () => {
    const { clock, outcomes, start } = bed({ backOff: 1000 })
    void start('f', 'verb', { fails: true })
    await clock.pass(0)
    void start('verb', 'verb')
    void start('request', 'request')
    await clock.pass(0)
    expect([outcomes['verb'], outcomes['request']]).toEqual(['verb', 'request'])
  })

  it('does not count an error that was an answer, nor a cancellation', async () => {
    const { clock, outcomes, scheduler, start } = bed({ backOff: 1000 })
    void start('answer', 'poll', { fails: true, isUnreachable: () => false })
    const stop = new AbortController()
    void start('cancelled', 'poll', { takes: 100, signal: stop.signal })
    await clock.pass(10)
    stop.abort(new Error('shutdown'))
    await clock.pass(0)
    void start('poll', 'poll')
    await clock.pass(1000)
    expect(outcomes['poll']).toBe('poll')
    expect(scheduler.statistics('ipmi://a:623')).toMatchObject({ calls: 3, failures: 0 })
  })
})

describe('leaving', () => {
  it('tells a late caller at once and keeps the BMC taken until the work has ended', async () => {
    const { clock, scheduler, start, log, outcomes } = bed()
    let finish = (): void => undefined
    const stubborn = scheduler.run(
      'ipmi://a:623',
      { priority: 'verb', deadline: 1_000_100 },
      () => new Promise<void>((resolve) => (finish = resolve)),
    )
    const late = stubborn.catch((error: unknown) => error)
    void start('next', 'verb')
    await clock.pass(100)
    expect(await late).toMatchObject({ name: 'BmcDeadline', started: true })
    expect(log).toEqual([])
    finish()
    await clock.pass(0)
    expect(outcomes['next']).toBe('next')
  })

  it('drops what was late or cancelled before it began', async () => {
    const { clock, log, outcomes, start } = bed()
    const stop = new AbortController()
    void start('long', 'verb', { takes: 1000 })
    void start('late', 'verb', { deadline: 500 })
    void start('cancelled', 'verb', { signal: stop.signal })
    stop.abort(new Error('shutdown'))
    await clock.pass(2000)
    expect(begins(log)).toEqual(['0 long begins'])
    expect(outcomes['late']).toMatchObject({ name: 'BmcDeadline', started: false })
    expect(outcomes['cancelled']).toMatchObject({ message: 'shutdown' })
  })

  it('aborts running work', async () => {
    const { clock, log, outcomes, start } = bed()
    void start('a', 'verb', { takes: 1000, deadline: 300 })
    await clock.pass(1000)
    expect(log).toEqual(['0 a begins', '300 a ends'])
    expect(outcomes['a']).toBeInstanceOf(BmcDeadline)
  })
})

describe('equal polls', () => {
  it('share one piece of work, queued or running', async () => {
    const { clock, log, outcomes, scheduler, start } = bed()
    void start('a', 'poll', { takes: 100, coalesce: 'power' })
    await clock.pass(50)
    void start('b', 'poll', { coalesce: 'power' })
    void start('other', 'poll', { coalesce: 'sensors' })
    void start('verb', 'verb', { coalesce: 'power' })
    await clock.pass(1000)
    expect(begins(log).map((line) => line.split(' ')[1])).toEqual(['a', 'verb', 'other'])
    expect(outcomes['b']).toBe('a')
    expect(scheduler.statistics('ipmi://a:623')).toMatchObject({ calls: 3, coalesced: 1 })
  })

  it('goes on while one of its callers is left', async () => {
    const { clock, log, outcomes, start } = bed()
    const stop = new AbortController()
    void start('a', 'poll', { takes: 100, coalesce: 'power', signal: stop.signal })
    void start('b', 'poll', { coalesce: 'power' })
    await clock.pass(10)
    stop.abort(new Error('gone'))
    await clock.pass(1000)
    expect(log).toEqual(['0 a begins', '100 a ends'])
    expect(outcomes['a']).toMatchObject({ message: 'gone' })
    expect(outcomes['b']).toBe('a')
  })
})

it('counts calls, failures, waits and latencies', async () => {
  const { clock, scheduler, start } = bed({ minInterval: 100 })
  void start('a', 'verb', { takes: 40 })
  void start('b', 'verb', { takes: 80, fails: true })
  await clock.pass(1000)
  expect(scheduler.statistics('ipmi://a:623')).toEqual({
    calls: 2,
    failures: 1,
    consecutiveFailures: 1,
    coalesced: 0,
    refused: 0,
    queued: 0,
    running: false,
    totalWait: 140,
    totalLatency: 120,
    maxLatency: 80,
    latency: 50,
  })
  expect(scheduler.keys()).toEqual(['ipmi://a:623'])
})
