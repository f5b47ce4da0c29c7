"""Runs ironic-python-agent on a machine that is only a loop device.

The agent erases disks and powers machines off. So nothing of it that could reach the real machine
is let through: no hardware manager but the one below, no program that is not named here, no device
but the loop device.
"""
import builtins
import inspect
import os
import shutil
import subprocess
import sys

DEVICE = os.environ['FERRIC_LOOP_DEVICE']
FAKES = os.environ['FERRIC_FAKE_BIN']
MAC = os.environ['FERRIC_MAC']
if not DEVICE.startswith('/dev/loop'):
    sys.exit('only a loop device may be given to the agent')
os.environ['PATH'] = FAKES + os.pathsep + os.environ['PATH']

# --- the guard ------------------------------------------------------------------------------
ALLOWED = {
    'blkid', 'blockdev', 'dd', 'findfs', 'fuser', 'hexdump', 'lsblk', 'parted', 'partprobe', 'partx',
    'qemu-img', 'sgdisk', 'sync', 'test', 'udevadm', 'uname', 'wipefs',
}
FAKED = {'efibootmgr', 'mdadm', 'poweroff', 'reboot'}
HARMLESS = ('/dev/null', '/dev/zero', '/dev/urandom', '/dev/random', '/dev/shm')


def is_ours(path):
    rest = path[len(DEVICE):]
    return path.startswith(DEVICE) and (rest == '' or rest[0] == 'p' and rest[1:].isdigit())


def check_argument(text):
    if '/proc/sysrq' in text:
        raise FileNotFoundError('kept from the real machine: ' + text)
    at = text.find('/dev/')
    if at >= 0 and not is_ours(text[at:]) and not text[at:].startswith(HARMLESS):
        raise FileNotFoundError('kept from the real machine: ' + text)


def check_command(args, shell):
    if shell or isinstance(args, (str, bytes)):
        raise FileNotFoundError('no shell for the agent: %r' % (args,))
    words = [os.fsdecode(a) for a in args]
    while words and os.path.basename(words[0]) in ('env', 'ionice', 'nice', 'prlimit') or (
            words and ('=' in words[0] or words[0].startswith('--'))):
        words.pop(0)
    if words and words[0].endswith('python3') or words and words[0] == sys.executable:
        # oslo's prlimit wrapper: what it runs follows `--`.
        words = words[words.index('--') + 1:]
    name = os.path.basename(words[0])
    if name in FAKED:
        found = shutil.which(name)
        if found != os.path.join(FAKES, name):
            raise FileNotFoundError('%s is not replaced' % name)
    elif name not in ALLOWED:
        raise FileNotFoundError('not for the agent: ' + ' '.join(words))
    for word in words[1:]:
        check_argument(word)
    if name in ('partprobe', 'wipefs', 'dd', 'sgdisk', 'parted') and DEVICE not in ' '.join(words):
        raise FileNotFoundError('%s without its device' % name)


real_popen_init = subprocess.Popen.__init__


def popen_init(self, args, *rest, **kwargs):
    check_command(args, kwargs.get('shell', False))
    real_popen_init(self, args, *rest, **kwargs)


subprocess.Popen.__init__ = popen_init
os.system = None
real_open = builtins.open


def guarded_open(file, *rest, **kwargs):
    if isinstance(file, (str, bytes)):
        check_argument(os.fsdecode(file))
    return real_open(file, *rest, **kwargs)


builtins.open = guarded_open

# --- the agent ------------------------------------------------------------------------------
from oslo_config import cfg  # noqa: E402
from oslo_log import log  # noqa: E402

from ironic_python_agent import agent, hardware  # noqa: E402
from ironic_python_agent import config  # noqa: E402,F401


def fill(kind, **given):
    """Makes an object whose constructor has other arguments from release to release."""
    names = [n for n in inspect.signature(kind.__init__).parameters if n != 'self']
    return kind(**{n: given.get(n) for n in names})


class LoopManager(hardware.GenericHardwareManager):
    HARDWARE_MANAGER_NAME = 'FerricLoopManager'
    HARDWARE_MANAGER_VERSION = '1'

    def __init__(self):
        pass

    def evaluate_hardware_support(self):
        return hardware.HardwareSupport.SERVICE_PROVIDER

    def initialize(self):
        pass

    def list_network_interfaces(self):
        return [fill(hardware.NetworkInterface, name='eth0', mac_addr=MAC,
                     ipv4_address='192.0.2.1', has_carrier=True)]

    def list_block_devices(self, include_partitions=False, **_):
        with open(os.path.join('/sys/block', os.path.basename(DEVICE), 'size')) as file:
            size = int(file.read()) * 512
        return [fill(hardware.BlockDevice, name=DEVICE, model='loop', size=size, rotational=False)]

    def list_block_devices_check_skip_list(self, node, include_partitions=False, **_):
        return self.list_block_devices()

    def get_os_install_device(self, permit_refresh=False):
        return DEVICE

    def get_cpus(self):
        return fill(hardware.CPU, model_name='none', frequency='1000', count=2,
                    architecture='x86_64', flags=[])

    def get_memory(self):
        return hardware.Memory(total=1 << 30, physical_mb=1024)

    def get_boot_info(self):
        return hardware.BootInfo(current_boot_mode='bios', pxe_interface=MAC)

    def get_bmc_address(self):
        return None

    get_bmc_v6address = get_bmc_mac = get_bmc_address

    def get_usb_devices(self):
        return []

    def get_system_vendor_info(self):
        return fill(hardware.SystemVendorInfo, product_name='loop', serial_number='1',
                    manufacturer='ferric')

    def list_hardware_info(self):
        return {
            'interfaces': self.list_network_interfaces(),
            'cpu': self.get_cpus(),
            'disks': self.list_block_devices(),
            'memory': self.get_memory(),
            'bmc_address': None,
            'bmc_v6address': None,
            'system_vendor': self.get_system_vendor_info(),
            'boot': self.get_boot_info(),
            'hostname': 'loop',
        }

    def collect_lldp_data(self, interface_names=None):
        return {}

    def collect_system_logs(self, io_dict, file_list):
        pass

    def full_sync(self):
        os.sync()

    def get_clean_steps(self, node, ports):
        return [{'step': 'erase_devices_metadata', 'priority': 99, 'interface': 'deploy',
                 'reboot_requested': False, 'abortable': True}]

    def erase_devices_metadata(self, node, ports):
        with open(DEVICE, 'rb+') as disk:
            disk.write(b'\0' * (1 << 20))

    def get_service_steps(self, node, ports):
        return []


class OnlyOurs:
    """Stands for stevedore in the hardware module: the other managers are not even imported."""

    def __getattr__(self, _name):
        manager = LoopManager()
        extension = type('Extension', (), {
            'obj': manager, 'name': 'ferric', 'entry_point_target': 'ferric', 'entry_point': None,
        })()
        return lambda *_args, **_kwargs: [extension]


hardware.stevedore = OnlyOurs()

log.register_options(cfg.CONF)
cfg.CONF(args=sys.argv[1:])
log.setup(cfg.CONF, 'ironic-python-agent')
try:
    from oslo_service import sslutils
    sslutils.register_opts(cfg.CONF)
except ImportError:
    pass  # newer agents serve without oslo.service
managers = [type(m).__name__ for m in hardware.get_managers()]
if managers != ['LoopManager']:
    sys.exit('there are other hardware managers: %s' % managers)
# It would take the real machine's network down.
agent.IronicPythonAgent._lockdown_system = lambda self: sys.exit('locked down')
agent.IronicPythonAgent.from_config(cfg.CONF).run()
