"""Inspection rules at work: what a node, its ports and its inventory are after a ramdisk's data went through them."""

from lib.dsl import Area

AREA = Area('rules')
NIL = '00000000-0000-0000-0000-000000000001'
SHOWN = (
    'name,description,extra,properties,driver_info,instance_info,traits,maintenance,maintenance_reason,resource_class,owner,'
    'lessee,retired,automated_clean,network_data,shard,conductor_group,instance_uuid,driver,boot_interface,console_enabled,'
    'provision_state,last_error,protected,power_state,network_interface'
)
BIG = 12345678901234567890
PLUGIN = {
    'nested': {'a': {'b': [1, 2, {'c': 'd'}], 'only': {'child': 1}}, 'x': 'y'},
    'text': 'Ünï "q" \'s\'',
    'quote': "it's",
    'float': 1.5,
    'true': True,
    'none': None,
    'empty': {},
    'list': [],
    'zero': 0,
    'words': ['a', 'b'],
    'net': '10.0.0.0/8',
    'auth_token': 'token-of-plugin',
    'lines': 'a\nb\t\\',
    'template': '{node.name}',
}


def inventory(s):
    return {
        'interfaces': [
            {'name': 'eth0', 'mac_address': s.mac('eth0'), 'ipv4_address': '10.0.0.5', 'lldp': None},
            {'name': 'eth1', 'mac_address': s.mac('eth1'), 'ipv6_address': 'fd00::5'},
        ],
        'cpu': {'architecture': 'x86_64', 'count': 4, 'model_name': 'Made Up 9000', 'flags': ['aes', 'vmx']},
        'memory': {'physical_mb': 1024, 'total': 1073741824},
        'disks': [{'name': '/dev/sda', 'size': 10, 'rotational': False}, {'name': '/dev/sdb', 'size': 20}],
        'bmc_address': '10.0.0.1',
        'boot': {'current_boot_mode': 'uefi'},
        'system_vendor': {'manufacturer': 'ACME', 'password': 'secret-of-vendor', 'bmc_password': 'x'},
        'password': 'secret-of-inventory',
    }


class Inspected:
    """A scenario with one node, which is inspected again and again under other rules."""

    def __init__(self, name, **fields):
        self.s = s = AREA(name, min=96)
        self.rules = 0
        self.old = 0
        given = {'extra': {'a': 1, 's': 'text', 'l': [1, {'x': 1}]}, 'properties': {'cpus': 1, 'capabilities': 'a:b,c:d'}}
        self.node = s.node('node', inspect_interface='agent', description='d', **{**given, **fields})
        s.setup('PUT', '/v1/nodes/%s/traits' % self.node, {'traits': ['CUSTOM_OLD']})
        self.port = s.port(self.node, 'eth0', 'eth0', extra={'a': 1, 'l': [1]}, name='port-%s' % s.n())
        s.to_manageable(self.node)

    def rule(self, actions, conditions=(), **more):
        body = {'uuid': self.s.u('rule %d' % self.rules), 'actions': actions, 'conditions': list(conditions), **more}
        self.s.setup('POST', '/v1/inspection_rules', body)
        self.rules += 1

    def inspect(self, ports=False, **more):
        s, one = self.s, '/v1/nodes/' + self.node
        s.setup('PUT', one + '/states/provision', {'target': 'inspect'})
        s.wait(self.node, count=False, timeout=40, provision_state=['inspect wait', 'inspect failed'])
        s.setup('POST', '/v1/continue_inspection?node_uuid=' + self.node, {'inventory': inventory(s), **PLUGIN, **more})
        s.wait(self.node, timeout=40, provision_state=['manageable', 'inspect failed'])
        s.get('%s?fields=%s' % (one, SHOWN))
        if ports:
            s.get('/v1/ports/detail?sort_key=address&node=' + self.node)
        for i in range(self.old, self.rules):
            s.setup('DELETE', '/v1/inspection_rules/' + s.u('rule %d' % i))
        self.old = self.rules

    def one(self, *actions, conditions=(), ports=False):
        """One rule, and what comes of it."""
        self.rule(list(actions), conditions)
        self.inspect(ports)


def act(op, loop=None, **args):
    return {'op': op, 'args': args, **({} if loop is None else {'loop': loop})}


def put(path, value, **more):
    return act('set-attribute', path=path, value=value, **more)


def when(op, loop=None, multiple=None, **args):
    more = {} if multiple is None else {'multiple': multiple}
    return {'op': op, 'args': args, **({} if loop is None else {'loop': loop}), **more}


def all_of(name, conditions):
    """Each condition in a rule of its own that marks the node; none of them may fail."""
    run = Inspected(name)
    for i, condition in enumerate(conditions):
        run.rule([put('extra.r%03d' % i, 'holds')], [condition])
        if i % 16 == 0:
            inverted = {**condition, 'op': '!' + condition['op']}
            run.rule([put('extra.n%03d' % i, 'holds')], [inverted])
    run.inspect()


# Conditions -------------------------------------------------------------
ALIKE = [
    [1, 1],
    [1, '1'],
    [True, 1],
    [False, 0],
    [None, None],
    ['', None],
    [[1], [1]],
    [[1, [True]], [1, [1]]],
    [{'a': 1, 'b': 2}, {'b': 2, 'a': 1}],
    [{'a': 1}, {'a': True}],
    [{'a': 1}, {'a': 1, 'b': 1}],
    ['a', 'a', 'b'],
    ['a', 'a', 'a'],
    ['x'],
    [],
    ['{inventory[cpu][count]}', 4],
    ['{inventory[cpu][count]}', '4'],
    ['{node.name}', '{node.name}'],
    ['{node.nope}', '{node.nope}'],
    [0.1, 0.10],
    ['é', 'é'],
    ['{plugin_data[words]}', "['a', 'b']"],
]
all_of('eq', [when('eq', values=v) for v in ALIKE] + [when('eq', values=v, force_strings=True) for v in ALIKE])
ORDERED = [
    [1, 2],
    [2, 1],
    [1, 1],
    [1, 2, 3],
    [1, 3, 2],
    ['a', 'b'],
    ['B', 'a'],
    ['10', '9'],
    [True, 2],
    [1.5, 2],
    [[1], [2]],
    [[1, 2], [1, 3]],
    [[1], [1, 0]],
    ['ü', 'z'],
    ['\uffee', '\U0001f600'],
    ['', 'a'],
    ['x'],
    [],
    ['{inventory[memory][physical_mb]}', '2'],
]
all_of(
    'order',
    [when(op, values=v) for op in ('lt', 'gt') for v in ORDERED]
    + [when(op, values=v, force_strings=True) for op in ('lt', 'gt') for v in ORDERED + [[10, 9], [None, 1], [1, 'a']]],
)
VALUES = [
    '',
    ' ',
    'None',
    '[]',
    '{{}}',
    '[ ]',
    None,
    [],
    {},
    [''],
    0,
    0.0,
    1,
    2,
    -1,
    1.5,
    True,
    False,
    'true',
    'True',
    'TRUE',
    'yes',
    'Yes',
    'no',
    'No',
    'false',
    'on',
    'off',
    '1',
    '0',
    't',
    'y',
    'x',
    [1],
    {'a': 1},
    '{plugin_data[empty]}',
    '{plugin_data[none]}',
    '{plugin_data[list]}',
    '{plugin_data[true]}',
    '{plugin_data[zero]}',
    '{inventory[nope]}',
    '{inventory[cpu][nope]}',
    '{inventory[interfaces][7]}',
    '{node.name}',
    '{node.nope}',
    '{node.owner}',
    '{nope}',
    '{',
    ['{inventory[nope]}'],
    {'{inventory[nope]}': 1},
]
for op in ('is-empty', 'is-none', 'is-true', 'is-false'):
    all_of(op, [when(op, value=v) for v in VALUES])
all_of(
    'in-net',
    [
        when('in-net', address=a, subnet=n)
        for a, n in (
            ('10.0.0.1', '10.0.0.0/8'),
            ('10.0.0.1', '10.9.9.9/8'),
            ('11.0.0.1', '10.0.0.0/8'),
            ('10.0.0.1', '10.0.0.1'),
            ('10.0.0.1', '10.0.0.1/32'),
            ('10.0.0.1', '0.0.0.0/0'),
            ('::1', '::/0'),
            ('::1', '0.0.0.0/0'),
            ('10.0.0.1', '::/0'),
            ('fd00::5', 'fd00::/8'),
            ('FD00::5', 'fd00:0:0::/48'),
            ('::ffff:10.0.0.1', '10.0.0.0/8'),
            ('10.0.0.1', '10.0.0.0/255.0.0.0'),
            ('10.0.0.1', '10.0.0.0/0.255.255.255'),
            ('{inventory[bmc_address]}', '{plugin_data[net]}'),
            ('{inventory[interfaces][1][ipv6_address]}', 'fd00::/16'),
            (167772161, '10.0.0.0/8'),
        )
    ],
)
EXPRESSIONS = [
    ('abc', 'a'),
    ('abc', 'b'),
    ('abc', 'abc'),
    ('abc', 'a.*'),
    ('abc', '^abc'),
    ('abc', 'abc$'),
    ('abc', 'c$'),
    ('abc\n', 'abc'),
    ('abc\n', 'abc$'),
    ('a\nb', 'a.b'),
    ('a\nb', '(?s)a.b'),
    ('a\nb', '^b'),
    ('a\nb', '(?m)^b'),
    ('a\rb', 'a.b'),
    ('a\u2028b', 'a.b'),
    (123, '\\d+'),
    (None, 'None'),
    (True, 'True'),
    ([1, 'a'], "\\[1, 'a'\\]"),
    ({'a': None}, "\\{'a': None\\}"),
    ('ABC', '(?i)abc'),
    ('ABC', '(?im)abc'),
    ('ABC', '(?i:abc)'),
    ('ABc', 'AB(?i:C)'),
    ('abc', '(?P<x>a)bc'),
    ('aab', '(?P<n>a)(?P=n)b'),
    ('abab', '(ab)\\1'),
    ('a b', 'a\\sb'),
    ('a\u00a0b', 'a\\sb'),
    ('é', '\\w'),
    ('é', '^\\W'),
    ('٣', '\\d'),
    ('aé', '\\ba\\b'),
    ('a', '\\Aa\\Z'),
    ('a\n', 'a\\Z'),
    ('ab', 'a(?#comment)b'),
    ('foo', '(?x) f o o # text'),
    ('aaa', 'a{,3}'),
    ('a{,3}', 'a{,3}'),
    ('a{x', 'a{x'),
    ('a]', 'a]'),
    ('a}', 'a}'),
    ('aaa', 'a++'),
    ('abc', '(?>ab)c'),
    ('a$b', 'a\\$'),
    ('ab', 'a|b'),
    ('b', 'a|b'),
    ('b', '(?:a|b)'),
    ('a/b', 'a/b'),
    ('a-b', '[a\\-z]-b'),
    ('-', '[-a]'),
    (']', '[]a]'),
    ('^', '[a^]'),
    ('[', '[[]'),
    ('\t', '\\t'),
    ('A', '\\x41'),
    ('A', '\\u0041'),
    ('A', '\\101'),
    ('\U0001f600', '.'),
    ('\U0001f600', '^.$'),
    ('\U0001f600', '[\U0001f600]$'),
    ('ab', 'a(?=b)'),
    ('ab', '(?<=a)b'),
    ('ab', '(?<!x)b'),
    ('ab', 'a(?!x)b'),
    ('ABc', '(?i:ab)c'),
    ('ABc', '(?i:[a-b]+)c'),
    ('ABC', '(?i:ab)c'),
    ('a\nb', '(?s:a.)b'),
    ('ab', '(?i)(?s-m:AB)'),
    ('a_b', '\\w+'),
    ('@', '\\@'),
    ('a:b', 'a\\:b'),
    ('{inventory[cpu][model_name]}', 'Made Up \\d+'),
    ('{inventory[nope]}', '\\{inventory'),
    ('', '^$'),
    ('k', '(?i)\u212a'),
    ('ſ', '(?i)s'),
    ('ab', '(?a)\\w+'),
    ('é', '(?a)\\w'),
    ('x', '{node.name}'),
]
all_of('matches', [when('matches', value=v, regex=r) for v, r in EXPRESSIONS])
all_of('contains', [when('contains', value=v, regex=r) for v, r in EXPRESSIONS])
all_of(
    'one-of',
    [
        when('one-of', value=v, values=w)
        for v, w in (
            ('a', ['a', 'b']),
            ('c', ['a', 'b']),
            (1, [True]),
            ('1', [1]),
            (1, ['1']),
            (None, [None]),
            ([1], [[1]]),
            ({'a': 1}, [{'a': 1}]),
            ('a', 'abc'),
            ('', 'abc'),
            ('x', 'abc'),
            ('a', {'a': 1}),
            ('b', {'a': 1}),
            ('a', []),
            ('4', ['{inventory[cpu][count]}']),
            ('{inventory[cpu][count]}', ['4']),
            ('{inventory[cpu][count]}', [4]),
            ('{plugin_data[words][0]}', ['a']),
            ('{node.driver}', ['fake-hardware']),
            ('{inventory[nope]}', ['{inventory[nope]}']),
        )
    ]
    + [when('one-of', value='a')],
)
ITEMS = [
    ['x', 'y'],
    ['y', 'x'],
    ['y', 'y'],
    ['x', 'x'],
    ['y', 'x', 'y'],
    [1, 'x'],
    [],
    {},
    {'a': 'x'},
    ['{node.name}'],
    [['x'], ['y']],
    [{'a': 'x'}, {'a': 'y'}],
]
all_of(
    'loops',
    [when('eq', loop, way, values=['{item}', 'x']) for loop in ITEMS for way in (None, 'any', 'all', 'first', 'last')]
    + [when('eq', loop, way, values=['{item[a]}', 'x']) for loop in ITEMS for way in ('any', 'all', 'last')]
    + [
        when('lt', [1, 5, 10], 'all', values=['{item}', 20]),
        when('lt', [1, 5, 10], 'all', values=['{item}', '{inventory[memory][physical_mb]}']),
        when('eq', [1], values=['{item}', 1]),
        when('eq', [1], values=['{item}', 1], force_strings=False),
        when('one-of', ['a', 'z'], 'any', value='{item}', values=['{item}']),
        when('one-of', ['a', 'z'], 'all', value='{item}', values='abc'),
        when('matches', ['a', 'b'], 'all', value='ab', regex='{item}.*'),
        when('contains', ['a', 'b'], 'all', value='ab', regex='{item}'),
        when('contains', ['a', 'b'], 'all', value='{item}{item}', regex='^..$'),
        when('is-empty', ['', 'x'], 'first', value='{item}'),
        when('is-empty', ['nope'], value='{inventory[{item}]}'),
        when('is-none', [None], value='{item}'),
        when('is-true', [True, False], 'all', value='{item}'),
        when('is-true', [True, False], 'any', value='{item}'),
        when('in-net', ['10.0.0.0/8', '11.0.0.0/8'], 'any', address='10.0.0.1', subnet='{item}'),
        when('eq', ['{inventory[cpu][count]}'], values=['{item}', '4']),
        when('eq', {'path': '{inventory[cpu][count]}'}, values=['{item[path]}', '4']),
        when('eq', 'text', values=['{item}', 'x']),
        when('eq', ['x'], 'some', values=['{item}', 'x']),
    ],
)
run = Inspected('and')
for i, pair in enumerate(((1, 1), (1, 2), (2, 1), (2, 2))):
    run.rule([put('extra.r%d' % i, True)], [when('eq', values=[x, 1]) for x in pair])
run.rule([put('extra.none', True)], [])
run.rule([put('extra.spaces', True)], [when(' ! eq ', values=[1, 2])])
run.rule([put('extra.listed', True)], [{'op': 'eq', 'args': [[1, 1]]}])
run.rule([put('extra.listed-strings', True)], [{'op': 'eq', 'args': [[1, '1'], True]}])
run.inspect()
run = Inspected('conditions that fail')
for condition in (
    when('eq', values='x'),
    when('eq', values='{plugin_data[words]}'),
    when('eq', values=5),
    when('eq', values=None),
    when('eq', values={'a': 1}),
    when('lt', values=[1, '2']),
    when('gt', values=[None, 1]),
    when('lt', values=[{}, {}]),
    when('lt', values=[[1], ['a']]),
    when('lt', values=['{inventory[cpu][count]}', 5]),
    when('in-net', address='x', subnet='10.0.0.0/8'),
    when('in-net', address='', subnet='10.0.0.0/8'),
    when('in-net', address=None, subnet='10.0.0.0/8'),
    when('in-net', address='10.0.0.1', subnet='x'),
    when('in-net', address='10.0.0.1', subnet='10.0.0.0/33'),
    when('in-net', address='10.0.0.1', subnet='10/8'),
    when('in-net', address='10.0.0.1', subnet=''),
    when('in-net', address='10.0.0.1', subnet=None),
    when('in-net', address='10.1', subnet='10.0.0.0/8'),
    when('in-net', address='10.0.0.1/32', subnet='10.0.0.0/8'),
    when('in-net', address='010.0.0.1', subnet='10.0.0.0/8'),
    when('matches', value='x', regex='('),
    when('matches', value='x', regex='['),
    when('matches', value='x', regex='*a'),
    when('matches', value='x', regex='a**'),
    when('matches', value='x', regex='(?<n>a)'),
    when('matches', value='x', regex='\\p{L}'),
    when('matches', value='x', regex='\\'),
    when('matches', value='x', regex='a(?i)b'),
    when('matches', value='x', regex='(?<=a+)b'),
    when('matches', value='x', regex='\\1'),
    when('matches', value='x', regex=''),
    when('matches', value='x', regex=5),
    when('matches', value='x', regex=None),
    when('contains', value='x', regex=''),
    when('contains', value='x', regex='('),
    when('contains', value='x', regex='\\q'),
    when('contains', value='x', regex='[z-a]'),
    when('contains', value='x', regex=5),
    when('one-of', value=1, values='abc'),
    when('one-of', value=1, values=5),
    when('one-of', value='a', values=None),
    when('one-of', value=[1], values={'a': 1}),
    when('lt', ['x'], values=['{item}', None]),
):
    run.one(put('extra.reached', True), conditions=[condition])

# Templates --------------------------------------------------------------
TEMPLATES = [
    '{node.uuid}',
    '{node.name}',
    '{node.description}',
    '{node.extra}',
    '{node.extra[a]}',
    '{node.extra[l][1][x]}',
    '{node.extra[nope]}',
    '{node.properties[cpus]}',
    '{node.driver_info}',
    '{node.driver_info[password]}',
    '{node.driver}',
    '{node.maintenance}',
    '{node.instance_uuid}',
    '{node.provision_state}',
    '{node.conductor_group}',
    '{node.nope}',
    '{node[name]}',
    '{node[nope]}',
    '{inventory[cpu][count]}',
    '{inventory[cpu][flags]}',
    '{inventory[cpu][flags][0]}',
    '{inventory[cpu][flags][-1]}',
    '{inventory[cpu][flags][x]}',
    '{inventory[cpu][flags][9]}',
    '{inventory[cpu]}',
    '{inventory[disks]}',
    '{inventory[interfaces][0][lldp]}',
    '{inventory[password]}',
    '{inventory[system_vendor]}',
    '{inventory[system_vendor][password]}',
    '{inventory[nope]}',
    '{inventory.cpu}',
    '{inventory[cpu].count}',
    '{inventory[cpu][count][0]}',
    '{inventory[boot][current_boot_mode][0]}',
    '{plugin_data[nested]}',
    '{plugin_data[text]}',
    '{plugin_data[text]!r}',
    '{plugin_data[text]!a}',
    '{plugin_data[text]!s}',
    '{plugin_data[text]!x}',
    '{plugin_data[quote]!r}',
    '{plugin_data[lines]}',
    '{plugin_data[lines]!r}',
    '{plugin_data[float]}',
    '{plugin_data[true]}',
    '{plugin_data[none]}',
    '{plugin_data[list]}',
    '{plugin_data[empty]}',
    '{plugin_data[auth_token]}',
    '{plugin_data[template]}',
    '{plugin_data[words]!r}',
    '{plugin_data[words]!s}',
    'a{inventory[cpu][count]}b{inventory[cpu][count]}c',
    '{{x}}',
    '{{{inventory[cpu][count]}}}',
    '{',
    '}',
    '{}',
    '{0}',
    '{nope}',
    '{ inventory[cpu][count] }',
    '{inventory[ cpu ]}',
    '{inventory["cpu"]}',
    '{inventory[cpu}',
    '{inventory[]}',
    '{inventory[cpu]count}',
    '{inventory[cpu][count]',
    '{item}',
    '{inventory[cpu][count]:5}|',
    '{inventory[cpu][count]:<5}|',
    '{inventory[cpu][count]:05d}',
    '{inventory[cpu][count]:+d}',
    '{inventory[cpu][count]:x}',
    '{inventory[cpu][count]:#x}',
    '{inventory[cpu][count]:b}',
    '{inventory[cpu][count]:.2f}',
    '{inventory[cpu][count]:e}',
    '{inventory[cpu][count]:%}',
    '{inventory[cpu][count]:s}',
    '{inventory[memory][total]:,}',
    '{inventory[memory][total]:_}',
    '{plugin_data[float]:.3f}',
    '{plugin_data[float]:8.1f}|',
    '{plugin_data[float]:d}',
    '{plugin_data[float]:g}',
    '{plugin_data[text]:>20}|',
    '{plugin_data[quote]:*^10}|',
    '{plugin_data[quote]:.2}|',
    '{plugin_data[quote]:d}',
    '{plugin_data[quote]!s:>8}|',
    '{plugin_data[true]:d}',
    '{plugin_data[true]:5}|',
    '{plugin_data[none]:5}|',
    '{plugin_data[none]:}|',
    '{plugin_data[words]:5}|',
    '{plugin_data[words]!s:>12}|',
    '{inventory[cpu][count]:{inventory[cpu][count]}}|',
    '',
    5,
    1.5,
    True,
    None,
    ['{node.name}', ['{inventory[cpu][count]}'], 5],
    {'{node.name}': '{inventory[cpu][count]}', 'k': ['{nope}']},
]
for name, more in (('masked', {}), ('sensitive', {'sensitive': True})):
    run = Inspected('templates ' + name, driver_info={'password': 'secret-of-driver', 'address': 'x'})
    for i, template in enumerate(TEMPLATES):
        run.rule([put('extra.t%03d' % i, template)], **more)
    run.rule([put('extra.seen', True)], [when('eq', values=['{inventory[password]}', 'secret-of-inventory'])], **more)
    run.rule([put('extra.hidden', True)], [when('eq', values=['{plugin_data[auth_token]}', '***'])], **more)
    run.inspect()

run = Inspected('numbers')
run.rule([put('extra.whole', '{plugin_data[whole]}'), put('extra.big', '{plugin_data[big]}'), put('extra.one', 1.0)])
run.inspect(whole=2.0, big=BIG)

# What Ferric does otherwise, each alone --------------------------------
run = Inspected('otherwise conditionals')
run.rule([put('extra.seen', True)], [when('matches', value='aa', regex='(a)?(?(1)a|b)')])
run.inspect()
run = Inspected('otherwise words')
run.rule([put('automated_clean', 'off'), put('retired', 'false')])
run.inspect()
run = Inspected('otherwise deletions')
run.rule([act('del-attribute', path='description'), act('del-attribute', path='extra')])
run.inspect()
run = Inspected('otherwise lists')
run.rule([act('extend-plugin-data', path='nested.a.b', value=3)])
run.inspect()
run = Inspected('otherwise unset')
run.rule([act('unset-plugin-data', path='nested.a.only.child'), act('unset-plugin-data', path='float')])
run.inspect()
run.s.get('/v1/nodes/%s/inventory' % run.node)
run = Inspected('otherwise long')
run.rule([put('resource_class', 'x' * 300)])
run.inspect()

# Actions ----------------------------------------------------------------
run = Inspected('taken')
other = run.s.node('other', instance_uuid=NIL)
run.s.port(other, 'other', 'other')
for action in (
    put('name', run.s.n('other')),
    put('instance_uuid', NIL),
    act('set-port-attribute', port_id=run.port, path='address', value=run.s.mac('other')),
):
    run.one(action)
run = Inspected('priorities')
for i, priority in enumerate((5, 0, 9999, 5, 0, 7)):
    run.rule([act('extend-attribute', path='extra.order', value='r%d at %d' % (i, priority))], priority=priority)
run.rule([put('extra.late', True)], [when('eq', values=['{node.extra[order][0]}', 'r2 at 9999'])], priority=1)
run.rule([act('set-plugin-data', path='mark', value='set')], priority=3)
run.rule([put('extra.mark', '{plugin_data[mark]}')], priority=2)
run.rule([put('extra.early', '{plugin_data[mark]}')], priority=4)
run.rule([put('extra.two', 1), put('extra.three', '{node.extra[two]}'), act('del-attribute', path='extra.two')])
run.inspect()
run = Inspected('loops of actions')
for actions in (
    [act('set-attribute', [{'p': 'extra.x', 'v': 1}, {'p': 'extra.y', 'v': '{node.name}'}], path='{item[p]}', value='{item[v]}')],
    [act('set-attribute', {'p': 'extra.z', 'v': '{inventory[cpu][count]}'}, path='{item[p]}', value='{item[v]}')],
    [act('extend-attribute', ['a', 'b', 'a'], path='extra.many', value='{item}', unique=True)],
    [act('extend-attribute', [1, 2.5, None, True, [1], {'a': 1}], path='extra.kinds', value='{item}')],
    [act('add-trait', ['CUSTOM_L1', 'CUSTOM_L2'], name='{item}')],
    [act('set-capability', ['l1', 'l2'], name='{item}', value='{item}')],
    [act('set-plugin-data', ['l1', 'l2'], path='loop.{item}', value=5)],
    [act('set-attribute', [], path='extra.empty', value='once')],
    [act('set-attribute', {}, path='extra.nothing', value='{item}')],
    [act('set-attribute', ['x'], path='extra.number', value=5)],
    [act('set-attribute', ['x'], path='extra.list', value=['{item}', 5, {'{item}': '{item}'}])],
    [act('set-attribute', 'text', path='extra.text', value='{item}')],
    [act('set-port-attribute', ['one', 'two'], port_id=run.port, path='extra.{item}', value='{item}')],
    [act('log', ['debug', 'info'], msg='{item}', level='{item}')],
):
    run.rule(actions)
run.inspect(ports=True)
run.s.get('/v1/nodes/%s/inventory' % run.node)

run = Inspected('attributes')
for path, value in (
    ('extra.new', 1),
    ('/extra/deep/er/value', 'v'),
    ('extra/dotted.key', 'v'),
    ('extra.a', {'b': [1]}),
    ('extra.n', None),
    ('extra/', 'trailing'),
    ('/extra/l', 'no list any more'),
    ('description', 'new'),
    ('resource_class', 'rc'),
    ('properties.memory_mb', 5),
    ('driver_info.address', '10.0.0.1'),
    ('instance_info/x', 'y'),
    ('network_data', {'links': []}),
    ('automated_clean', True),
    ('lessee', 'l'),
    ('owner', 'o'),
    ('shard', 's'),
    ('maintenance_reason', 'why'),
):
    run.rule([put(path, value)])
run.inspect()
run = Inspected('attributes one by one')
for path, value in (
    ('description', None),
    ('description', 5),
    ('description', True),
    ('description', 1.5),
    ('description', ['a']),
    ('description', {'a': 1}),
    ('description', 'x' * 5000),
    ('description.x', 1),
    ('name', '{node.driver}-renamed'),
    ('name', 'not a name'),
    ('maintenance', 'true'),
    ('maintenance', False),
    ('maintenance', 'x'),
    ('maintenance', ''),
    ('maintenance', []),
    ('maintenance', [0]),
    ('maintenance', 1),
    ('maintenance', None),
    ('retired', 'yes'),
    ('automated_clean', None),
    ('extra', 'text'),
    ('extra', ['a']),
    ('extra', None),
    ('extra', '{"a": 1}'),
    ('extra', "{{'python': [True, None, 1.5, -2, 'it\\'s', \"q\", ('t', 1), {{}}]}}"),
    ('extra', '{inventory[cpu]}'),
    ('extra', '[]'),
    ('extra', []),
    ('extra', [['k', 'v']]),
    ('extra', ''),
    ('extra', '5'),
    ('extra', {'whole': True}),
    ('extra.whole.deeper.still', 1),
    ('extra.whole', 'text'),
    ('extra.whole.deeper', 1),
    ('extra.l.0', 'x'),
    ('properties', 5),
    ('instance_uuid', 'x'),
    ('instance_uuid', '11111111-2222-4333-8444-555555555555'),
    ('instance_uuid', None),
    ('nope', 'x'),
    ('nope.x', 'x'),
    ('', 'x'),
    ('driver', 'fake-hardware'),
    ('network_interface', 'noop'),
    ('power_state', 'power on'),
):
    run.one(put(path, value))
run = Inspected('lists one by one')
for path, value, unique in (
    ('extra.new', 1, None),
    ('extra.new', 1, True),
    ('extra.new', True, True),
    ('extra.new', '1', True),
    ('extra.new', {'a': 1, 'b': 2}, True),
    ('extra.new', {'b': 2, 'a': 1}, True),
    ('extra.new', [1], 'no'),
    ('extra.new', '{node.name}', False),
    ('extra.s', 'x', None),
    ('extra.a.b', 'x', None),
    ('extra.p.q.r', 'x', None),
    ('extra', 'x', None),
    ('description', 'x', None),
    ('owner', 'x', None),
    ('nope', 'x', None),
    ('traits', 'CUSTOM_B', None),
    ('properties.capabilities', 'x', None),
):
    more = {} if unique is None else {'unique': unique}
    run.one(act('extend-attribute', path=path, value=value, **more))
run = Inspected('deletions one by one')
for path in ('extra.a', 'extra.a', 'extra/l/0', 'extra.s.x', 'properties.cpus', 'extra.x.y', 'nope', ''):
    run.one(act('del-attribute', path=path))
run = Inspected('capabilities and traits')
for actions in (
    [act('set-capability', name='a', value='new'), act('set-capability', name='e', value='f')],
    [act('set-capability', name='n', value=5)],
    [act('set-capability', name='t', value='{inventory[boot][current_boot_mode]}')],
    [act('set-capability', name='{node.name}', value=None)],
    [act('set-capability', name='b', value=True)],
    [act('unset-capability', name='c')],
    [act('unset-capability', name='nope')],
    [act('add-trait', name='CUSTOM_NEW')],
    [act('add-trait', name='CUSTOM_OLD')],
    [act('add-trait', name='lower case')],
    [act('add-trait', name='{node.name}')],
    [act('remove-trait', name='CUSTOM_OLD')],
    [act('remove-trait', name='CUSTOM_OLD')],
    [act('add-trait', name=5)],
    [act('add-trait', name='')],
    [put('properties.capabilities', None)],
    [act('set-capability', name='first', value='1')],
    [put('properties.capabilities', '')],
    [act('unset-capability', name='first')],
    [put('properties.capabilities', 'odd,a:b:c,,d:')],
    [act('set-capability', name='a', value='x')],
    [put('properties.capabilities', {'a': 1})],
    [act('set-capability', name='a', value='x')],
    [act('unset-capability', name='a')],
):
    run.one(*actions)
run = Inspected('plugin data')
for actions in (
    [act('set-plugin-data', path='new.deep.path', value='{node.name}')],
    [act('set-plugin-data', path='/slashes/count', value=1)],
    [act('set-plugin-data', path='nested.x', value=None)],
    [act('set-plugin-data', path='words', value={'a': 1})],
    [act('extend-plugin-data', path='fresh.list', value={'a': 1})],
    [act('extend-plugin-data', path='none', value=1)],
    [act('extend-plugin-data', path='zero', value=1)],
    [act('extend-plugin-data', path='list', value=1)],
    [act('unset-plugin-data', path='nope.nope')],
    [act('unset-plugin-data', path='quote.x')],
    [act('set-plugin-data', path=['listed', 'path'], value=1)],
    [act('set-plugin-data', path='', value=1)],
):
    run.rule(actions)
run.inspect()
run.s.get('/v1/nodes/%s/inventory' % run.node)
run = Inspected('plugin data that fails')
for action in (
    act('set-plugin-data', path='text.x', value=1),
    act('set-plugin-data', path='words.0', value=1),
    act('set-plugin-data', path='none.x', value=1),
    act('set-plugin-data', path=5, value=1),
    act('extend-plugin-data', path='text', value=1),
    act('extend-plugin-data', path='nested', value=1),
    act('extend-plugin-data', path='text.x', value=1),
    act('unset-plugin-data', path=5),
):
    run.one(action)
run = Inspected('ports')
for path, value in (
    ('extra.new', '{node.name}'),
    ('/extra/deep/er', 1),
    ('pxe_enabled', False),
    ('physical_network', 'net'),
    ('local_link_connection.port_id', 'p'),
    ('description', 'd'),
    ('category', 'c'),
):
    run.rule([act('set-port-attribute', port_id=run.port, path=path, value=value)])
run.rule([act('extend-port-attribute', port_id=run.port, path='extra.l', value=2)])
run.rule([act('extend-port-attribute', port_id=run.port, path='extra.l', value=2, unique=True)])
run.rule([act('extend-port-attribute', port_id=run.port, path='extra.m.n', value='{node.driver}')])
run.rule([act('del-port-attribute', port_id=run.port, path='extra.a')])
run.inspect(ports=True)
run = Inspected('ports that fail')
NOWHERE = '11111111-2222-4333-8444-555555555555'
for action in (
    act('set-port-attribute', port_id=NOWHERE, path='extra.x', value=1),
    act('extend-port-attribute', port_id=NOWHERE, path='extra.x', value=1),
    act('del-port-attribute', port_id=NOWHERE, path='extra.x'),
    act('set-port-attribute', port_id='{node.name}', path='extra.x', value=1),
    act('set-port-attribute', port_id=5, path='extra.x', value=1),
    act('set-port-attribute', port_id=run.port, path='nope', value=1),
    act('set-port-attribute', port_id=run.port, path='pxe_enabled', value='x'),
    act('set-port-attribute', port_id=run.port, path='address', value='x'),
    act('set-port-attribute', port_id=run.port, path='address', value='52:54:00:AB:CD:EF'),
    act('set-port-attribute', port_id=run.port, path='uuid', value=NOWHERE),
    act('set-port-attribute', port_id=run.port, path='extra', value='x'),
    act('set-port-attribute', port_id=run.port, path='physical_network', value=5),
    act('extend-port-attribute', port_id=run.port, path='extra', value=1),
    act('extend-port-attribute', port_id=run.port, path='name', value=1),
    act('del-port-attribute', port_id=run.port, path='extra.nope'),
):
    run.one(action, ports=True)
run = Inspected('failures')
for actions in (
    [put('extra.before', 1), act('fail', msg='stopped by {node.name}'), put('extra.after', 1)],
    [act('fail', msg=5)],
    [act('fail', msg=None)],
    [act('fail', msg={'a': [1]})],
    [act('fail', ['first', 'second'], msg='{item}')],
    [act('log', msg='{node.name} {inventory[password]}', level='info')],
    [act('log', msg='x', level='WARNING')],
    [act('log', msg={'a': 1})],
    [act('log', msg='x', level='loud')],
    [act('log', msg='x', level=5)],
    [act('set-plugin-data', path='text.x', value=1), put('extra.later', 1)],
    [put('extra.first', 1), act('del-attribute', path='extra.nope')],
    [act('add-trait', name='CUSTOM_KEPT'), act('fail', msg='x')],
    [act('api-call', url='http://127.0.0.1:1/', retries=0)],
    [act('api-call', url='http://127.0.0.1:1/', timeout=0)],
    [act('api-call', url='http://127.0.0.1:1/', timeout='x')],
    [act('api-call', url='http://127.0.0.1:1/', retries='x')],
    [act('api-call', url='nonsense', retries=0)],
    [act('api-call', url='', retries=0)],
    [{'op': 'set-attribute', 'args': ['extra.listed', '{node.name}']}],
    [{'op': 'extend-attribute', 'args': ['extra.listed-too', 1, True]}],
    [{'op': 'log', 'args': ['text', 'debug']}],
):
    run.one(*actions)
run.rule([put('extra.high', 1)], priority=9)
run.rule([act('fail', msg='in between')], priority=5)
run.rule([put('extra.low', 1)], priority=1)
run.inspect()
