/**
 * Runs programs that tenants write or whose data they control (kickstart templates, inspection
 * rules) in processes of their own, with limits on time and memory. Such a program can loop, double a
 * list until the memory is full, or hold a regular expression that backtracks for hours; in the
 * server's own process it would stop every request. One pool serves the whole process.
 */
import { ProgramStopped, type Program } from './program.js'
import { SandboxChild } from './child.js'

const mostChildren = 2
const mostWaiting = 64
const idleMs = 30_000
/** A sound program takes some milliseconds; a process on a busy machine needs some slack. */
const defaultMs = 2_000

export interface RunOptions {
  readonly signal?: AbortSignal
  /** The longest a program may run, in milliseconds. */
  readonly ms?: number
}

const idle: SandboxChild[] = []
const waiting: (() => void)[] = []
let busy = 0
let idleTimer: NodeJS.Timeout | undefined

/**
 * Runs a program on a copy of its input.
 * @returns a copy of its output
 * @throws ProgramFailed when the program throws, ProgramStopped at a limit, the signal's reason
 */
export async function runProgram<Input, Output>(
  program: Program<Input, Output>,
  input: Input,
  { signal, ms = defaultMs }: RunOptions = {},
): Promise<Output> {
  signal?.throwIfAborted()
  await turn()
  try {
    signal?.throwIfAborted()
    const child = childOf()
    try {
      return (await child.run({ name: program.name, input }, ms)) as Output
    } finally {
      if (child.isAlive) keep(child)
    }
  } finally {
    endTurn()
  }
}

/** Waits until a child is free. The wait is bounded, because each program ahead is. */
async function turn(): Promise<void> {
  if (busy < mostChildren) busy += 1
  else if (waiting.length >= mostWaiting) throw new ProgramStopped('too many programs are waiting')
  else await new Promise<void>((resolve) => waiting.push(resolve))
}

/** Passes the turn to the next caller, or gives it back. */
function endTurn(): void {
  const next = waiting.shift()
  if (next === undefined) busy -= 1
  else next()
}

function childOf(): SandboxChild {
  for (let child = idle.pop(); child !== undefined; child = idle.pop()) {
    if (child.isAlive) return child
  }
  return new SandboxChild()
}

/** Keeps the child for the next program, and ends all that are idle when none comes. */
function keep(child: SandboxChild): void {
  idle.push(child)
  clearTimeout(idleTimer)
  idleTimer = setTimeout(() => {
    for (const one of idle.splice(0)) one.end()
  }, idleMs).unref()
}
