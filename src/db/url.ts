import { resolve } from 'node:path'

/** Where `[database] connection` says the database lives. */
export type DatabaseHome =
  | { readonly kind: 'embedded'; readonly directory: string }
  | { readonly kind: 'postgres'; readonly url: URL }

const postgresScheme = /^postgres(?:ql)?(?:\+\w+)?:\/\//i
const embeddedScheme = 'embedded://'

/**
 * Reads `[database] connection`.
 * @param connection the option's value; null means embedded under `statePath`
 * @param statePath `[DEFAULT] state_path`
 * @throws Error when the URL names a database that Ferric does not run on
 */
export function databaseHome(connection: string | null, statePath: string): DatabaseHome {
  if (!connection) return { kind: 'embedded', directory: resolve(statePath, 'db') }
  if (postgresScheme.test(connection)) return postgresHome(connection)
  if (connection.startsWith(embeddedScheme))
    return embeddedHome(connection.slice(embeddedScheme.length))
  const scheme = /^([\w+]+):/.exec(connection)?.[1] ?? 'without a scheme'
  throw new Error(
    `[database] connection: a ${scheme} URL is not supported. Use postgresql://user@host/name, ` +
      'embedded:///directory, or leave the option out for the embedded database under state_path.',
  )
}

function embeddedHome(path: string): DatabaseHome {
  if (!path.startsWith('/')) {
    throw new Error(
      '[database] connection: embedded:// takes an absolute path, as in embedded:///srv/db',
    )
  }
  return { kind: 'embedded', directory: resolve(decodeURIComponent(path)) }
}

/** SQLAlchemy's `postgresql+psycopg2://` works too: operators keep their ironic.conf. */
function postgresHome(connection: string): DatabaseHome {
  const plain = connection.replace(postgresScheme, 'postgresql://')
  if (!URL.canParse(plain)) {
    throw new Error('[database] connection: not a valid postgresql:// URL')
  }
  return { kind: 'postgres', url: new URL(plain) }
}

/** The home in words, without credentials. */
export function describeHome(home: DatabaseHome): string {
  if (home.kind === 'embedded') return `embedded in ${home.directory}`
  const { hostname, port, pathname, searchParams } = home.url
  const host = hostname || searchParams.get('host') || 'localhost'
  return `postgresql://${host}${port ? `:${port}` : ''}${pathname}`
}
