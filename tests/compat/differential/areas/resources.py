"""Each field of ports, port groups, chassis, volumes, templates, runbooks and events: made and patched with values of every kind."""

from lib.dsl import Area

NIL = '00000000-0000-0000-0000-000000000000'
STR = ['', 'x', 'a b', 'ü', None, 1, True, [], {}, 'x' * 255, 'x' * 256]
BOOL = [True, False, None, 'true', 'off', 'x', '', 1, 5, [], {}]
OBJ = [{}, {'a': 1}, None, 'x', '', 1, [], [{}]]
UU = [None, '', 'x', NIL, 1, [], {}]
MAC = [
    None,
    '',
    'x',
    1,
    [],
    '52:54:00:aa:bb',
    '52-54-00-AA-BB-CC',
    '52:54:00:AA:BB:CC',
    '525400aabbcc',
    'ff:ff:ff:ff:ff:ff',
    '00:00:00:00:00:00:00:00',
    ' 52:54:00:aa:bb:c1',
]


def matrix(area, path, good, cols, v='base', prep=None, min=1):
    """`good` makes a body that is accepted; `cols` holds the values to try by field."""
    A = Area(area)
    for n, vals in cols.items():
        s = A('%s' % n, min=min)
        ctx = prep(s) if prep else {}
        for i, x in enumerate(vals):
            b = {**good(s, i, ctx), n: x}
            s.post(path, b, v=v, cap={'c': 'body.uuid'})
            s.setup('DELETE', path + '/${c}')
        s.setup('POST', path, good(s, 'P', ctx))
        ident = path + '/' + good(s, 'P', ctx)['uuid']
        for x in vals:
            s.patch(ident, [{'op': 'replace', 'path': '/' + n, 'value': x}], v=v)
        s.patch(ident, [{'op': 'add', 'path': '/' + n, 'value': vals[0]}], v=v)
        s.patch(ident, [{'op': 'remove', 'path': '/' + n}], v=v)
        s.patch(ident, [{'op': 'remove', 'path': '/' + n}], v=v)
        s.patch(ident, [{'op': 'add', 'path': '/' + n + '/sub', 'value': 1}], v=v)
        s.patch(ident, [{'op': 'remove', 'path': '/' + n + '/nosub'}], v=v)
        s.patch(ident, [{'op': 'test', 'path': '/' + n, 'value': 1}], v=v)
        s.get(ident, v=v)
        s.get(ident + '?fields=' + n, v=v)


ROW = {
    'uuid': UU,
    'foo': [1],
    'created_at': [None, 'x'],
    'updated_at': [None],
    'links': [[]],
    'id': [1],
}
LLC = OBJ + [
    {'switch_id': '00:00:00:00:00:01', 'port_id': 'p'},
    {'switch_id': 'x', 'port_id': 'p'},
    {'port_id': 'p'},
    {'switch_id': '00:00:00:00:00:01', 'port_id': 'p', 'switch_info': 'i'},
    {'switch_id': '0x1', 'port_id': 1},
    {'network_type': 'managed'},
    {'network_type': 'unmanaged'},
    {'network_type': 'x'},
    {'hostname': 'h', 'port_id': 'p'},
    {'switch_id': 123, 'port_id': 'p'},
]
matrix(
    'port',
    '/v1/ports',
    lambda s, i, c: {'node_uuid': c['n'], 'address': s.mac(i), 'uuid': s.u(str(i))},
    {
        'address': MAC,
        'node_uuid': UU,
        'portgroup_uuid': UU,
        'extra': OBJ,
        'pxe_enabled': BOOL,
        'is_smartnic': BOOL,
        'local_link_connection': LLC,
        'physical_network': STR + ['x' * 64, 'x' * 65],
        'name': STR[:-1],
        'internal_info': OBJ,
        'description': STR,
        'vendor': STR,
        'category': STR,
        'node_id': [1],
        'shard': ['x'],
        **ROW,
    },
    prep=lambda s: {'n': s.node()},
)
matrix(
    'pg',
    '/v1/portgroups',
    lambda s, i, c: {'node_uuid': c['n'], 'address': s.mac(i), 'uuid': s.u(str(i))},
    {
        'address': MAC,
        'node_uuid': UU,
        'extra': OBJ,
        'standalone_ports_supported': BOOL,
        'mode': STR[:-1] + ['802.3ad', 'active-backup'],
        'properties': OBJ,
        'name': STR + [NIL, 'detail', 'x.y'],
        'internal_info': OBJ,
        'physical_network': STR,
        'category': STR,
        'dynamic_portgroup': BOOL,
        'ports': [[]],
        **ROW,
    },
    prep=lambda s: {'n': s.node()},
)
matrix(
    'ch', '/v1/chassis', lambda s, i, c: {'uuid': s.u(str(i))}, {'description': STR, 'extra': OBJ, 'nodes': [[]], **ROW}
)
matrix(
    'vc',
    '/v1/volume/connectors',
    lambda s, i, c: {'node_uuid': c['n'], 'type': 'iqn', 'connector_id': 'c%s' % i, 'uuid': s.u(str(i))},
    {
        'type': STR + ['ip', 'mac', 'wwnn', 'wwpn', 'port', 'portgroup', 'IQN'],
        'connector_id': STR,
        'node_uuid': UU,
        'extra': OBJ,
        **ROW,
    },
    prep=lambda s: {'n': s.node()},
)
matrix(
    'vt',
    '/v1/volume/targets',
    lambda s, i, c: {
        'node_uuid': c['n'],
        'volume_type': 'iscsi',
        'volume_id': 'v%s' % i,
        'boot_index': i if isinstance(i, int) else 99,
        'uuid': s.u(str(i)),
    },
    {
        'volume_type': STR + ['fibre_channel'],
        'volume_id': STR,
        'boot_index': [0, 1, -1, '0', 'x', '', None, 1.5, True, [], 99999999999999999999],
        'properties': OBJ,
        'node_uuid': UU,
        'extra': OBJ,
        **ROW,
    },
    prep=lambda s: {'n': s.node()},
)
ST = [{'interface': 'bios', 'step': 'apply_configuration', 'args': {}, 'priority': 10}]
STV = [
    None,
    [],
    {},
    'x',
    [1],
    [{}],
    [{'interface': 'bios', 'step': 's', 'args': {}}],
    [{'interface': 'x', 'step': 's', 'args': {}, 'priority': 1}],
    [{'interface': 'bios', 'step': '', 'args': {}, 'priority': 1}],
    [{'interface': 'bios', 'step': 's', 'args': None, 'priority': 1}],
    [{'interface': 'bios', 'step': 's', 'args': {}, 'priority': -1}],
    [{'interface': 'bios', 'step': 's', 'args': {}, 'priority': '5'}],
    [{'interface': 'bios', 'step': 's', 'args': {}, 'priority': 'x'}],
    [{'interface': 'bios', 'step': 's', 'args': {}, 'priority': 1.5}],
    [{'interface': 'bios', 'step': 's', 'args': {}, 'priority': 1, 'foo': 1}],
    ST + ST,
    ST + [{'interface': 'bios', 'step': 'apply_configuration', 'args': {'x': 1}, 'priority': 10}],
    [
        {'interface': i, 'step': 's', 'args': {}, 'priority': 0}
        for i in ('deploy', 'power', 'management', 'raid', 'firmware')
    ],
    [{'interface': 'rescue', 'step': 's', 'args': {}, 'priority': 0}],
]
TN = STR + ['CUSTOM_A', 'CUSTOM_a', 'HW_CPU_X86_VMX', 'CUSTOM_' + 'A' * 248, 'CUSTOM_' + 'A' * 249]
matrix(
    'dt',
    '/v1/deploy_templates',
    lambda s, i, c: {'name': 'CUSTOM_%s_%s' % (s.n().upper(), i), 'steps': ST, 'uuid': s.u(str(i))},
    {'name': TN, 'steps': STV, 'extra': OBJ, 'description': STR, **ROW},
)
RS = [{'interface': 'bios', 'step': 'apply_configuration', 'args': {}, 'order': 1}]


def rb(x):
    return (
        [
            (
                dict(
                    {k: y for k, y in t.items() if k != 'priority'},
                    **({'order': t['priority']} if 'priority' in t else {})
                )
                if isinstance(t, dict)
                else t
            )
            for t in x
        ]
        if isinstance(x, list)
        else x
    )


matrix(
    'rb',
    '/v1/runbooks',
    lambda s, i, c: {'name': 'CUSTOM_%s_%s' % (s.n().upper(), i), 'steps': RS, 'uuid': s.u(str(i))},
    {
        'name': TN,
        'steps': [rb(x) for x in STV],
        'extra': OBJ,
        'description': STR,
        'public': BOOL,
        'owner': STR,
        'disable_ramdisk': BOOL,
        'traits': [[], ['CUSTOM_A'], None],
        **ROW,
    },
    min=92,
)
EVENTS = Area('ev')
GOOD = {
    'event': 'network.bind_port',
    'port_id': '11111111-aaaa-bbbb-cccc-555555555555',
    'mac_address': 'de:ad:ca:fe:ba:be',
    'status': 'ACTIVE',
    'device_id': '22222222-aaaa-bbbb-cccc-555555555555',
    'binding:host_id': '22222222-aaaa-bbbb-cccc-555555555555',
    'binding:vnic_type': 'baremetal',
}
for k in list(GOOD) + ['foo', 'device_owner']:
    s = EVENTS(k)
    for x in [
        None,
        '',
        'x',
        1,
        [],
        {},
        True,
        NIL,
        'network.unbind_port',
        'network.delete_port',
        'DOWN',
        'ERROR',
        'PENDING',
        'active',
    ]:
        s.post('/v1/events', {'events': [{**GOOD, k: x}]})
    s.post('/v1/events', {'events': [{a: b for a, b in GOOD.items() if a != k}]})
s = EVENTS('forms')
for b in (
    {},
    {'events': []},
    {'events': None},
    {'events': {}},
    {'events': 'x'},
    {'events': [1]},
    {'events': [{}]},
    {'events': [GOOD] * 3},
    {'events': [GOOD], 'foo': 1},
    [],
    [GOOD],
    'x',
    GOOD,
):
    s.post('/v1/events', b)
    s.post('/v1/events', b, v='1.53')
s.post('/v1/events/', {'events': [GOOD]})
s.post('/v1/events/x', {'events': [GOOD]})
s.post('/v1/events?x=1', {'events': [GOOD]})
s.post('/events', {'events': [GOOD]})
