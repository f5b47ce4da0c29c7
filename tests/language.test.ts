// Holds the words that docs/style.md refuses out of the folders that have been rewritten.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import pending from './language-pending.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')

/** Pages that list the refused words, facts about upstream, and recordings of real programs. */
const exempt = [
  'docs/style.md',
  'docs/reference/',
  'tests/language.test.ts',
  'tests/language-pending.json',
  'tests/compat/conformance/',
]

const refused =
  /(?<![`'"])\b(anew|whoever|whomever|nobody|somebody|for ever|all the same|(?:is|are) none|begun|told)\b(?![`'"])/gi
const participle = /(?<![.\w'"`-])(found|wanted|given|known|asked|told)\b(?!['"`?:-]|\s*\()/g

const startsWithAny = (file: string, prefixes: readonly string[]) =>
  prefixes.some((prefix) => file.startsWith(prefix))

/** Comments and texts of a program, with line breaks kept so that a finding has its line. */
const withoutTexts = (source: string) =>
  source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'/g, (text) =>
    text.replace(/[^\n]/g, ' '),
  )

function findings(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const at = (text: string, index: number) => text.slice(0, index).split('\n').length
  const words = [...source.matchAll(refused)].map(
    (match) => `${file}:${at(source, match.index)} "${match[0]}"`,
  )
  if (!file.endsWith('.ts')) return words
  const code = withoutTexts(source)
  const names = [...code.matchAll(participle)].map(
    (match) => `${file}:${at(code, match.index)} name "${match[0]}"`,
  )
  return [...words, ...names]
}

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|mjs|ya?ml|md)$/.test(file) && existsSync(join(root, file)))
  .filter((file) => !startsWithAny(file, exempt))

it('refuses the words of docs/style.md outside the files that wait for their rewrite', () => {
  const done = files.filter((file) => !pending.includes(file))
  expect(done.length).toBeGreaterThan(300)
  expect(done.flatMap(findings)).toEqual([])
})
