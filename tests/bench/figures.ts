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

function parentOf(pid: string): number | undefined {
  try {
    // The name before the parent may hold blanks and brackets, so count from the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function residentKiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
}

/** Resident memory of processes and all that they started, in MiB. */
export function residentMiB(pids: readonly number[]): number {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number | undefined] => [Number(name), parentOf(name)])
  const tree = new Set(pids)
  for (let before = 0; before !== tree.size;) {
    before = tree.size
    for (const [pid, parent] of parents) if (parent && tree.has(parent)) tree.add(pid)
  }
  return [...tree].reduce((sum, pid) => sum + residentKiB(pid), 0) / 1024
}
