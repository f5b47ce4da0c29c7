// Comments and pages may cite only what a reader of this repository can open.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|mjs|py|ya?ml|md)$/.test(file) && existsSync(join(root, file)))

/** Pages of upstream and of peers that our own pages link to by their addresses. */
const isAddress = (text: string, at: number) => /https?:\S*$/.test(text.slice(0, at))

interface Citation {
  readonly file: string
  readonly document: string
  /** `12.3` where the text cites section 12.3; absent where the whole document is cited. */
  readonly section: string | undefined
}

const pattern =
  /(?<![\w.-])((?:[\w.-]+\/)*[\w-]+\.md\b)(?:`?,? (?:section )?(\d+(?:\.\d+)*|[A-Z]\.\d+)(?![\w.]*x))?/g

function citationsIn(file: string): Citation[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(pattern)]
    .filter((match) => !isAddress(text, match.index))
    .map((match) => ({ file, document: match[1] ?? '', section: match[2] }))
}

/** A citation names a file from the root, beside the citing file, or in docs/. */
function pathOf({ file, document }: Citation): string | undefined {
  return [
    join(root, document),
    join(root, dirname(file), document),
    join(root, 'docs', document),
  ].find((path) => existsSync(path))
}

const headings = new Map<string, string>()
function hasSection(path: string, section: string): boolean {
  if (!headings.has(path))
    headings.set(
      path,
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => /^(#+|\d+\.\d+) ?/.test(line))
        .join('\n'),
    )
  const number = section.replaceAll('.', '\\.')
  return new RegExp(`^(#+ )?${number}(?!\\d)`, 'm').test(headings.get(path) ?? '')
}

const citations = tracked.flatMap(citationsIn)

it('finds the citations it is about', () => {
  expect(citations.length).toBeGreaterThan(100)
})

it('every cited document is in the repository', () => {
  const missing = citations.filter((citation) => pathOf(citation) === undefined)
  expect(missing.map(({ file, document }) => `${file}: ${document}`)).toEqual([])
})

it('every cited section of docs/reference exists', () => {
  const missing = citations.filter((citation) => {
    const path = pathOf(citation)
    if (citation.section === undefined || path === undefined || !path.includes('/reference/'))
      return false
    return !hasSection(path, citation.section)
  })
  expect(missing.map((c) => `${c.file}: ${c.document} ${c.section}`)).toEqual([])
})
