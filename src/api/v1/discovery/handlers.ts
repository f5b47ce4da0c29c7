import { IronicError } from '../../../errors.js'
import { MAX_MINOR, MIN_MINOR } from '../../contract/types.js'
import { links } from '../../links.js'
import type { ApiRequest, Handler } from '../../request.js'
import { selectFields, serializer, type FieldMakers } from '../../serialize.js'
import type { operations } from './contract.gen.js'

const version = (baseUrl: string) => ({
  id: 'v1',
  links: [{ href: `${baseUrl}/v1/`, rel: 'self' }],
  status: 'CURRENT',
  min_version: `1.${MIN_MINOR}`,
  version: `1.${MAX_MINOR}`,
})

// Clients look for this service by its name and text (keystoneauth, python-ironicclient).
export const root: Handler<operations['discovery.root']> = ({ baseUrl }) =>
  Promise.resolve({
    body: {
      name: 'OpenStack Ironic API',
      description:
        'Ironic is an OpenStack project which enables the provision and management of baremetal machines.',
      default_version: version(baseUrl),
      versions: [version(baseUrl)],
    },
  })

type V1Request = ApiRequest<operations['discovery.v1']>
const resource = (name: string) => (_row: unknown, request: V1Request) =>
  links(request.baseUrl, `${name}/`)

const resources = [
  'chassis',
  'nodes',
  'ports',
  'drivers',
  'portgroups',
  'volume',
  'lookup',
  'heartbeat',
  'conductors',
  'allocations',
  'events',
  'deploy_templates',
  'shards',
  'runbooks',
  'inspection_rules',
  'continue_inspection',
]

const makers: FieldMakers<null, V1Request> = {
  id: () => 'v1',
  links: (_row, { baseUrl }) => [
    { href: `${baseUrl}/v1/`, rel: 'self' },
    {
      href: 'https://docs.openstack.org//ironic/latest/contributor//webapi.html',
      rel: 'describedby',
      type: 'text/html',
    },
  ],
  media_types: () => ({
    base: 'application/json',
    type: 'application/vnd.openstack.ironic.v1+json',
  }),
  version: (_row, { baseUrl }) => version(baseUrl),
  ...Object.fromEntries(resources.map((name) => [name, resource(name)])),
}

export const v1: Handler<operations['discovery.v1']> = (request) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new IronicError(
      'The server could not comply with the request since it is either malformed or otherwise incorrect.',
      { status: 405 },
    )
  }
  const names = selectFields(request.contract, 'V1', request.minor)
  return Promise.resolve({ body: serializer(makers, names, request)(null) })
}
