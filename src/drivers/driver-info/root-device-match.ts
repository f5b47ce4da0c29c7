/** Choosing a disk by root device hints (`ironic_lib/utils.py`, match_root_device_hints). */
import type { JsonObject } from '../../db/columns.js'
import { pythonStr } from '../../python/repr.js'
import { lenientBool } from './fields.js'

const gib = 1024 ** 3

type Compare = (value: string, wanted: string) => boolean
const numbers =
  (compare: (a: number, b: number) => boolean): Compare =>
  (value, wanted) =>
    compare(Number(value), Number(wanted))

/** Those of oslo.utils' `specs_matcher`; there a lone `=` means at least. */
const operators: readonly (readonly [string, Compare])[] = [
  ['s==', (a, b) => a === b],
  ['s!=', (a, b) => a !== b],
  ['s<=', (a, b) => a <= b],
  ['s>=', (a, b) => a >= b],
  ['s<', (a, b) => a < b],
  ['s>', (a, b) => a > b],
  ['==', numbers((a, b) => a === b)],
  ['!=', numbers((a, b) => a !== b)],
  ['<=', numbers((a, b) => a <= b)],
  ['>=', numbers((a, b) => a >= b)],
  ['<range-in>', inRange],
  [
    '<all-in>',
    (value, words) => words.split(/\s*<all-in>\s*/).every((word) => value.includes(word)),
  ],
  ['<in>', (value, part) => value.includes(part)],
  ['<or>', (value, values) => values.split(/\s*<or>\s*/).includes(value)],
  ['<', numbers((a, b) => a < b)],
  ['>', numbers((a, b) => a > b)],
  ['=', numbers((a, b) => a >= b)],
]

/** `[ 10 20 ]` with its ends, `( 10 20 )` without. */
function inRange(value: string, wanted: string): boolean {
  const [, open, low, high, close] = /^([[(])\s*(\S+)\s+(\S+)\s*([\])])$/.exec(wanted) ?? []
  if (open === undefined) return false
  const number = Number(value)
  const above = open === '[' ? number >= Number(low) : number > Number(low)
  return above && (close === ']' ? number <= Number(high) : number < Number(high))
}

/**
 * The first disk that fits all hints.
 * @param devices as agents list them: sizes in bytes
 * @returns null when none does
 */
export function matchRootDevice(
  devices: readonly JsonObject[],
  hints: JsonObject,
): JsonObject | null {
  return (
    devices.find((device) => Object.keys(hints).every((h) => fits(device, h, hints[h]))) ?? null
  )
}

function fits(device: JsonObject, hint: string, wanted: unknown): boolean {
  const value = device[hint]
  if (value === undefined || value === null) return false
  if (hint === 'rotational') return lenientBool(value) === lenientBool(wanted)
  const text = pythonStr(wanted).trim()
  if (hint === 'size') return compare(String(Math.floor(Number(value) / gib)), text, '==')
  return compare(pythonStr(value).trim().toLowerCase(), decoded(text).toLowerCase(), 's==')
}

function compare(value: string, expression: string, usual: string): boolean {
  const found = operators.find(([name]) => expression.startsWith(name))
  const [name, test] = found ?? operators.find(([one]) => one === usual) ?? ['', () => false]
  return test(value, (found === undefined ? expression : expression.slice(name.length)).trim())
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign is one.
    return text
  }
}
