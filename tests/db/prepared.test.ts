import { describe, expect, it } from 'vitest'
import { PreparedTexts } from '../../src/db/prepared.js'

const runs = (texts: PreparedTexts, text: string, times: number) =>
  Array.from({ length: times }, () => texts.prepares(text))

describe('statements that are prepared', () => {
  it('come again and again', () => {
    const texts = new PreparedTexts()
    expect(runs(texts, 'select 1', 4)).toEqual([false, false, true, true])
    expect(runs(texts, 'select 2', 1)).toEqual([false])
  })

  it('are a fixed number, however many texts come', () => {
    const texts = new PreparedTexts()
    for (let n = 0; n < 1000; n++) runs(texts, `select ${n}`, 3)
    const prepared = Array.from({ length: 1000 }, (_, n) => texts.prepares(`select ${n}`))
    expect(prepared.filter(Boolean)).toHaveLength(256)
    expect(prepared[0]).toBe(true)
  })

  it('are found among texts that never come again', () => {
    const texts = new PreparedTexts()
    for (let n = 0; n < 10_000; n++) texts.prepares(`select ${n}`)
    expect(runs(texts, 'select true', 3).at(-1)).toBe(true)
  })
})
