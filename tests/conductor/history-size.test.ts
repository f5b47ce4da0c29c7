import { describe, expect, it } from 'vitest'
import { fit } from '../../src/conductor/node/history.js'

const limit = 65_535

describe('the text of a history event', () => {
  it.each(['x', 'é', '€', '😀'])('is cut between characters: %s', (character) => {
    for (let shift = 0; shift < 4; shift++) {
      const text = `${'a'.repeat(shift)}${character.repeat(70_000)}${'z'.repeat(shift)}`
      const short = fit(text)
      const size = Buffer.byteLength(short)
      expect(size).toBeLessThanOrEqual(limit)
      expect(size).toBeGreaterThan(limit - 8)
      expect(short).not.toContain('\uFFFD')
      const [head = '', tail = ''] = short.split(' ... [truncated] ... ')
      expect(text.startsWith(head)).toBe(true)
      expect(text.endsWith(tail)).toBe(true)
    }
  })

  it('stays as it is up to 65,535 bytes', () => {
    const text = 'x'.repeat(limit)
    expect(fit(text)).toBe(text)
    expect(fit(`${text}x`)).not.toBe(`${text}x`)
  })
})
