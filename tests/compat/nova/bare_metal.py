"""The bare metal API as an operator uses it beside Nova: enrolls machines, looks at them, deletes them."""

import itertools
import json
import os
import random
import time
import urllib.error
import urllib.request

URL = os.environ['FERRIC_URL']
VERSION = '1.80'
SECONDS = 60

_numbers = itertools.count(random.randrange(2 ** 31))


class Refused(Exception):
    """An answer of 400 or more."""

    def __init__(self, code, body):
        super().__init__('%s %s' % (code, body))
        self.code = code


def call(method, path, body=None):
    """The answer; a node that is locked is asked again, as every client does."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return _call(method, path, body)
        except Refused as error:
            if error.code != 409 or method == 'POST' or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _call(method, path, body):
    headers = {'X-OpenStack-Ironic-API-Version': VERSION, 'Content-Type': 'application/json'}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + '/v1' + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read()) from error
    return json.loads(text) if text else None


def show(uuid):
    return call('GET', '/nodes/' + uuid)


def wait(uuid, field, *wanted):
    """The node once the field has one of the values; AssertionError after a minute."""
    deadline = time.monotonic() + SECONDS
    while True:
        node = show(uuid)
        if node[field] in wanted:
            return node
        if time.monotonic() > deadline:
            raise AssertionError('%s of %s is %r, not one of %r: %s' % (
                field, uuid, node[field], wanted, node['last_error']))
        time.sleep(0.2)


def provision(uuid, target, *wanted):
    call('PUT', '/nodes/%s/states/provision' % uuid, {'target': target})
    return wait(uuid, 'provision_state', *wanted)


def enroll(available=True, **fields):
    """A node with one port, available unless said otherwise; its UUID."""
    number = next(_numbers)
    node = call('POST', '/nodes', {
        'driver': 'fake-hardware', 'name': 'metal-%d' % number, 'resource_class': 'metal.large',
        'rescue_interface': 'fake',
        'properties': {'cpus': '8', 'memory_mb': '16384', 'local_gb': '100', 'cpu_arch': 'x86_64'},
        **fields})
    call('POST', '/ports', {'node_uuid': node['uuid'], 'address': mac(number)})
    if available:
        provision(node['uuid'], 'manage', 'manageable')
        # Fake hardware has the state it was last given.
        call('PUT', '/nodes/%s/states/power' % node['uuid'], {'target': 'power off'})
        wait(node['uuid'], 'power_state', 'power off')
        provision(node['uuid'], 'provide', 'available')
    return node['uuid']


def mac(number):
    return '52:54:%02x:%02x:%02x:%02x' % tuple(number.to_bytes(4, 'big'))


def withdraw(uuid):
    """Deletes the node, whatever it is doing."""
    call('PUT', '/nodes/%s/maintenance' % uuid, {'reason': 'the end'})
    return call('DELETE', '/nodes/' + uuid)
