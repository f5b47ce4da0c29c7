# sushy-tools' emulator with its fake driver, which knows power, boot device, boot mode, secure boot and virtual media.
# What its other drivers take from libvirt is added here: memory, processors, disks, BIOS settings, firmware versions,
# volumes (of Volume 1.0.3, as the emulator says it has them: RAIDType is unknown; and they can be deleted), an NMI that is
# counted. A change of power takes half a second instead of up to eleven.
# Usage: redfish_emulator.py PORT STATE_DIR [USERNAME PASSWORD]
import os
import sys
import time

import bcrypt
import flask

from sushy_tools.emulator import main as emulator
from sushy_tools.emulator.resources.systems import fakedriver
from sushy_tools import error

UUID = '27946b59-9e44-4fa7-8e91-f3527a1ef094'
BIOS = {
    'BootMode': 'Uefi', 'EmbeddedSata': 'Raid', 'L2Cache': '10x256 KB', 'NicBoot1': 'NetworkBoot',
    'NumCores': '10', 'ProcTurboMode': 'Enabled', 'QuietBoot': 'true', 'SecureBootStatus': 'Enabled',
    'SerialNumber': 'QPX12345', 'SysPassword': '',
}
GIB = 2 ** 30


class Machine(fakedriver.FakeDriver):
    def set_power_state(self, identity, state):
        system = self._get(identity)
        if state == 'Nmi':
            self._update(system, nmis=system.get('nmis', 0) + 1)
            return
        if state not in ('On', 'ForceOn', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'GracefulRestart'):
            raise error.NotSupportedError(f'Power state {state} is not supported')
        if 'Restart' in state:
            system['power_state'] = 'Off'
        wanted = 'Off' if state in ('ForceOff', 'GracefulShutdown') else 'On'
        if system['power_state'] != wanted:
            self._update(system, pending_power={'power_state': wanted, 'apply_time': time.time() + 0.5})

    def get_total_memory(self, identity):
        return 16

    def get_total_cpus(self, identity):
        return 2

    def get_processors(self, identity):
        return [{'id': f'CPU{n}', 'socket': f'CPU {n}', 'vendor': 'Intel', 'model': 'Xeon', 'cores': '4', 'threads': '8',
                 'Id': f'CPU{n}'} for n in range(2)]

    def get_simple_storage_collection(self, identity):
        disks = [{'Name': 'sda', 'CapacityBytes': 100 * GIB}, {'Name': 'sdb', 'CapacityBytes': 500 * GIB}]
        return {'scsi': {'Id': 'scsi', 'Name': 'scsi', 'DeviceList': disks}}

    def get_bios(self, identity):
        return self._get(identity).get('bios', BIOS)

    def set_bios(self, identity, attributes):
        known = self.get_bios(identity)
        strange = [name for name in attributes if name not in known]
        if strange:
            raise error.BadRequest(f'Unknown BIOS attributes {strange}')
        self._update(identity, bios={**known, **attributes})

    def reset_bios(self, identity):
        self._update(identity, bios=BIOS)

    def get_versions(self, identity):
        return self._get(identity).get('versions', {'BiosVersion': '1.0.0'})

    def set_versions(self, identity, firmware_versions):
        self._update(identity, versions=firmware_versions)

    def get_http_boot_uri(self, identity):
        return self._systems[UUID].get('http_boot_uri')

    def set_http_boot_uri(self, uri):
        self._update(UUID, http_boot_uri=uri)

    def find_or_create_storage_volume(self, data):
        return data['Id']


VOLUMES = f'/redfish/v1/Systems/{UUID}/Storage/1/Volumes'


@emulator.app.before_request
def volumes():
    method, path = flask.request.method, flask.request.path
    if method == 'POST' and path == VOLUMES and 'RAIDType' in flask.request.json:
        info = {'MessageId': 'Base.1.0.PropertyUnknown', 'MessageArgs': ['RAIDType'],
                'Message': 'The property RAIDType is not in the list of valid properties for the resource.'}
        text = {'code': 'Base.1.0.GeneralError', 'message': 'See ExtendedInfo.', '@Message.ExtendedInfo': [info]}
        return {'error': text}, 400
    if method != 'DELETE' or not path.startswith(f'{VOLUMES}/'):
        return None
    known = emulator.app.volumes.get_volumes_col(UUID, '1')
    found = [volume for volume in known if volume['Id'] == path.rsplit('/', 1)[1]]
    for volume in found:
        emulator.app.volumes.delete_volume(UUID, '1', volume)
    return ('', 204) if found else ('', 404)


def settings(port, state, account):
    os.makedirs(state, exist_ok=True)
    path = os.path.join(state, 'emulator.conf')
    storage = {UUID: [{
        'Id': '1', 'Name': 'Local Storage Controller',
        'StorageControllers': [{'MemberId': '0', 'Name': 'Contoso RAID', 'SpeedGbps': 12}],
        'Drives': ['32ADF365C6C1B7BD', '32ADF365C6C1B7BE'],
    }]}
    drives = {(UUID, '1'): [
        {'Id': i, 'Name': f'Drive {i}', 'CapacityBytes': 899527000000, 'Protocol': 'SAS', 'MediaType': 'HDD',
         'RotationSpeedRPM': 15000} for i in ('32ADF365C6C1B7BD', '32ADF365C6C1B7BE')]}
    values = {
        'SUSHY_EMULATOR_LISTEN_IP': '127.0.0.1', 'SUSHY_EMULATOR_LISTEN_PORT': port, 'SUSHY_EMULATOR_STATE_DIR': state,
        'SUSHY_EMULATOR_FAKE_DRIVER': True, 'SUSHY_EMULATOR_STORAGE': storage, 'SUSHY_EMULATOR_DRIVES': drives,
        'SUSHY_EMULATOR_VOLUMES': {(UUID, '1'): []},
        'SUSHY_EMULATOR_FAKE_SYSTEMS': [{
            'uuid': UUID, 'name': 'fake', 'power_state': 'Off', 'external_notifier': False,
            'nics': [{'mac': '00:5c:52:31:3a:9c', 'ip': '172.22.0.100'}, {'mac': '00:5C:52:31:3A:9D', 'ip': '172.22.0.101'}],
        }],
    }
    if account:
        name, password = account
        values['SUSHY_EMULATOR_AUTH_FILE'] = os.path.join(state, 'htpasswd')
        with open(values['SUSHY_EMULATOR_AUTH_FILE'], 'w') as entries:
            entries.write(f'{name}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n')
    with open(path, 'w') as conf:
        conf.writelines(f'{name} = {value!r}\n' for name, value in values.items())
    return path


if __name__ == '__main__':
    port, state = int(sys.argv[1]), sys.argv[2]
    fakedriver.FakeDriver = Machine
    sys.argv = ['sushy-emulator', '--config', settings(port, state, sys.argv[3:])]
    sys.exit(emulator.main())
