import { describe, expect, it } from 'vitest'
import { readArguments } from '../../src/cli/arguments.js'

describe('the command line', () => {
  it('takes files, directories and settings in order, before or after the command', () => {
    const argv = [
      '--config-file',
      'a',
      'serve',
      '--config-file=b',
      '--set',
      'api.port=1',
      '--config-dir',
      'd',
    ]
    expect(readArguments(argv)).toEqual({
      kind: 'run',
      command: 'serve',
      configFiles: ['a', 'b'],
      configDirs: ['d'],
      flags: ['api.port=1'],
    })
  })

  it('takes what a BMC is asked', () => {
    expect(readArguments(['bmc', 'probe', 'node-1', '--json'])).toMatchObject({
      command: 'bmc',
      bmc: { verb: 'probe', node: 'node-1', json: true, clear: false },
    })
    expect(readArguments(['bmc', 'sel', 'node-1', '--clear'])).toMatchObject({
      bmc: { verb: 'sel', node: 'node-1', json: false, clear: true },
    })
  })

  it.each([
    [['--help'], 'help'],
    [['serve', '-h'], 'help'],
    [['--version'], 'version'],
  ])('%j asks for %s', (argv, kind) => {
    expect(readArguments(argv)).toEqual({ kind })
  })

  it.each([
    [[], 'A command is needed'],
    [['swerve'], "no command 'swerve'"],
    [['serve', 'more'], "serve takes no argument 'more'"],
    [['serve', '--prot'], "'--prot'"],
    [['serve', '--set'], "'--set <value>' argument missing"],
    [['bmc'], 'bmc takes probe or sel, and a node'],
    [['bmc', 'probe'], 'needs the UUID or the name of a node'],
    [['bmc', 'probe', 'a', 'b'], "What is 'b'?"],
    [['bmc', 'probe', 'a', '--clear'], '--clear goes with bmc sel only'],
    [['serve', '--json'], '--json goes with bmc only'],
    [['serve', '--clear'], '--clear goes with bmc only'],
  ])('%j is refused', (argv, problem) => {
    expect(readArguments(argv)).toEqual({
      kind: 'usage',
      problem: expect.stringContaining(problem) as string,
    })
  })
})
