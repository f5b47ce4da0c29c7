import type { SelReport } from '../drivers/bmc/sel.js'
import type { SelEntry } from '../protocols/ipmi/sel/entry.js'

type Named = SelReport & { readonly node: string; readonly name: string | null }

/** The event log for programs: bytes in hex. */
export function selJson(report: Named): object {
  const entries = report.entries.map((entry) => ({ ...entry, raw: entry.raw.toString('hex') }))
  return { ...report, entries }
}

/** The event log for people: a line an entry, and what the log has room for. */
export function selText({ node, name, bmc, info, entries, cleared }: Named): string {
  const which = name === null ? node : `${name} (${node})`
  const room = `${info.freeBytes} bytes free${info.overflowed ? '; events were lost: it was full' : ''}`
  const lines = [
    `${bmc}, the BMC of ${which}: ${entries.length} entries, ${room}`,
    ...entries.map(lineOf),
    ...(cleared ? ['The log was cleared.'] : []),
  ]
  return `${lines.join('\n')}\n`
}

function lineOf({ id, at, event, raw }: SelEntry): string {
  const head = `  ${id.toString(16).padStart(4, '0')}  ${at?.toISOString() ?? 'time not known'.padEnd(24)}`
  if (event === null) return `${head}  ${raw.toString('hex')}`
  const sensor = `${event.sensorType} #0x${event.sensorNumber.toString(16).padStart(2, '0')}`
  return `${head}  ${sensor}  ${event.what}  ${event.asserted ? 'asserted' : 'deasserted'}`
}
