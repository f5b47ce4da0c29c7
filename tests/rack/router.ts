// A router that offers nothing. Where none answers, iPXE waits a quarter of a minute for one at each boot.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { network } from './network.js'

/** Starts radvd on the bridge, with its files in `dir`. */
export function startRouter(dir: string): Daemon {
  const conf = join(dir, 'radvd.conf')
  const times = 'MinRtrAdvInterval 3; MaxRtrAdvInterval 4;'
  const advert = `AdvSendAdvert on; AdvDefaultLifetime 0; ${times}`
  writeFileSync(conf, `interface ${network.bridge} { ${advert} };\n`)
  const args = ['-n', '-C', conf, '-p', join(dir, 'radvd.pid'), '-m', 'stderr']
  return new Daemon('radvd', args, join(dir, 'radvd.log'))
}
