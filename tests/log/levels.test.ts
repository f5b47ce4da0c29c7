import { describe, expect, it } from 'vitest'
import { readLevels } from '../../src/log/levels.js'
import { createLoggers, setLevels } from '../../src/log/logger.js'
import { subsystems } from '../../src/log/subsystems.js'

/** oslo.log's default, as upstream writes it into every sample file (`oslo_log/_options.py`). */
const upstreamDefault =
  'amqp=WARN,amqplib=WARN,boto=WARN,qpid=WARN,sqlalchemy=WARN,suds=INFO,oslo.messaging=INFO,' +
  'oslo_messaging=INFO,iso8601=WARN,requests.packages.urllib3.connectionpool=WARN,' +
  'urllib3.connectionpool=WARN,websocket=WARN,keystonemiddleware=WARN,routes.middleware=WARN,' +
  'stevedore=WARN,taskflow=WARN,keystoneauth=WARN,oslo.cache=INFO,oslo_policy=INFO,' +
  'dogpile.core.dogpile=INFO'

const levelsOf = (text: string) => readLevels(text.split(',')).levels

describe('[DEFAULT] default_log_levels', () => {
  it('sets subsystems by name and takes Python’s level names', () => {
    expect(levelsOf('bmc=DEBUG, db = warning,api=CRITICAL')).toEqual({
      bmc: 'debug',
      db: 'warn',
      api: 'fatal',
    })
  })

  it('takes the defaults of upstream without an effect or a complaint', () => {
    expect(readLevels(upstreamDefault.split(','))).toEqual({ levels: {}, problems: [] })
  })

  it('translates modules of Ironic; the more exact name counts, and our own name most', () => {
    const levels = levelsOf(
      'bmc=ERROR,ironic.drivers=INFO,ironic.drivers.modules.network.neutron=TRACE,ironic=WARN',
    )
    expect(Object.keys(levels).toSorted()).toEqual([...subsystems].toSorted())
    expect(levels).toMatchObject({ bmc: 'error', deploy: 'info', network: 'trace', api: 'warn' })
    expect(levelsOf('ironic.nova=DEBUG,ironicx=DEBUG')).toEqual({})
  })

  it.each(['bmc', 'bmc=LOUD', '=DEBUG', 'bmc='])('refuses %s', (pair) => {
    const { levels, problems } = readLevels([pair])
    expect(levels).toEqual({})
    expect(problems).toEqual([expect.stringContaining(`'${pair}'`)])
  })

  it('takes effect at once when the configuration is read again', () => {
    const written: string[] = []
    const log = createLoggers({
      level: 'info',
      levels: { bmc: 'warn' },
      to: { write: (line) => void written.push(line) },
    })
    const say = () => {
      written.length = 0
      log.bmc.info('bmc')
      log.api.info('api')
      return written.map((line) => (JSON.parse(line) as { msg: string }).msg)
    }
    expect(say()).toEqual(['api'])
    setLevels(log, 'warn', { bmc: 'debug' })
    expect(say()).toEqual(['bmc'])
  })
})
