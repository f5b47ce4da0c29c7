"""Places against every method, with and without bodies, surplus segments and arguments; versions; Accept."""

from lib.dsl import Area

NIL = '00000000-0000-0000-0000-000000000000'
METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO')
OLD = ('1.1', '1.10', '1.30', '1.60', '1.80', '1.90', '1.100')
PLACES = (
    '/',
    '/v1',
    '/v1/allocations',
    '/v1/allocations/ID',
    '/v1/chassis/detail',
    '/v1/chassis/ID/nodes/detail',
    '/v1/continue_inspection',
    '/v1/deploy_templates',
    '/v1/deploy_templates/ID',
    '/v1/drivers/fake-hardware',
    '/v1/drivers/fake-hardware/properties',
    '/v1/heartbeat/ID',
    '/v1/inspection_rules',
    '/v1/inspection_rules/ID',
    '/v1/nodes',
    '/v1/nodes/detail',
    '/v1/nodes/ID',
    '/v1/nodes/ID/firmware',
    '/v1/nodes/ID/management/boot_device',
    '/v1/nodes/ID/management/boot_device/supported',
    '/v1/nodes/ID/management/indicators',
    '/v1/nodes/ID/management/inject_nmi',
    '/v1/nodes/ID/portgroups',
    '/v1/nodes/ID/portgroups/detail',
    '/v1/nodes/ID/ports',
    '/v1/nodes/ID/ports/detail',
    '/v1/nodes/ID/states',
    '/v1/nodes/ID/states/console',
    '/v1/nodes/ID/states/power',
    '/v1/nodes/ID/states/provision',
    '/v1/nodes/ID/traits',
    '/v1/nodes/ID/vmedia',
    '/v1/portgroups',
    '/v1/portgroups/ID',
    '/v1/portgroups/ID/ports/detail',
    '/v1/ports',
    '/v1/ports/detail',
    '/v1/runbooks',
    '/v1/runbooks/ID',
    '/v1/runbooks/ID/traits',
    '/v1/volume',
    '/v1/volume/connectors',
    '/v1/volume/connectors/ID',
)


def place(area, path):
    s = area(path.strip('/').replace('/', '.') or 'root')
    path = path.replace('ID', NIL)
    for method in METHODS:
        s.req(method, path)
    for method in ('POST', 'PUT', 'PATCH'):
        s.req(method, path, {})
        s.req(method, path, [])
    for tail in ('/', '/x', '.json', '?foo=1'):
        s.get(path + tail)
    s.delete(path + '?foo=1')
    for v in OLD:
        s.get(path, v=v)
        s.put(path, {}, v=v)
        s.post(path, {}, v=v)
        s.delete(path, v=v)


for path in PLACES:
    place(Area('methods'), path)

VERSIONS = (
    'latest LATEST Latest 1.1 1.0 0.9 2.0 2.1 1.999 1.10 1.010 01.10 1 1. .1 1.1.1 1,10 1.1,1.2 v1.10 abc 1.x -1.1 1.-1 '
    '1e1 1.1e1 +1.5 1.+5 1_0.1 1.1_0 99999999999999999999.1 1.99999999999999999999 1.10;x 1.٣ 0 1.115 1.116 null 0x1.1'
).split() + ['', ' ', ' 1.10', '1.10 ', 'baremetal 1.10', '1. 5', '1 .5']
ACCEPTED = (
    None,
    '',
    '*/*',
    'application/*',
    'text/html',
    'text/plain',
    'application/xml',
    'application/json;q=0',
    'application/json; charset=utf-8',
    'text/html,application/json;q=0.5',
    'image/png',
    'garbage',
    'application/vnd.x+json',
    ',',
    'text/*',
)


def negotiate(area, path):
    s = area(path.strip('/').replace('/', '-') or 'root')
    for v in VERSIONS:
        s.get(path, v=v, keys=True)
    for v, name, value in (
        (None, 'OpenStack-API-Version', 'baremetal 1.50'),
        ('1.9', 'OpenStack-API-Version', 'baremetal 1.50'),
        (None, 'OpenStack-API-Version', 'compute 2.5'),
        (None, 'X-OpenStack-Ironic-Api-Version', '1.50'),
    ):
        s.get(path, v=v, headers={name: value}, keys=True)
    s.head(path, v='9.99')
    s.post(path, {}, v='9.99')
    for accept in ('text/plain', 'text/html'):
        s.get(path, v='9.99', headers={'Accept': accept})
    for accept in ACCEPTED:
        s.get(path, headers={'Accept': accept}, keys=True)


for path in ('/', '/v1/ports', '/v1/allocations', '/v1/nope', '/v1/nodes/x/states', '/v1/lookup', '/v2', '/v1/events'):
    negotiate(Area('negotiate'), path)
