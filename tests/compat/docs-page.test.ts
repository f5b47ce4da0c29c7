// /docs in a real Chromium, as a person goes through it: by mouse and by keyboard, light, dark and on a phone.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFerric, type Ferric } from '../_util/peers/ferric.js'
import { installedPeer } from '../_util/peers/installed.js'
import { Rest } from '../_util/peers/rest.js'

let ferric: Ferric
let browser: Browser
let rest: Rest
/** What the page complained of, whatever the test was. */
const complaints: string[] = []

beforeAll(async () => {
  const { binary } = await installedPeer<{ binary: string }>('browser')
  browser = await chromium.launch({ executablePath: binary, args: ['--no-sandbox'] })
  ferric = await startFerric('embedded')
  rest = new Rest(ferric.url)
  for (const name of ['first', 'second'])
    await rest.must('POST', '/nodes', { driver: 'fake-hardware', name })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await ferric?.[Symbol.asyncDispose]()
})

async function open(path = '/docs', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refused request is an error to the console, and what some of these tests are after.
    const refused = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !refused) complaints.push(message.text())
  })
  await page.goto(`${ferric.url}${path}`)
  await page.locator('.operation').first().waitFor()
  return page
}

const operation = (page: Page, id: string) => page.locator(`[id="${id}"]`)

/** Opens an operation's form. */
async function openForm(page: Page, id: string) {
  const box = operation(page, id)
  await box.locator(':scope > summary').click()
  await box.locator('form').waitFor()
  return box
}

type Operations = { paths: Record<string, Record<string, { operationId?: string }>> }

async function operationsAt(version: string): Promise<string[]> {
  const answer = await fetch(`${ferric.url}/openapi.json?version=${version}`)
  const { paths }: Operations = JSON.parse(await answer.text())
  const found = Object.values(paths).flatMap((item) => Object.values(item))
  const ids = found.flatMap(({ operationId }) => operationId ?? [])
  return ids.toSorted((a, b) => (a < b ? -1 : 1))
}

async function shown(page: Page): Promise<string[]> {
  const boxes = page.locator('.operation:visible')
  const ids = await boxes.evaluateAll((found) => found.map(({ id }) => id))
  return ids.toSorted((a, b) => (a < b ? -1 : 1))
}

describe('the page of the contract', () => {
  it.each(['1.115', '1.34', '1.1'])('shows what %s has, and opens it all', async (version) => {
    const page = await open()
    await page.getByLabel('Version').selectOption(version)
    await expect.poll(() => shown(page)).toEqual(await operationsAt(version))
    await page.locator('.operation').evaluateAll((boxes) => {
      for (const box of boxes) box.setAttribute('open', '')
    })
    await expect.poll(() => page.locator('form').count()).toBe((await shown(page)).length)
  })

  it('finds by words, and says when nothing is called so', async () => {
    const page = await open()
    const find = page.getByLabel('Find')
    await find.fill('node power')
    expect(await shown(page)).toEqual(['nodeStates.power'])
    expect(await page.locator('h2:visible').allTextContents()).toEqual(['node states'])
    await find.fill('no such thing')
    expect(await shown(page)).toEqual([])
    expect(await page.getByText('Nothing is called so.').isVisible()).toBe(true)
  })

  it('is led to by the address, version and operation', async () => {
    const page = await open('/docs?version=1.34#ports.create')
    expect(await page.getByLabel('Version').inputValue()).toBe('1.34')
    await operation(page, 'ports.create').locator('form').waitFor()
    await openForm(page, 'nodes.list')
    await expect.poll(() => page.url()).toContain('?version=1.34#nodes.list')
  })

  it('says what an operation answers with', async () => {
    const page = await open()
    const box = await openForm(page, 'nodes.create')
    await box.getByText('Answers').click()
    expect(await box.locator('.answers').innerText()).toMatch(/201 The new node.*provision_state/s)
  })
})

describe('trying it', () => {
  it('a list, with an argument', async () => {
    const page = await open()
    const box = await openForm(page, 'nodes.list')
    await box.getByLabel('fields').fill('name')
    await box.getByRole('button', { name: 'Send' }).click()
    await box.getByText('200 OK').waitFor()
    const { nodes } = JSON.parse(await box.locator('pre').innerText())
    expect(nodes.map(({ name }: { name: string }) => name)).toEqual(['first', 'second'])
  })

  it('at the version chosen, with the token given', async () => {
    const page = await open()
    await page.getByLabel('Version').selectOption('1.34')
    await page.getByLabel('Token').fill('a-token')
    const box = await openForm(page, 'nodes.list')
    const asked = page.waitForRequest(/\/v1\/nodes$/)
    await box.getByRole('button', { name: 'Send' }).click()
    expect((await asked).headers()).toMatchObject({
      'x-auth-token': 'a-token',
      'x-openstack-ironic-api-version': '1.34',
    })
  })

  it('a new node, by keyboard alone', async () => {
    const page = await open()
    await page.getByLabel('Find').focus()
    await page.keyboard.type('nodes.create')
    // Past the link to the document, to the operations found.
    await page.keyboard.press('Tab')
    for (let presses = 0; presses < 6; presses += 1) {
      await page.keyboard.press('Tab')
      if (await focused(page, '#nodes\\.create > summary')) break
    }
    await page.keyboard.press('Enter')
    await operation(page, 'nodes.create').locator('textarea').waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page, 'textarea')).toBe(true)
    await page.keyboard.press('Control+A')
    await page.keyboard.type('{"driver": "fake-hardware", "name": "typed"}')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await operation(page, 'nodes.create').getByText('201 Created').waitFor()
    expect((await rest.send('GET', '/nodes/typed')).body).toMatchObject({ driver: 'fake-hardware' })
  })

  it('a mistake shows the status and the text of the fault', async () => {
    const page = await open()
    const box = await openForm(page, 'nodes.create')
    expect(JSON.parse(await box.getByLabel('Body').inputValue())).toEqual({ driver: '' })
    await box.getByLabel('Body').fill('{"driver": "no-such-driver"}')
    await box.getByRole('button', { name: 'Send' }).click()
    await box.getByText('400 Bad Request').waitFor()
    const { error_message: fault } = JSON.parse(await box.locator('pre').innerText())
    expect(fault.faultstring).toContain('no-such-driver')
  })

  it('nothing is sent while a part of the path is missing', async () => {
    const page = await open()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    const box = await openForm(page, 'nodes.delete')
    await box.getByRole('button', { name: 'Send' }).click()
    expect(await box.locator('input:invalid').count()).toBe(1)
    expect(asked).toEqual([])
    const input = box.getByLabel('node_ident')
    await input.fill('no/such')
    await input.press('Enter')
    await box.getByText('400 Bad Request').waitFor()
    expect(asked).toEqual([`${ferric.url}/v1/nodes/no%2Fsuch`])
  })

  it('a server that is away is said to be', async () => {
    const page = await open()
    const box = await openForm(page, 'nodes.list')
    await page.context().setOffline(true)
    await box.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => box.locator('.status').innerText()).toBe('No answer')
    await page.context().setOffline(false)
    await box.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => box.locator('.status').innerText()).toBe('200 OK')
  })
})

const focused = (page: Page, selector: string) =>
  page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)

const contrastScript = readFileSync(join(import.meta.dirname, 'docs-page', 'contrast.js'), 'utf8')

/** How each text stands out; 4.5 is the least for text of usual size. */
const contrasts = (
  page: Page,
  selectors: readonly string[],
): Promise<{ selector: string; ratio: number }[]> =>
  page.evaluate(
    `(${contrastScript.slice(contrastScript.indexOf('function'))})(${JSON.stringify(selectors)})`,
  )

describe('looking at it', () => {
  it.each(['light', 'dark'] as const)('%s: all text can be read', async (colorScheme) => {
    const page = await open('/docs', { colorScheme })
    const box = await openForm(page, 'nodes.create')
    await box.getByLabel('Body').fill('{}')
    await box.getByRole('button', { name: 'Send' }).click()
    await box.locator('.refused').waitFor()
    await openForm(page, 'nodes.list')
    const selectors = ['h1', '.path', '.note', '.since', '.refused', 'pre', 'a', '::placeholder']
    const found = await contrasts(page, selectors)
    expect(found.map(({ selector }) => selector)).toEqual(selectors)
    expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([])
  })

  it('on a phone nothing reaches beyond the screen', async () => {
    const page = await open('/docs', { viewport: { width: 360, height: 640 } })
    const box = await openForm(page, 'nodes.list')
    await box.getByRole('button', { name: 'Send' }).click()
    await box.locator('pre').waitFor()
    await openForm(page, 'nodes.create')
    const width = () => page.evaluate('document.documentElement.scrollWidth')
    expect(await width()).toBe(360)
    // The fields are not hidden behind what sticks to the top.
    expect(await page.evaluate("getComputedStyle(document.querySelector('header')).position")).toBe(
      'static',
    )
  })
})

it('the page complained of nothing in all of this', () => {
  expect(complaints).toEqual([])
})
