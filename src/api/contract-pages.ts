/** `/openapi.json` and `/docs`: the contract as a document and as a page. Not part of Ironic. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { installationRoot } from '../installation.js'
import type { Contract } from './contract/load.js'
import { renderContract } from './contract/render.js'
import { MAX_MINOR, MIN_MINOR } from './contract/types.js'

/** Mounts both pages. They say nothing that is not public, so nobody has to log in for them. */
export function mountContractPages(app: Hono, contract: Contract): void {
  const rendered = new Map<number, string>()
  app.get('/openapi.json', (c) => {
    const minor = minorOf(c.req.query('version'))
    if (minor === null) {
      return c.json({ error: `version must be 1.${MIN_MINOR} to 1.${MAX_MINOR} or latest` }, 400)
    }
    const text = rendered.get(minor) ?? JSON.stringify(renderContract(contract.documents, minor))
    rendered.set(minor, text)
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  })
  const page = readPage()
  app.get('/docs', (c) => c.html(page))
}

/** One document, so that nothing else has to be reachable where the page is. */
function readPage(): string {
  const read = (name: string) => readFileSync(join(installationRoot(), 'src/ui', name), 'utf8')
  return read('contract.html').replace(/\/\* (contract\.(?:css|js)) \*\//g, (_, name: string) =>
    read(name),
  )
}

function minorOf(version: string | undefined): number | null {
  if (version === undefined || version === 'latest') return MAX_MINOR
  const minor = Number(/^1\.(\d{1,3})$/.exec(version)?.[1])
  return minor >= MIN_MINOR && minor <= MAX_MINOR ? minor : null
}
