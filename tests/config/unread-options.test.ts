// An option that nothing reads looks supported and has no effect. An option of Ironic that is not declared is named at
// start-up instead. The test looks for the name anywhere in the source, so it finds what is certainly not read.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { optionGroups } from '../../src/config/options/index.js'

const src = join(import.meta.dirname, '../../src')
const text = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('config/options/'))
  .filter((file) => file !== 'config/known-options.ts')
  .map((file) => readFileSync(join(src, file), 'utf8'))
  .join('\n')
const words = new Set(text.match(/\w+/g))
/** Names that are put together at run time: `enabled_${kind}_interfaces`, `${mode}_kernel`. */
const patterns = [...text.matchAll(/`(\w*(?:\$\{\w+\}\w*)+)`/g)]
  .map(([, template = '']) => template)
  .filter((template) => template.replaceAll(/\$\{\w+\}/g, '').length > 5)
  .map((template) => new RegExp(`^${template.replaceAll(/\$\{\w+\}/g, '\\w+')}$`))

/** Its value is checked; no step of fake hardware's RAID runs, in Ironic either. */
const withoutEffect = ['[fake] raid_delay']

describe('options', () => {
  it('are read by something', () => {
    const unread = Object.entries(optionGroups).flatMap(([group, options]) =>
      Object.keys(options)
        .filter((name) => !words.has(name) && !patterns.some((pattern) => pattern.test(name)))
        .map((name) => `[${group}] ${name}`),
    )
    expect(unread).toEqual(withoutEffect)
  })
})
