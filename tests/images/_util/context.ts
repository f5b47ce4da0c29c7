import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { defaultConfig, type ConfigOverrides } from '../../../src/config/index.js'
import type { ImageContext } from '../../../src/images/context.js'
import { Services } from '../../../src/services.js'
import { scannedLog } from '../../_util/scanned-log.js'

/** A directory that goes with the test. */
export async function tempDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'ferric-images-')))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** What images need of a process, keeping its cache below `dir`. */
export function imageContext(dir: string, overrides: ConfigOverrides = {}): ImageContext {
  const config = defaultConfig({
    ...overrides,
    DEFAULT: { state_path: dir, ...overrides.DEFAULT },
    pxe: { instance_master_path: join(dir, 'master_images'), ...overrides.pxe },
    conductor: { file_url_allowed_paths: [dir], ...overrides.conductor },
  })
  const log = scannedLog()
  return { config, clock: systemClock, log, services: new Services(log) }
}

export const soon = (): AbortSignal => AbortSignal.timeout(20_000)
