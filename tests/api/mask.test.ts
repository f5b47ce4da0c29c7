import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../src/mask.js'

describe('maskSecrets', () => {
  it.each([
    [
      { password: 'a', x: 1 },
      { password: '******', x: 1 },
    ],
    [{ IPMI_Password: 'a' }, { IPMI_Password: '******' }],
    [{ secret: { user: 'u', pin: 1 } }, { secret: { user: 'u', pin: 1 } }],
    [{ a: { auth_token: [1] } }, { a: { auth_token: '******' } }],
    [{ list: [{ token: 'x' }, 'plain'] }, { list: [{ token: '******' }, 'plain'] }],
    [{ cmd: 'run --password abc -v' }, { cmd: 'run --password ****** -v' }],
    [{ url: 'u?password=abc' }, { url: 'u?password=******' }],
    [
      { name: 'nothing here', n: null },
      { name: 'nothing here', n: null },
    ],
  ])('turns %j into %j', (before, after) => {
    expect(maskSecrets(before)).toEqual(after)
  })

  it('leaves its argument alone', () => {
    const before = { password: 'a' }
    maskSecrets(before)
    expect(before).toEqual({ password: 'a' })
  })
})
