/** A generator of numbers in 0..1 that repeats them for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface RandomBytes {
  readonly seed: number
  readonly count: number
  /** Length of the longest buffer of noise. */
  readonly most: number
  /** Well-formed packets. Most buffers are damaged copies of them. */
  readonly near: readonly Buffer[]
}

/** Generates noise and damaged copies, which are cut, lengthened and changed. */
export function* randomBytes({ seed, count, most, near }: RandomBytes): Generator<Buffer> {
  const next = random(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  const noise = (length: number) => {
    const bytes = Buffer.allocUnsafe(length)
    for (let i = 0; i < length; i++) bytes[i] = below(256)
    return bytes
  }
  for (let i = 0; i < count; i++) {
    const model = near[below(near.length)]
    if (model === undefined || i % 4 === 0) {
      yield noise(below(most))
      continue
    }
    const copy = Buffer.concat([model.subarray(0, below(model.length + 1)), noise(below(4))])
    for (let n = below(6); n > 0 && copy.length > 0; n--) copy[below(copy.length)] = below(256)
    yield copy
  }
}
