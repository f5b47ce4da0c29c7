// What Ferric remembers of a node, printed for a person.
import { say } from './say.js'

type Entry = { at: string; kind: string; summary: string }

/** Every entry, oldest first, page by page. */
async function entries(api: string, node: string): Promise<Entry[]> {
  const all: Entry[] = []
  let next: string | undefined = `${api}/ferric/v1/nodes/${node}/timeline?limit=500`
  while (next) {
    const answer = await fetch(next, { signal: AbortSignal.timeout(30_000) })
    if (!answer.ok) throw new Error(`${next} answered ${answer.status}: ${await answer.text()}`)
    const page: { timeline: Entry[]; next?: string } = JSON.parse(await answer.text())
    all.push(...page.timeline)
    next = page.next
  }
  return all
}

/** Prints the timeline of a node, long summaries cut. */
export async function printTimeline(api: string, node: string): Promise<void> {
  const all = await entries(api, node)
  say('timeline', `${all.length} entries of ${node}`)
  for (const { at, kind, summary } of all)
    process.stdout.write(
      `          ${at.slice(11, 19)}  ${kind.padEnd(10)}  ${summary.slice(0, 150)}\n`,
    )
}
