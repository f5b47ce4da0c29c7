import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Process {
  readonly pid: number
  /** Arguments, separated by spaces. */
  readonly command: string
  readonly directory: string
}

function textOf(read: () => string): string {
  try {
    return read()
  } catch {
    // The process has ended since its directory was listed, or the kernel keeps what it is from others.
    return ''
  }
}

function processOf(pid: number): Process {
  return {
    pid,
    command: textOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' '),
    directory: textOf(() => readlinkSync(`/proc/${pid}/cwd`)),
  }
}

/** Returns the processes of this machine that work in a directory or name it in their arguments. */
export function processesOf(directory: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processOf(Number(name)))
    .filter((one) => one.directory.startsWith(directory) || one.command.includes(directory))
}

/** Returns the proportional set size of processes in MiB: memory that n processes share counts 1/n for each. */
export function proportionalMiB(pids: readonly number[]): number {
  const kib = pids.map((pid) => {
    const rollup = textOf(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0)
  })
  return kib.reduce((sum, one) => sum + one, 0) / 1024
}
