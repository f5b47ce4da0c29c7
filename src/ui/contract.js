// The page at /docs: what the contract says at a version, and a form for each operation that sends it.
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const byId = (id) => document.getElementById(id)
const make = (tag, props = {}, ...kids) => {
  const element = Object.assign(document.createElement(tag), props)
  element.append(...kids)
  return element
}
const text = (tag, className, textContent) => make(tag, { className, textContent })

/** What stands at a reference, with what is said beside the reference over it. */
function resolved(doc, value) {
  if (!value?.$ref) return value ?? {}
  const path = value.$ref.slice(2).split('/')
  const { $ref: _, ...over } = value
  return {
    ...resolved(
      doc,
      path.reduce((o, key) => o[key], doc),
    ),
    ...over,
  }
}

const since = (thing) => {
  const from = thing['x-openstack']?.['min-ver']
  return from ? `since ${from}` : ''
}

function typeOf(doc, schema) {
  const s = resolved(doc, schema)
  const type = [s.type ?? (s.enum ? 'one of' : 'any')].flat().join(' or ')
  const items = s.type === 'array' && s.items ? ` of ${typeOf(doc, s.items)}` : ''
  return `${type}${items}${s.enum ? ` ${s.enum.join(', ')}` : ''}${s.format ? ` (${s.format})` : ''}`
}

/** `nodeBios` as a person writes it. */
const words = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

function operationsOf(doc) {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const op = item[method]
      const params = [...(item.parameters ?? []), ...(op.parameters ?? [])]
      return { path, method, op, params: params.map((p) => resolved(doc, p)) }
    }),
  )
}

/** Groups in the order of their shortest paths: nodes come before what belongs to a node. */
function groupsOf(operations) {
  const groups = new Map()
  for (const one of operations) {
    const [name] = one.op.operationId.split('.')
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  for (const group of groups.values()) group.sort((a, b) => depth(a) - depth(b) || byPath(a, b))
  return [...groups].sort(([, a], [, b]) => byPath(a[0], b[0]))
}
const depth = ({ path }) => path.split('/').length
const byPath = (a, b) =>
  a.path.localeCompare(b.path, 'en') || METHODS.indexOf(a.method) - METHODS.indexOf(b.method)

/** Shows a version; what was open stays open. An answer that comes after a later choice is dropped. */
async function show() {
  const version = byId('version').value
  const address = `openapi.json?version=${version}`
  const doc = await (await fetch(address)).json()
  if (byId('version').value !== version) return
  const open = new Set([...document.querySelectorAll('.operation[open]')].map((box) => box.id))
  const sections = groupsOf(operationsOf(doc)).map(([name, group]) =>
    make('section', {}, text('h2', '', words(name)), ...group.map((one) => operation(doc, one))),
  )
  byId('main').replaceChildren(...sections, text('p', 'nothing', 'Nothing is called so.'))
  byId('document').href = address
  for (const id of open) if (byId(id)) byId(id).open = true
  filter()
}

function operation(doc, one) {
  const { path, method, op } = one
  const [, name] = op.operationId.split('.')
  const summary = make(
    'summary',
    {},
    text('span', 'method', method.toUpperCase()),
    text('span', 'path', path),
    text('span', 'note', op.summary ?? words(name)),
    text('span', 'since', since(op)),
  )
  const box = make('details', { className: 'operation', id: op.operationId }, summary)
  box.dataset.text = `${path} ${method} ${op.operationId} ${words(op.operationId)}`.toLowerCase()
  box.addEventListener('toggle', () => {
    if (box.open && box.children.length < 2) box.append(form(doc, one), answers(doc, op))
    if (box.open) remember(op.operationId)
  })
  return box
}

/** Name, input or type, what is to be known. */
const member = (tag, name, value, note) =>
  make(tag, { className: 'member' }, text('code', '', name), value, text('span', 'note', note))

function form(doc, one) {
  const { op, params } = one
  const body = resolved(doc, op.requestBody?.content?.['application/json']?.schema)
  const inputs = params.map((p) => [p, inputFor(doc, p)])
  const area = op.requestBody && make('textarea', { value: draft(doc, body), spellcheck: false })
  const out = make('div', { role: 'status' })
  const send = make('button', { textContent: 'Send' })
  const element = make(
    'form',
    { className: 'body' },
    ...inputs.map(([p, i]) => member('label', p.name, i, noteOf(p))),
    ...(area ? [make('h3', { textContent: 'Body' }), ...members(doc, body), area] : []),
    make('p', {}, send),
    out,
  )
  area?.setAttribute('aria-label', 'Body')
  element.addEventListener('submit', async (event) => {
    event.preventDefault()
    send.disabled = true
    await request(one, inputs, area, out)
    send.disabled = false
  })
  return element
}

const inputFor = (doc, p) =>
  make('input', {
    className: 'value',
    placeholder: typeOf(doc, p.schema),
    title: typeOf(doc, p.schema),
    required: p.in === 'path',
    spellcheck: false,
    autocapitalize: 'none',
  })

const noteOf = (p) => [p.in, p.required ? 'required' : '', since(p)].filter(Boolean).join(', ')

function members(doc, schema) {
  const required = schema.required ?? []
  return Object.entries(schema.properties ?? {}).map(([name, s]) => {
    const note = [required.includes(name) ? 'required' : '', since(resolved(doc, s))]
    const type = text('span', '', typeOf(doc, s))
    return member('div', name, type, note.filter(Boolean).join(', '))
  })
}

/** The least a body can be. */
function draft(doc, schema) {
  if (schema.type === 'array') return '[]'
  const names = schema.required ?? []
  const blank = { string: '', array: [], object: {}, boolean: false, integer: 0 }
  const typeIn = (name) => [resolved(doc, schema.properties?.[name]).type].flat()[0]
  const values = names.map((name) => [name, blank[typeIn(name)] ?? null])
  return JSON.stringify(Object.fromEntries(values), null, 2)
}

/** What comes back, by status. */
function answers(doc, op) {
  const parts = Object.entries(op.responses ?? {}).flatMap(([status, response]) => {
    const { description = '', content } = resolved(doc, response)
    const schema = resolved(doc, content?.['application/json']?.schema)
    const title = make('h3', {}, `${status} `, text('span', 'note', description))
    return [title, ...members(doc, schema)]
  })
  const summary = text('summary', 'note', 'Answers')
  return make('details', { className: 'body answers' }, summary, ...parts)
}

/** Relative to this page, so that it works behind a path too. */
function addressOf({ path }, inputs) {
  const query = new URLSearchParams()
  let address = `.${path}`
  for (const [p, { value }] of inputs) {
    if (p.in === 'path') address = address.replace(`{${p.name}}`, encodeURIComponent(value))
    else if (p.in === 'query' && value !== '') query.set(p.name, value)
  }
  return query.size ? `${address}?${query}` : address
}

async function request(one, inputs, area, out) {
  const headers = { 'X-OpenStack-Ironic-API-Version': byId('version').value }
  if (byId('token').value) headers['X-Auth-Token'] = byId('token').value
  for (const [p, { value }] of inputs) if (p.in === 'header' && value) headers[p.name] = value
  if (area) headers['Content-Type'] = 'application/json'
  const method = one.method.toUpperCase()
  const address = addressOf(one, inputs)
  const asked = `${method} ${new URL(address, location).pathname}`
  try {
    const began = performance.now()
    const response = await fetch(address, { method, headers, body: area?.value })
    const answer = await response.text()
    const took = `${Math.round(performance.now() - began)} ms`
    const said = `${response.status} ${response.statusText}`
    showAnswer(out, { said, refused: !response.ok, note: `${asked}, ${took}`, answer })
  } catch (error) {
    showAnswer(out, { said: 'No answer', refused: true, note: asked, answer: String(error) })
  }
}

function showAnswer(out, { said, refused, note, answer }) {
  const status = text('span', refused ? 'status refused' : 'status', said)
  const shown = make('pre', { textContent: readable(answer), tabIndex: 0 })
  out.replaceChildren(make('p', {}, status, ' ', text('span', 'note', note)))
  if (answer !== '') out.append(shown)
}

/** Faults of the API are JSON within JSON. */
function readable(answer) {
  try {
    const json = JSON.parse(answer)
    if (typeof json.error_message === 'string') json.error_message = JSON.parse(json.error_message)
    return JSON.stringify(json, null, 2)
  } catch {
    return answer
  }
}

function filter() {
  const wanted = byId('find').value.toLowerCase().split(/\s+/).filter(Boolean)
  let count = 0
  for (const section of document.querySelectorAll('main section')) {
    const boxes = [...section.querySelectorAll('.operation')]
    for (const box of boxes) box.hidden = !wanted.every((w) => box.dataset.text.includes(w))
    const shown = boxes.filter((box) => !box.hidden).length
    section.hidden = shown === 0
    count += shown
  }
  byId('count').textContent = `${count} operation${count === 1 ? '' : 's'}`
  document.querySelector('.nothing').hidden = count > 0
}

/** The address leads back to this version and operation. */
function remember(operationId) {
  const query = new URLSearchParams({ version: byId('version').value })
  history.replaceState(null, '', `?${query}${operationId ? `#${operationId}` : location.hash}`)
}

function failed(error) {
  byId('main').replaceChildren(make('p', { className: 'refused', textContent: String(error) }))
}

async function start() {
  const newest = await (await fetch('openapi.json')).json()
  const highest = Number(newest.info.version.split('.')[1])
  const versions = Array.from({ length: highest }, (_, i) => `1.${highest - i}`)
  const version = byId('version')
  version.append(...versions.map((v) => make('option', { value: v, textContent: v })))
  const asked = new URLSearchParams(location.search).get('version')
  if (versions.includes(asked)) version.value = asked
  version.addEventListener('change', () => {
    remember()
    show().catch(failed)
  })
  byId('find').addEventListener('input', filter)
  await show()
  const box = byId(location.hash.slice(1))
  if (box?.matches('.operation')) {
    box.open = true
    box.scrollIntoView()
  }
}

start().catch(failed)
