"""Each list and sub-list: every filter with right and wrong values, every sort key, pages, markers, chosen fields, versions."""

import json
import os

import lib
from lib.dsl import Area

NIL = '00000000-0000-0000-0000-000000000000'
REFERENCE = os.path.join(os.path.dirname(lib.__file__), '..', '..', '..', '..', 'docs', 'reference')
with open(os.path.join(REFERENCE, 'rest-api.json'), encoding='utf-8') as contract_file:
    FIELDS = {
        kind: {field['name']: field for field in fields} for kind, fields in json.load(contract_file)['fields'].items()
    }
WORDS = ['true', 'False', 'YES', '0', '', 'x', ' on ']
LIMITS = ['1', '3', '1000', '1001', '99999999999999999999', '0', '-1', '', 'x', '1.5', '1e2', '%202', '+2', '0x1']


def query(s, path, **args):
    s.get(path + '?' + '&'.join('%s=%s' % x for x in args.items()))


def filters(s, path, values, extra=()):
    """Each filter with each of its values, and twice; `extra` are whole queries."""
    for name, tried in values.items():
        for value in tried:
            query(s, path, **{name: value})
        s.get('%s?%s=%s&%s=%s' % (path, name, tried[0], name, tried[-1]))
    for text in extra:
        s.get(path + '?' + text)


def gates(s, path, names, versions):
    for v in versions:
        for name, value in names.items():
            s.get('%s?%s=%s' % (path, name, value), v=v)


def sorting(s, path, kind, more=()):
    """Every field of the contract and some columns that are in no answer."""
    keys = list(FIELDS[kind]) + ['id', 'version', 'node_id', 'nope', '', 'UUID', 'uuid,name'] + list(more)
    for key in keys:
        query(s, path, sort_key=key)
        if FIELDS[kind].get(key, {}).get('sortable') or key == 'id':
            query(s, path, sort_key=key, sort_dir='desc', limit=2)
    for way in ('asc', 'ASC', 'x', '', 'desc'):
        query(s, path, sort_dir=way)
    s.get(path + '?sort_key=uuid&sort_key=id')
    query(s, path, sort_key='', limit=1)


def paging(s, path, ids, other, keys, name=None):
    """`ids` in the order they were made, `other` something of another kind, `keys` to page by."""
    for limit in LIMITS:
        query(s, path, limit=limit)
    s.get(path + '?limit=1&limit=2')
    markers = [ids[0], ids[-1], NIL, other, 'x', '', ids[1].upper(), ids[1].replace('-', ''), '{%s}' % ids[1]]
    for marker in markers + ([name] if name else []):
        query(s, path, marker=marker)
        query(s, path, limit=1, marker=marker)
    s.get('%s?marker=%s&marker=%s' % (path, ids[0], ids[1]))
    for key in keys:
        for way in ('asc', 'desc'):
            query(s, path, marker=ids[1], sort_key=key, sort_dir=way)
    query(s, path, limit=2, sort_key=keys[0])
    s.get('%s?limit=2&sort_key=%s' % (path, keys[0]), cap={'second': 'next.next'})
    s.get('${second}', cap={'third': 'next.next'})
    query(s, path, limit=1, marker=ids[0], sort_key='nope')
    query(s, path, limit=0, marker='x')


def choosing(s, path, kind, detail=True):
    """Each field alone, wrong ones, several, and with `detail`."""
    for name in list(FIELDS[kind]) + ['nope', '', 'UUID', 'id']:
        query(s, path, fields=name)
    for text in ('uuid,', ',', 'uuid,uuid', 'uuid,nope', 'nope,also', 'uuid,extra', '%20uuid,%20extra'):
        query(s, path, fields=text)
    s.get(path + '?fields=uuid&fields=extra')
    query(s, path, fields='uuid', limit=1)
    for word in WORDS if detail else []:
        query(s, path, detail=word)
        query(s, path, detail=word, fields='uuid')
    query(s, path, foo=1)
    query(s, path, fields='uuid', foo=1, bar=2)


# Nodes ------------------------------------------------------------------
def nodes(s):
    """Five nodes that differ in all that lists can tell apart."""
    one, two = s.chassis('c1', description='first'), s.chassis('c2')
    a = s.node('a', resource_class='gold', chassis_uuid=one, shard='s1', lessee='l1', description='Hello World_1')
    b = s.node(
        'b',
        driver='manual-management',
        resource_class='silver',
        chassis_uuid=two,
        shard='s2',
        retired=True,
        retired_reason='old',
        instance_uuid=s.u('instance'),
        description='50% hello',
    )
    c = s.node('c', parent_node=a, extra={'k': 'v'}, automated_clean=True, boot_mode='uefi', secure_boot='true')
    d = s.node('d', name=None, instance_name='inst', instance_info={'a': 1}, network_data={}, disable_power_off=True)
    e = s.node('e', resource_class='gold', chassis_uuid=one, properties={'cpus': 1}, lessee='l2', shard='S1')
    s.setup('PATCH', '/v1/nodes/' + e, [{'op': 'add', 'path': '/owner', 'value': 'o1'}])
    s.setup('PUT', '/v1/nodes/%s/maintenance' % a, {'reason': 'why'})
    s.setup('PUT', '/v1/nodes/%s/traits' % a, {'traits': ['CUSTOM_A']})
    s.to_manageable(e)
    s.setup('PUT', '/v1/nodes/%s/states/power' % e, {'target': 'power on'})
    s.wait(e, count=False, power_state='power on')
    return [a, b, c, d, e]


NODES = Area('lists-nodes')


def node_filters(s, ids):
    truth = ['true', 'false', 'x', '', 'YES', '1']
    return {
        'chassis_uuid': [s.u('c1'), s.u('c2').upper(), NIL, 'x', ''],
        'instance_uuid': [s.u('instance'), NIL, 'x', ''],
        'associated': truth,
        'maintenance': truth,
        'retired': truth,
        'sharded': truth,
        'include_children': truth,
        'provision_state': ['manageable', 'enroll', 'available', 'ENROLL', 'x', '', 'None', 'inspect%20wait'],
        'driver': ['fake-hardware', 'manual-management', 'x', '', 'FAKE-HARDWARE'],
        'resource_class': ['gold', 'GOLD', 'x', '', 'a' * 90],
        'fault': ['power%20failure', 'service%20failure', 'x', '', 'none'],
        'conductor_group': ['', 'x', 'A%20B'],
        'conductor': ['refhost', 'x', ''],
        'owner': ['o1', 'O1', 'x', ''],
        'lessee': ['l1', 'x', ''],
        'project': ['o1', 'l2', 'x', ''],
        'description_contains': ['hello', 'World', '%25', '_', '', '%5C', "'"],
        'shard': ['s1', 's1,s2', 's2,,x', 'x', '', 's1, s2'],
        'parent_node': [ids[0], ids[1], s.n('a'), NIL, 'x', ''],
        'instance_name': ['inst', 'INST', 'x', ''],
    }


MIXED = (
    'maintenance=true&retired=false&limit=1',
    'maintenance=true&associated=false&detail=true&limit=1',
    'associated=true&retired=true&fields=uuid,name&limit=1&sort_key=name',
    'shard=s1&sharded=true',
    'shard=s1&sharded=false',
    'provision_state=enroll&driver=fake-hardware&resource_class=gold',
    'provision_state=x&fault=x',
    'owner=o1&lessee=l2&project=o1',
    'include_children=true&resource_class=gold',
    'include_children=true&limit=2&sort_key=resource_class&sort_dir=desc',
    'conductor=refhost&limit=2',
    'conductor=x&limit=2',
)
s = NODES('filters')
ids = nodes(s)
filters(s, '/v1/nodes', node_filters(s, ids), MIXED)
for text in ('instance_uuid=%s&limit=1', 'instance_uuid=%s&associated=false', 'instance_uuid=%s&detail=true'):
    s.get('/v1/nodes?' + text % s.u('instance'))
s.get('/v1/nodes?parent_node=%s&include_children=true' % ids[0])
for name, tried in node_filters(s, ids).items():
    s.get('/v1/nodes/detail?%s=%s&limit=1' % (name, tried[0]))
    s.get('/v1/chassis/%s/nodes?%s=%s' % (s.u('c1'), name, tried[0]))
    s.get('/v1/chassis/%s/nodes/detail?%s=%s' % (s.u('c1'), name, tried[0]))
s = NODES('gates')
ids = nodes(s)
firsts = {name: tried[0] for name, tried in node_filters(s, ids).items()}
gates(s, '/v1/nodes', firsts, ('1.1', '1.8', '1.15', '1.20', '1.41', '1.45', '1.64', '1.81', '1.82', '1.103'))
gates(s, '/v1/nodes/detail', firsts, ('1.1', '1.81', '1.103'))
gates(s, '/v1/nodes', {'sort_key': 'name', 'fields': 'name', 'detail': 'true'}, ('1.1', '1.4', '1.7', '1.8', '1.42', '1.43'))
gates(s, '/v1/nodes', {'sort_key': 'shard'}, ('1.81', '1.82'))
s = NODES('sort')
nodes(s)
sorting(s, '/v1/nodes', 'node', ('chassis_id', 'allocation_id', 'conductor_affinity', 'owner,uuid'))
for key in ('resource_class', 'name', 'maintenance', 'driver'):
    query(s, '/v1/nodes/detail', sort_key=key, sort_dir='desc', limit=2, include_children='true')
    query(s, '/v1/chassis/%s/nodes' % s.u('c1'), sort_key=key, sort_dir='desc', limit=1)
s = NODES('paging')
ids = nodes(s)
keys = ['driver', 'uuid', 'provision_state', 'maintenance', 'created_at', 'console_enabled', 'id']
paging(s, '/v1/nodes', [ids[0], ids[1], ids[4]], s.u('c1'), keys, s.n('a'))
paging(s, '/v1/nodes/detail', [ids[0], ids[1], ids[4]], s.u('c1'), ['driver'], s.n('a'))
query(s, '/v1/nodes', marker=ids[2])
query(s, '/v1/nodes', marker=ids[2], include_children='true')
query(s, '/v1/nodes', marker=ids[1], resource_class='gold')
query(s, '/v1/chassis/%s/nodes' % s.u('c1'), marker=ids[1])
query(s, '/v1/chassis/%s/nodes' % s.u('c1'), marker=ids[0], limit=1)
s = NODES('fields')
nodes(s)
choosing(s, '/v1/nodes', 'node')
for word in WORDS:
    query(s, '/v1/nodes/detail', detail=word)
query(s, '/v1/nodes/detail', fields='uuid')
query(s, '/v1/nodes', fields='uuid,resource_class', resource_class='gold', limit=2, sort_key='name')
for v in ('1.7', '1.8', '1.20', '1.81', '1.82'):
    s.get('/v1/nodes?fields=uuid,shard', v=v)
    s.get('/v1/nodes?fields=uuid,resource_class', v=v)
s = NODES('below')
ids = nodes(s)
for ident in (s.u('c1'), s.u('c1').upper(), NIL, 'x', s.n('a'), ids[0]):
    for tail in ('nodes', 'nodes/detail', 'nodes/' + ids[0], 'nodes/x'):
        s.get('/v1/chassis/%s/%s' % (ident, tail))
for ident in (ids[0], s.n('a'), NIL, 'nope', ids[0].upper()):
    for tail in ('children', 'traits', 'vifs', 'bios', 'firmware', 'history', 'inventory', 'allocation', 'states', 'volume'):
        s.get('/v1/nodes/%s/%s' % (ident, tail))
        s.get('/v1/nodes/%s/%s?limit=1&sort_key=id&fields=uuid&detail=true' % (ident, tail))
for v in ('1.81', '1.82'):
    s.get('/v1/shards', v=v)
for tail in ('', '/x', '?limit=1', '?fields=name', '?sort_key=name', '/'):
    s.get('/v1/shards' + tail)

# Everything else --------------------------------------------------------
STEP = {'interface': 'bios', 'step': 'apply_configuration', 'args': {}}
ACTION = {'op': 'set-attribute', 'args': {'path': '/extra/x', 'value': 'y'}}


def ports(s):
    n, m = s.node('n', shard='s1'), s.node('m', name=None)
    g = s.portgroup(n, 'g')
    link = {'switch_id': '00:00:00:00:00:01', 'port_id': 'p'}
    s.port(n, 'p1', 1, portgroup_uuid=g, extra={'a': 1}, physical_network='net', local_link_connection=link)
    s.port(n, 'p2', 2, name='port-two', pxe_enabled=False, category='cat', vendor='v')
    s.port(m, 'p3', 3, is_smartnic=True, description='d', local_link_connection={'port_id': 'p', 'hostname': 'h'})
    s.port(m, 'p4', 4, physical_network='a-net')
    return [s.u('p%s' % i) for i in (1, 2, 3, 4)]


def portgroups(s):
    n, m = s.node('n', shard='s1'), s.node('m', shard='s2')
    s.portgroup(n, 'p1', extra={'a': 1}, mode='802.3ad')
    s.portgroup(n, 'p2', address=None, name=None, standalone_ports_supported=False)
    s.portgroup(m, 'p3', physical_network='net', category='cat')
    s.portgroup(m, 'p4', properties={'a': 1})
    return [s.u('p%s' % i) for i in (1, 2, 3, 4)]


def made(path, *bodies):
    """Makes things with a UUID each, p1 and so on; a body may be made from the scenario."""

    def make(s):
        for i, body in enumerate(bodies):
            given = body(s) if callable(body) else body
            s.setup('POST', path, {'uuid': s.u('p%s' % (i + 1)), **given}, cap={'made': 'body.uuid'})
            if path == '/v1/allocations':
                want = {'state': ['active', 'error']}
                one = path + '/' + s.u('p%s' % (i + 1))
                s.steps.append({'kind': 'swait', 'path': one, 'node': '', 'want': want, 'timeout': 8, 'v': 'base'})
        return [s.u('p%s' % (i + 1)) for i in range(len(bodies))]

    return make


def below_nodes(make):
    """The same with two nodes to belong to."""

    def both(s):
        s.node('n')
        s.node('m')
        return make(s)

    return both


def connector(node, kind, ident, **more):
    return lambda s: {'node_uuid': s.u(node), 'type': kind, 'connector_id': ident + s.n(), **more}


def target(node, index, kind='iscsi', **more):
    return lambda s: {'node_uuid': s.u(node), 'volume_type': kind, 'volume_id': 'v%s' % index, 'boot_index': index, **more}


def named(label, **more):
    return lambda s: {'name': 'CUSTOM_%s_%s' % (s.n().upper(), label), **more}


def of_node(s):
    return [s.u('n'), s.n('n'), s.u('m').upper(), NIL, 'x', '', 'a b']


LISTS = {
    'port': ('/v1/ports', 'port', ports),
    'portgroup': ('/v1/portgroups', 'portgroup', portgroups),
    'chassis': (
        '/v1/chassis',
        'chassis',
        made('/v1/chassis', {'description': 'b'}, {'extra': {'a': 1}}, {'description': 'a'}, {}),
    ),
    'connector': (
        '/v1/volume/connectors',
        'volume_connector',
        below_nodes(
            made(
                '/v1/volume/connectors',
                connector('n', 'iqn', 'b'),
                connector('n', 'ip', 'c', extra={'a': 1}),
                connector('m', 'mac', 'a'),
            )
        ),
    ),
    'target': (
        '/v1/volume/targets',
        'volume_target',
        below_nodes(
            made(
                '/v1/volume/targets',
                target('n', 2, properties={'a': 1}),
                target('n', 0, extra={'a': 1}),
                target('m', 1, 'fibre_channel'),
            )
        ),
    ),
    'allocation': (
        '/v1/allocations',
        'allocation',
        below_nodes(
            made(
                '/v1/allocations',
                lambda s: {'name': s.n('x'), 'resource_class': 'b'},
                lambda s: {'resource_class': 'c', 'traits': ['CUSTOM_A']},
                lambda s: {'name': s.n('w'), 'resource_class': 'a', 'candidate_nodes': [s.u('n')], 'extra': {'a': 1}},
            )
        ),
    ),
    'template': (
        '/v1/deploy_templates',
        'deploy_template',
        made(
            '/v1/deploy_templates',
            named('B', steps=[{**STEP, 'priority': 1}]),
            named('C', steps=[{**STEP, 'priority': 2}], extra={'a': 1}),
            named('A', steps=[{**STEP, 'priority': 3}]),
        ),
    ),
    'runbook': (
        '/v1/runbooks',
        'runbook',
        made(
            '/v1/runbooks',
            named('B', steps=[{**STEP, 'order': 1}], public=True),
            named('C', steps=[{**STEP, 'order': 2}], extra={'a': 1}, description='d'),
            named('A', steps=[{**STEP, 'order': 3}], disable_ramdisk=True),
        ),
    ),
    'rule': (
        '/v1/inspection_rules',
        'inspection_rule',
        made(
            '/v1/inspection_rules',
            {'priority': 5, 'description': 'b', 'actions': [ACTION], 'conditions': []},
            {'priority': 0, 'sensitive': True, 'actions': [ACTION], 'conditions': []},
            {'priority': 9, 'description': 'a', 'actions': [ACTION], 'conditions': []},
        ),
    ),
}
FILTERS = {
    'port': lambda s: {
        'node': of_node(s),
        'node_uuid': of_node(s),
        'address': [s.mac(1), s.mac(2).upper(), '52:54:00:00:00:00', 'x', '', s.mac(1).replace(':', '-')],
        'portgroup': [s.u('g'), s.n('g'), NIL, 'x', '', 'a b'],
        'shard': ['s1', 'x', '', 's1,s2'],
        'conductor_groups': ['', 'x', 'a,b'],
        'category': ['cat'],
        'name': ['port-two', 'x'],
    },
    'portgroup': lambda s: {
        'node': of_node(s),
        'address': [s.mac('p1'), s.mac('p3').upper(), '52:54:00:00:00:00', 'x', ''],
        'shard': ['s1', 'x', '', 's1,s2'],
        'conductor_groups': ['', 'x', 'a,b'],
        'node_uuid': [s.u('n')],
    },
    'chassis': lambda s: {'description': ['a'], 'uuid': [s.u('p1')]},
    'connector': lambda s: {'node': of_node(s), 'project': ['x', ''], 'type': ['iqn']},
    'target': lambda s: {'node': of_node(s), 'project': ['x', ''], 'volume_type': ['iscsi']},
    'allocation': lambda s: {
        'node': of_node(s),
        'resource_class': ['a', 'A', 'x', ''],
        'state': ['error', 'active', 'ERROR', 'x', ''],
        'owner': ['x', ''],
        'name': [s.n('x')],
    },
    'template': lambda s: {'name': ['CUSTOM_A'], 'traits': ['x']},
    'runbook': lambda s: {'project': ['true', 'false', 'x', ''], 'owner': ['x'], 'public': ['true']},
    'rule': lambda s: {'phase': ['main', 'x', ''], 'priority': ['5'], 'sensitive': ['true']},
}
ORDERS = {
    'port': ['address', 'uuid', 'pxe_enabled', 'created_at'],
    'portgroup': ['mode', 'uuid', 'standalone_ports_supported'],
    'chassis': ['created_at', 'uuid'],
    'connector': ['type', 'connector_id'],
    'target': ['boot_index', 'volume_type'],
    'allocation': ['resource_class', 'state', 'created_at'],
    'template': ['name', 'created_at'],
    'runbook': ['name', 'disable_ramdisk', 'public'],
    'rule': ['priority', 'sensitive', 'phase'],
}
# By versions of which each changes what a list answers.
VERSIONS = {
    'port': ('1.7', '1.18', '1.23', '1.24', '1.42', '1.43', '1.81', '1.100', '1.110'),
    'portgroup': ('1.22', '1.23', '1.25', '1.42', '1.43', '1.101', '1.105', '1.106', '1.110'),
    'chassis': ('1.7', '1.8', '1.42', '1.43'),
    'connector': ('1.31', '1.32', '1.42', '1.43'),
    'target': ('1.31', '1.32', '1.42', '1.43'),
    'allocation': ('1.51', '1.52', '1.59', '1.60'),
    'template': ('1.54', '1.55'),
    'runbook': ('1.91', '1.92', '1.111', '1.112'),
    'rule': ('1.95', '1.96'),
}
MORE = {
    'port': (
        'node=x&address=52:54:00:00:00:01',
        'node=x&node_uuid=y',
        'portgroup=x&node=y',
        'portgroup=x&address=52:54:00:00:00:01',
        'shard=s1&node=x',
        'shard=s1&limit=1&sort_key=address',
        'conductor_groups=&shard=s1',
    ),
    'portgroup': (
        'node=x&address=52:54:00:00:00:01',
        'shard=s1&node=x',
        'shard=s1&limit=1&sort_key=name',
        'conductor_groups=&shard=s1',
    ),
    'connector': ('detail=true&limit=1', 'detail=false&limit=1&fields=uuid'),
    'target': ('detail=true&limit=1', 'detail=false&limit=1&fields=uuid'),
    'allocation': ('resource_class=a&state=error', 'owner=x&state=error'),
}
for label, (path, kind, make) in LISTS.items():
    area = Area('lists-' + label)
    s = area('filters')
    ids = make(s)
    filters(s, path, FILTERS[label](s), MORE.get(label, ()))
    for v in VERSIONS[label]:
        s.get(path, v=v)
        s.get(path + '?fields=uuid', v=v)
        s.get(path + '?detail=true', v=v)
        gates(s, path, {name: tried[0] for name, tried in FILTERS[label](s).items()}, (v,))
    s = area('sort')
    make(s)
    sorting(s, path, kind)
    s = area('paging')
    ids = make(s)
    s.chassis('other')
    paging(s, path, ids, s.u('other'), ORDERS[label])
    s = area('fields')
    make(s)
    choosing(s, path, kind)
    if label in ('port', 'portgroup', 'chassis'):
        for text in ('', '?limit=1', '?detail=true', '?fields=uuid', '?sort_key=uuid&sort_dir=desc', '?marker=x', '?foo=1'):
            s.get(path + '/detail' + text)

# Below a node or a port group -------------------------------------------
BELOW = Area('lists-below')
QUERIES = (
    '',
    'limit=1',
    'limit=0',
    'marker=x',
    'marker=' + NIL,
    'sort_key=uuid&sort_dir=desc',
    'sort_key=nope',
    'sort_key=extra',
    'sort_dir=x',
    'fields=uuid,extra',
    'fields=nope',
    'detail=true',
    'detail=false',
    'detail=true&fields=uuid',
    'node=x',
    'address=52:54:00:00:00:01',
    'foo=1',
)


def below(name, make, places):
    s = BELOW(name)
    ids = make(s)
    for place in places(s):
        for text in QUERIES:
            s.get(place + ('?' + text if text else ''))
        s.get('%s?marker=%s' % (place, ids[0]))
        s.get('%s?marker=%s&sort_key=created_at&sort_dir=desc' % (place, ids[1]))
        s.get('%s?limit=1&marker=%s' % (place, ids[-1]))
    return s, ids


def strangers(s, form):
    for ident in (s.n('n'), s.u('m'), NIL, 'x', s.u('n').upper()):
        s.get(form % ident)


s, ids = below('node-ports', ports, lambda s: ['/v1/nodes/%s/ports%s' % (s.u('n'), t) for t in ('', '/detail')])
strangers(s, '/v1/nodes/%s/ports')
strangers(s, '/v1/nodes/%s/ports/detail')
s.get('/v1/nodes/%s/ports/%s' % (s.u('n'), ids[0]))
s, ids = below('group-ports', ports, lambda s: ['/v1/portgroups/%s/ports%s' % (s.u('g'), t) for t in ('', '/detail')])
for ident in (s.n('g'), NIL, 'x', 'a b', s.u('g').upper()):
    s.get('/v1/portgroups/%s/ports' % ident)
s.get('/v1/portgroups/%s/ports/%s' % (s.u('g'), ids[0]))
for v in ('1.22', '1.23', '1.24', '1.42'):
    s.get('/v1/portgroups/%s/ports' % s.u('g'), v=v)
s, ids = below('node-groups', portgroups, lambda s: ['/v1/nodes/%s/portgroups%s' % (s.u('n'), t) for t in ('', '/detail')])
strangers(s, '/v1/nodes/%s/portgroups')
s.get('/v1/nodes/%s/portgroups/%s' % (s.u('n'), ids[0]))
for v in ('1.22', '1.23', '1.24', '1.42'):
    s.get('/v1/nodes/%s/portgroups' % s.u('n'), v=v)
for kind in ('connector', 'target'):
    s, ids = below('node-%ss' % kind, LISTS[kind][2], lambda s: ['/v1/nodes/%s/volume/%ss' % (s.u('n'), kind)])
    strangers(s, '/v1/nodes/%s/volume/' + kind + 's')
    strangers(s, '/v1/nodes/%s/volume')
    s.get('/v1/nodes/%s/volume/%ss/%s' % (s.u('n'), kind, ids[0]))
    for v in ('1.31', '1.32', '1.42', '1.43'):
        s.get('/v1/nodes/%s/volume/%ss' % (s.u('n'), kind), v=v)

# Conductors and drivers -------------------------------------------------
s = Area('lists-conductor')('all')
path = '/v1/conductors'
for name, tried in {
    'limit': LIMITS,
    'marker': ['refhost', 'x', '', 'no:such', NIL],
    'detail': WORDS,
    'sort_dir': ['asc', 'desc', 'x', ''],
    'sort_key': list(FIELDS['conductor']) + ['id', 'online', 'version', 'nope', ''],
    'fields': list(FIELDS['conductor']) + ['nope', '', 'hostname,alive', 'id'],
    'foo': ['1'],
}.items():
    for value in tried:
        query(s, path, **{name: value})
query(s, path, detail='true', fields='hostname')
for ident in ('refhost', 'REFHOST', 'x', 'no:such', NIL, 'refhost:1'):
    s.get('%s/%s' % (path, ident))
    s.get('%s/%s?fields=hostname' % (path, ident))
for text in ('?fields=nope', '?detail=true', '?limit=1', '?fields=', '/x'):
    s.get('%s/refhost%s' % (path, text))
for v in ('1.48', '1.49'):
    s.get(path, v=v)
    s.get(path + '/refhost', v=v)
s = Area('lists-driver')('all')
path = '/v1/drivers'
for name, tried in {
    'type': ['dynamic', 'classic', 'x', '', 'DYNAMIC'],
    'detail': WORDS,
    'fields': list(FIELDS['driver']) + ['nope', '', 'name,hosts'],
    'limit': ['1'],
    'marker': ['x'],
    'sort_key': ['name'],
    'foo': ['1'],
}.items():
    for value in tried:
        query(s, path, **{name: value})
query(s, path, detail='true', fields='name')
query(s, path, detail='false', fields='name')
query(s, path, type='dynamic', detail='true')
query(s, path, type='classic', detail='true')
for v in ('1.13', '1.14', '1.29', '1.30', '1.76', '1.77'):
    for text in ('', '?type=dynamic', '?detail=true', '?fields=name', '?detail=false'):
        s.get(path + text, v=v)
