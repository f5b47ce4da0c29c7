#!/usr/bin/env python3
"""The agent of the Liberty release as servers knew it, for a machine whose kernel line names ipa-driver-name.

Looks itself up and sends heartbeats through vendor passthru, takes commands without a token on port 9999:
clean.get_clean_steps, clean.execute_clean_step, standby.prepare_image, standby.power_off, standby.run_image.
Written from the description of that protocol; the real one needs a Python nobody ships any more.
"""
import base64
import gzip
import hashlib
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
import uuid

LINE = dict(word.partition('=')[::2] for word in open('/proc/cmdline').read().split())
API = LINE['ipa-api-url'].rstrip('/')
DRIVER = LINE['ipa-driver-name']
STEP = {'step': 'erase_devices', 'priority': 10, 'interface': 'deploy', 'reboot_requested': False, 'abortable': True}
VERSION = {'generic_hardware_manager': '3'}


def say(*words):
    print('rack-liberty:', *words, flush=True)


def interfaces():
    for name in sorted(os.listdir('/sys/class/net')):
        if name != 'lo':
            with open(f'/sys/class/net/{name}/address') as address:
                yield {'name': name, 'mac_address': address.read().strip(), 'switch_port_descr': None,
                       'switch_chassis_descr': None}


def address():
    shown = subprocess.run(['ip', '-4', '-o', 'addr', 'show', 'scope', 'global'], capture_output=True, text=True)
    return re.search(r'inet ([0-9.]+)', shown.stdout).group(1)


def disk():
    return next(f'/dev/{name}' for name in sorted(os.listdir('/sys/block')) if re.match(r'[sv]d[a-z]$', name))


def post(path, body):
    request = urllib.request.Request(API + path, json.dumps(body).encode(),
                                     {'Content-Type': 'application/json', 'Accept': 'application/json'})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.read()


def look_up():
    inventory = {'interfaces': list(interfaces()), 'disks': [{'name': disk(), 'size': 0}], 'cpu': {}, 'memory': {}}
    while True:
        try:
            _, text = post(f'/v1/drivers/{DRIVER}/vendor_passthru/lookup', {'version': '2', 'inventory': inventory})
            return json.loads(text)
        except OSError as error:
            say('lookup', error)
            time.sleep(3)


def erase_devices(params):
    subprocess.run(['wipefs', '--all', '--force', disk()], check=True)
    return {'clean_result': None, 'clean_step': params['step']}


def prepare_image(params):
    info, target = params['image_info'], disk()
    checksum = hashlib.md5() if len(info['checksum']) == 32 else hashlib.sha256()
    urllib.request.urlretrieve(info['urls'][0], '/tmp/image')
    with open('/tmp/image', 'rb') as image:
        for part in iter(lambda: image.read(1 << 20), b''):
            checksum.update(part)
    if checksum.hexdigest() != info['checksum']:
        raise RuntimeError(f'Image failed to verify against checksum. {info["id"]}')
    subprocess.run(['qemu-img', 'convert', '-t', 'directsync', '-O', 'host_device', '/tmp/image', target], check=True)
    if params.get('configdrive'):
        add_config_drive(params['configdrive'], target)
    return {'result': f'image ({info["id"]}) written to device {target}'}


def add_config_drive(given, target):
    if given.startswith('http'):
        given = urllib.request.urlopen(given, timeout=60).read()
    content = gzip.decompress(base64.b64decode(given))
    subprocess.run(['sgdisk', '-e', '-n', '0:-64M:0', '-c', '0:config-2', target], check=True)
    subprocess.run(['partprobe', target], check=True)
    subprocess.run(['udevadm', 'settle'], check=True)
    parts = subprocess.run(['lsblk', '-nlo', 'PATH,TYPE', target], capture_output=True, text=True).stdout
    last = [line.split()[0] for line in parts.splitlines() if line.endswith('part')][-1]
    with open(last, 'wb') as partition:
        partition.write(content)
        os.fsync(partition)


COMMANDS = {
    'clean.get_clean_steps': lambda params: {'clean_steps': {'GenericHardwareManager': [STEP]},
                                             'hardware_manager_version': VERSION},
    'clean.execute_clean_step': erase_devices,
    'standby.prepare_image': prepare_image,
    'standby.power_off': lambda params: switch('o'),
    'standby.run_image': lambda params: switch('b'),
}
RESULTS = []
BEAT = threading.Event()


def switch(letter):
    os.sync()
    threading.Timer(1, lambda: open('/proc/sysrq-trigger', 'w').write(letter)).start()
    return None


def run(result, body):
    try:
        result['command_result'] = COMMANDS[body['name']](body['params'])
        result['command_status'] = 'SUCCEEDED'
    except Exception as error:  # what went wrong is for the server to read
        result['command_error'] = {'type': type(error).__name__, 'code': 500, 'message': str(error), 'details': str(error)}
        result['command_status'] = 'FAILED'
    say(body['name'], result['command_status'], result['command_error'] or '')
    BEAT.set()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body, status=200):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        path = self.path.partition('?')[0]
        if path == '/v1/commands':
            return self.answer({'commands': RESULTS})
        found = [one for one in RESULTS if path.endswith(one['id'])]
        return self.answer(found[0]) if found else self.answer({'faultcode': 'Client', 'faultstring': 'Not Found'}, 404)

    def do_POST(self):
        path, _, query = self.path.partition('?')
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        if path != '/v1/commands' or body['name'] not in COMMANDS:
            return self.answer({'type': 'InvalidCommandError', 'code': 400, 'message': 'Invalid command',
                                'details': body.get('name')}, 400)
        result = {'id': str(uuid.uuid4()), 'command_name': body['name'].partition('.')[2], 'command_params': body['params'],
                  'command_status': 'RUNNING', 'command_error': None, 'command_result': None}
        RESULTS.append(result)
        worker = threading.Thread(target=run, args=(result, body))
        worker.start()
        if 'wait=true' in query:
            worker.join()
        return self.answer(result)

    def log_message(self, *words):
        pass


def main():
    server = http.server.ThreadingHTTPServer(('0.0.0.0', 9999), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = look_up()
    say('looked up', found['node']['uuid'])
    path, mine = f'/v1/nodes/{found["node"]["uuid"]}/vendor_passthru/heartbeat', {'agent_url': f'http://{address()}:9999'}
    while True:
        try:
            status, _ = post(path, mine)
            say('heartbeat', status)
        except OSError as error:
            say('heartbeat', error)
        BEAT.wait(min(20, found['heartbeat_timeout'] / 2))
        BEAT.clear()
        time.sleep(1)


main()
