"""Nova's own ironic driver as nova-compute runs it, without Nova's database, Glance and Neutron.

The driver, its patches, the config drive and the network metadata are Nova's. What is replaced is what
nova-compute would ask its conductor for: which computes live, which instances are here, and an
instance's own rows.
"""

import base64
import os
import tempfile
from unittest import mock

import nova.monkey_patch  # noqa: F401  first, as Nova's own programs do
from nova import config as nova_config
from nova import context as nova_context
from nova import objects
from nova.network import model as network
from nova.virt import block_device as driver_block_device
from nova.virt import virtapi
from oslo_utils import uuidutils

HOST = 'compute'
POLL_SECONDS = 1
URL = os.environ['FERRIC_URL']

CONF_TEXT = f"""
[DEFAULT]
host = {HOST}
force_config_drive = true
default_ephemeral_format = ext4
[ironic]
auth_type = none
endpoint = {URL}
endpoint_override = {URL}
api_max_retries = 60
api_retry_interval = {POLL_SECONDS}
serial_console_state_timeout = 5
[oslo_concurrency]
lock_path = {tempfile.gettempdir()}
"""

#: Instances this host has, as Nova's database would tell.
here = set()


def configure():
    """Nova's configuration and objects, once per process."""
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        file.write(CONF_TEXT)
        file.flush()
        nova_config.parse_args(['nova-compute'], default_config_files=[file.name])
    objects.register_all()
    for target, answer in {
        'nova.objects.ServiceList.get_all_computes_by_hv_type': lambda *a, **k: [],
        'nova.objects.InstanceList.get_uuids_by_host': lambda *a, **k: set(here),
        'nova.objects.BlockDeviceMappingList.get_by_instance_uuid':
            lambda *a, **k: objects.BlockDeviceMappingList(objects=[]),
        'nova.objects.Instance.save': lambda *a, **k: None,
        'nova.objects.Instance.refresh': lambda *a, **k: None,
        'nova.network.security_group_api.get_instance_security_groups': lambda *a, **k: [],
    }.items():
        mock.patch(target, answer).start()


def new_driver():
    from nova.virt.ironic import driver

    return driver.IronicDriver(virtapi.VirtAPI())


def context():
    return nova_context.RequestContext('user', 'project', is_admin=True)


def flavor(**extra_specs):
    return objects.Flavor(
        id=1, name='metal', flavorid='metal', memory_mb=16384, vcpus=8, root_gb=20, ephemeral_gb=5,
        swap=512, rxtx_factor=1.0, vcpu_weight=0, disabled=False, is_public=True,
        extra_specs=extra_specs)


def image(ref=None):
    return objects.ImageMeta.from_dict({
        'id': ref or uuidutils.generate_uuid(), 'name': 'image', 'status': 'active',
        'properties': {}, 'min_ram': 0, 'min_disk': 0})


def instance(node, image_meta, **extra_specs):
    """An instance that the scheduler has put on the node."""
    uuid = uuidutils.generate_uuid()
    here.add(uuid)
    return objects.Instance(
        context(), id=1, uuid=uuid, user_id='user', project_id='project', host=HOST, node=node,
        display_name='machine', hostname='machine', launch_index=0, reservation_id='r-1',
        image_ref=image_meta.id, kernel_id='', ramdisk_id='', architecture=None, os_type=None,
        flavor=flavor(**extra_specs), vm_state='building', task_state='spawning', power_state=0,
        metadata={'role': 'web'}, system_metadata={}, launched_at=None, config_drive='True',
        default_ephemeral_device=None, root_device_name=None, key_name=None, key_data=None,
        availability_zone='nova', keypairs=objects.KeyPairList(objects=[]), device_metadata=None,
        numa_topology=None, security_groups=objects.SecurityGroupList(objects=[]),
        info_cache=objects.InstanceInfoCache(network_info=network.NetworkInfo()),
        user_data=base64.b64encode(b'#cloud-config\n').decode(),
        ec2_ids=objects.EC2Ids(instance_id='i-1', ami_id='ami-1', kernel_id=None, ramdisk_id=None))


def network_info(count=1):
    """What Neutron would have told Nova of the instance's ports."""
    return network.NetworkInfo([_vif(number) for number in range(count)])


def _vif(number):
    subnet = network.Subnet(
        cidr='192.0.2.0/24', dns=[network.IP('192.0.2.2')], routes=[], version=4,
        gateway=network.IP('192.0.2.1'), ips=[network.FixedIP(address='192.0.2.1%d' % number)])
    net = network.Network(
        id=uuidutils.generate_uuid(), bridge='br', label='net', subnets=[subnet], mtu=1500)
    return network.VIF(
        id=uuidutils.generate_uuid(), address='fa:16:3e:00:00:1%d' % number, network=net,
        type='other', devname='tap%d' % number)


def volume(instance_uuid):
    """A data volume that Cinder would serve over iSCSI."""
    volume_id = uuidutils.generate_uuid()
    connection = (
        '{"driver_volume_type": "iscsi", "data": {"target_iqn": "iqn.2010-10.org:v", "target_lun": 1,'
        ' "target_portal": "127.0.0.1:3260", "volume_id": "%s"}}' % volume_id)
    row = objects.BlockDeviceMapping(
        context(), id=1, instance_uuid=instance_uuid, source_type='volume', boot_index=-1,
        destination_type='volume', device_name='/dev/sdb', volume_id=volume_id, guest_format=None,
        connection_info=connection, delete_on_termination=False, disk_bus=None, device_type='disk',
        volume_size=1, tag=None, no_device=False, attachment_id=None, encrypted=False)
    return volume_id, {'block_device_mapping': [driver_block_device.DriverVolumeBlockDevice(row)]}
