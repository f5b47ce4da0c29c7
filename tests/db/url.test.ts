import { describe, expect, it } from 'vitest'
import { databaseHome, describeHome } from '../../src/db/url.js'

describe('[database] connection', () => {
  it.each([
    [null, 'embedded in /state/db'],
    ['', 'embedded in /state/db'],
    ['embedded:///srv/a%20b', 'embedded in /srv/a b'],
    ['postgresql://u:secret@db:5433/ironic', 'postgresql://db:5433/ironic'],
    ['postgres://db/ironic', 'postgresql://db/ironic'],
    ['postgresql+psycopg2://u:secret@db/ironic?client_encoding=utf8', 'postgresql://db/ironic'],
    ['postgresql:///ironic?host=/run/pg', 'postgresql:///run/pg/ironic'],
  ])('%j lives %s', (connection, description) => {
    expect(describeHome(databaseHome(connection, '/state'))).toBe(description)
  })

  it.each([
    ['sqlite:////var/lib/ironic.sqlite', 'sqlite URL is not supported'],
    ['mysql+pymysql://u:secret@db/ironic', 'mysql+pymysql URL is not supported'],
    ['embedded://relative/path', 'absolute path'],
    ['pglite:///srv/db', 'a pglite URL is not supported'],
    ['/var/lib/db', 'without a scheme'],
    ['postgresql://u:secret@:bad port/x', 'not a valid postgresql:// URL'],
  ])('%j is refused without its password', (connection, message) => {
    expect(() => databaseHome(connection, '/state')).toThrow(message)
    expect(() => databaseHome(connection, '/state')).not.toThrow('secret')
  })
})
