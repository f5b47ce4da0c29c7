// What the driver package `drivers/effects.mjs` did, as its file tells.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './peers/root.js'

export interface Effect {
  readonly node: string
  readonly step: string
  readonly what: string
  readonly pid: number
}

export const deploySteps = ['step1', 'step2', 'step3', 'step4', 'step5', 'step6']

/** Options that enable the package. */
export const effectsConf = {
  ferric: { driver_packages: join(root, 'tests', '_util', 'drivers', 'effects.mjs') },
  DEFAULT: { enabled_deploy_interfaces: 'effects,fake,direct' },
}

/** The folder the package writes to; make it before the processes that load the package. */
export class EffectsLog implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'ferric-effects-'))

  constructor() {
    process.env['FERRIC_EFFECTS_DIR'] = this.#dir
  }

  read(): Effect[] {
    const path = join(this.#dir, 'effects.log')
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => {
      const [node = '', step = '', what = '', pid = ''] = line.split(' ')
      return { node, step, what, pid: Number(pid) }
    })
  }

  /** Has a node's step wait to be killed, once. */
  holdAt(node: string, step: string, where: 'before' | 'after'): void {
    writeFileSync(join(this.#dir, `${node}.${step}.${where}`), '')
  }

  [Symbol.dispose](): void {
    delete process.env['FERRIC_EFFECTS_DIR']
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
