import { readFileSync, readdirSync } from 'node:fs'

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** One measured thing: lower is better for times and memory, higher for rates. */
export type Figure = {
  name: string
  unit: 'ms' | 's' | 'per s' | 'MB per s' | 'MiB'
  value: number
}

/** How many times better `mine` is than `theirs`. */
export function ratio(theirs: Figure, mine: Figure): number {
  return mine.unit.endsWith('per s') ? mine.value / theirs.value : theirs.value / mine.value
}

/** What Linux tells of a process, from its state on. */
function statOf(pid: string | number): string[] {
  // The name before it may hold blanks and brackets, so count from the last bracket.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(statOf(pid)[1])
  } catch {
    return undefined
  }
}

function residentKiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
}

/** Processes and all that they started. */
function treeOf(pids: readonly number[]): Set<number> {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number | undefined] => [Number(name), parentOf(name)])
  const tree = new Set(pids)
  for (let before = 0; before !== tree.size;) {
    before = tree.size
    for (const [pid, parent] of parents) if (parent && tree.has(parent)) tree.add(pid)
  }
  return tree
}

/** Resident memory of processes and all that they started, in MiB. */
export const residentMiB = (pids: readonly number[]): number =>
  [...treeOf(pids)].reduce((sum, pid) => sum + residentKiB(pid), 0) / 1024

/** Linux counts CPU time in hundredths of a second, whatever its timer does. */
const ticksPerSecond = 100

function cpuTicks(pid: number): number {
  try {
    const fields = statOf(pid)
    // User and system time of its own, then of children that have ended.
    return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
  } catch {
    return 0
  }
}

/** CPU time of processes and all that they started, those that have ended too, in seconds. */
export const cpuSeconds = (pids: readonly number[]): number =>
  [...treeOf(pids)].reduce((sum, pid) => sum + cpuTicks(pid), 0) / ticksPerSecond
