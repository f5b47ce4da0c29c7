"""What nova-compute does with machines, by Nova's own driver, step by step as its manager goes."""

import compute  # first: Nova changes how Python waits

import base64
import gzip
import http.server
import json
import threading
import unittest
from unittest import mock

import bare_metal

compute.configure()

from nova import exception  # noqa: E402  after the configuration
from nova.compute import power_state, provider_tree  # noqa: E402
import nova.conf  # noqa: E402

CONF = nova.conf.CONF
NEWEST = not hasattr(CONF.ironic, 'partition_key') or hasattr(CONF.ironic, 'shard')


class Machines(unittest.TestCase):
    def setUp(self):
        self.driver = compute.new_driver()
        self.driver.init_host(compute.HOST)
        self.context = compute.context()

    def enroll(self, **fields):
        uuid = bare_metal.enroll(**fields)
        self.addCleanup(bare_metal.withdraw, uuid)
        return uuid

    def build(self, instance, image, vifs=None, block_devices=None):
        """As nova.compute.manager builds an instance."""
        vifs = vifs or compute.network_info()
        self.driver.prepare_for_spawn(instance)
        self.driver.prepare_networks_before_block_device_mapping(instance, vifs)
        self.driver.spawn(
            self.context, instance, image, [('/etc/motd', 'hello')], 'the-password', {}, vifs,
            block_devices)
        instance.vm_state, instance.task_state = 'active', None

    def built(self, vifs=None, node=None, **extra_specs):
        node = node or self.enroll()
        image = compute.image()
        instance = compute.instance(node, image, **extra_specs)
        self.build(instance, image, vifs)
        # A fake deployment leaves the power as it was.
        self.driver.power_on(self.context, instance, [])
        return node, instance, image

    def destroy(self, instance, vifs=()):
        self.driver.destroy(self.context, instance, compute.network.NetworkInfo(vifs))
        compute.here.discard(instance.uuid)

    def tree(self, node):
        tree = provider_tree.ProviderTree()
        tree.new_root(node, node)
        self.driver.get_available_nodes()
        self.driver.update_provider_tree(tree, node)
        return tree.data(node)


class Lists(Machines):
    def test_nodes_are_listed_with_their_resources(self):
        nodes = [self.enroll() for _ in range(2)]
        listed = self.driver.get_available_nodes()
        self.assertLessEqual(set(nodes), set(listed))
        for node in nodes:
            self.assertTrue(self.driver.node_is_available(node))
            resource = self.driver.get_available_resource(node)
            self.assertEqual('ironic', resource['hypervisor_type'])
            self.assertEqual(node, resource['hypervisor_hostname'])
            self.assertEqual('metal.large', resource['resource_class'])
        self.assertEqual([], self.driver.list_instances())

    def test_a_node_that_is_gone_is_not_available(self):
        node = bare_metal.enroll()
        self.driver.get_available_nodes()
        bare_metal.withdraw(node)
        self.driver.get_available_nodes()
        self.assertFalse(self.driver.node_is_available(node))

    def test_inventory_and_traits_follow_the_node(self):
        node = self.enroll()
        bare_metal.call('PUT', '/nodes/%s/traits' % node, {'traits': ['CUSTOM_GOLD', 'HW_CPU_X86_VMX']})
        data = self.tree(node)
        self.assertEqual({'CUSTOM_GOLD', 'HW_CPU_X86_VMX'}, set(data.traits))
        inventory = data.inventory['CUSTOM_METAL_LARGE']
        self.assertEqual((1, 0), (inventory['total'], inventory['reserved']))
        bare_metal.call('PUT', '/nodes/%s/maintenance' % node, {'reason': 'fans'})
        self.assertEqual(1, self.tree(node).inventory['CUSTOM_METAL_LARGE']['reserved'])

    def test_a_node_without_a_class_is_refused(self):
        node = self.enroll(resource_class=None)
        self.assertRaises(exception.NoResourceClass, self.tree, node)

    def test_only_nodes_of_the_group_are_listed(self):
        mine, other = self.enroll(), self.enroll()
        group = 'conductor_group' if NEWEST else 'partition_key'
        CONF.set_override(group, '', 'ironic')
        CONF.set_override('peer_list', [compute.HOST], 'ironic')
        self.addCleanup(CONF.clear_override, group, 'ironic')
        self.addCleanup(CONF.clear_override, 'peer_list', 'ironic')
        self.assertLessEqual({mine, other}, set(self.driver.get_available_nodes()))
        CONF.set_override(group, 'nobody', 'ironic')
        self.assertEqual([], self.driver.get_available_nodes())

    def test_an_unknown_instance_has_no_state(self):
        stranger = compute.instance('1be26c0b-03f2-4d2e-ae87-c02d7f33c123', compute.image())
        compute.here.discard(stranger.uuid)
        self.assertFalse(self.driver.instance_exists(stranger))
        self.assertEqual(power_state.NOSTATE, self.driver.get_info(stranger).state)
        self.destroy(stranger)


class Builds(Machines):
    def test_an_instance_is_built_with_a_config_drive_and_destroyed(self):
        node = self.enroll()
        vifs = compute.network_info(2)
        sent = mock.Mock(wraps=self.driver._generate_configdrive)
        self.driver._generate_configdrive = lambda *a, **k: self.seen(sent, *a, **k)
        _, instance, image = self.built(
            vifs, node, **{'capabilities:boot_mode': 'uefi', 'resources:CUSTOM_METAL_LARGE': '1'})
        record = bare_metal.show(node)
        self.assertEqual(('active', 'power on', instance.uuid), (
            record['provision_state'], record['power_state'], record['instance_uuid']))
        info = record['instance_info']
        self.assertEqual((image.id, '20', '512', '16384', '8', '100', '5', 'ext4', 'machine'), tuple(
            info[key] for key in ('image_source', 'root_gb', 'swap_mb', 'memory_mb', 'vcpus',
                                  'local_gb', 'ephemeral_gb', 'ephemeral_format', 'display_name')))
        self.assertEqual({'boot_mode': 'uefi'}, json.loads(info['capabilities']))
        self.assertEqual('******', info['configdrive'])
        self.assertTrue(gzip.decompress(base64.b64decode(self.drive))[0x8001:].startswith(b'CD001'))
        self.assertTrue(self.driver.instance_exists(instance))
        self.driver.get_available_nodes()
        self.assertEqual(power_state.RUNNING, self.driver.get_info(instance).state)
        self.assertEqual(power_state.RUNNING, self.driver.get_info(instance, use_cache=False).state)
        self.assertIn(instance.uuid, self.driver.list_instance_uuids())
        self.assertEqual(1, self.tree(node).inventory['CUSTOM_METAL_LARGE']['reserved'])
        self.destroy(instance, vifs)
        record = bare_metal.wait(node, 'provision_state', 'available')
        self.assertEqual((None, {}), (record['instance_uuid'], record['instance_info']))
        self.assertFalse(self.driver.instance_exists(instance))
        self.assertEqual(0, self.tree(node).inventory['CUSTOM_METAL_LARGE']['reserved'])
        self.destroy(instance)

    def seen(self, make, *args, **kwargs):
        self.drive = make(*args, **kwargs)
        return self.drive

    def test_traits_of_the_flavor_reach_the_node(self):
        node = self.enroll()
        bare_metal.call('PUT', '/nodes/%s/traits' % node, {'traits': ['CUSTOM_GOLD']})
        self.built(None, node, **{'trait:CUSTOM_GOLD': 'required'})
        self.assertEqual(['CUSTOM_GOLD'], bare_metal.show(node)['instance_info']['traits'])

    def test_a_node_in_use_is_not_taken(self):
        node, _, image = self.built()
        second = compute.instance(node, image)
        self.assertRaises(
            exception.ComputeResourcesUnavailable, self.driver.prepare_for_spawn, second)

    def test_volumes_are_told_and_forgotten(self):
        node, image = self.enroll(storage_interface='fake'), compute.image()
        bare_metal.call('POST', '/volume/connectors', {
            'node_uuid': node, 'type': 'iqn', 'connector_id': 'iqn.2017-08.org.openstack:' + node})
        instance = compute.instance(node, image)
        connector = self.driver.get_volume_connector(instance)
        self.assertEqual('iqn.2017-08.org.openstack:' + node, connector['initiator'])
        volume_id, devices = compute.volume(instance.uuid)
        self.build(instance, image, block_devices=devices)
        targets = bare_metal.call('GET', '/nodes/%s/volume/targets?detail=True' % node)['targets']
        self.assertEqual([(volume_id, 'iscsi', -1)], [
            (one['volume_id'], one['volume_type'], one['boot_index']) for one in targets])
        self.destroy(instance)
        bare_metal.wait(node, 'provision_state', 'available')
        if NEWEST:  # which leaves them to whoever cleans the node up
            self.driver._cleanup_volume_target_info(instance)
        targets = bare_metal.call('GET', '/nodes/%s/volume/targets' % node)['targets']
        self.assertEqual([], targets)

    def test_network_data_names_the_machines_ports(self):
        node, vifs = self.enroll(), compute.network_info()
        port, = bare_metal.call('GET', '/nodes/%s/ports' % node)['ports']
        bare_metal.call('PATCH', '/ports/' + port['uuid'], [
            {'op': 'add', 'path': '/extra/vif_port_id', 'value': vifs[0]['id']}])
        found = self.driver._get_network_metadata(self.driver._get_node(node), vifs)
        link, = found['links']
        self.assertEqual((port['address'], 'phy'), (link['ethernet_mac_address'], link['type']))

    def test_a_running_instance_gets_and_loses_interfaces(self):
        _, instance, image = self.built()
        vif, = compute.network_info()
        self.driver.attach_interface(self.context, instance, image, vif)
        self.driver.detach_interface(self.context, instance, vif)
        self.driver.unplug_vifs(instance, compute.network.NetworkInfo([vif]))


class Life(Machines):
    def state(self, instance):
        return self.driver.get_info(instance, use_cache=False).state

    def test_power(self):
        _, instance, _ = self.built()
        self.driver.power_off(instance)
        self.assertEqual(power_state.SHUTDOWN, self.state(instance))
        self.driver.power_on(self.context, instance, [])
        self.assertEqual(power_state.RUNNING, self.state(instance))
        self.driver.power_off(instance, timeout=5)
        self.assertEqual(power_state.SHUTDOWN, self.state(instance))
        self.driver.power_on(self.context, instance, [])
        for kind in ('SOFT', 'HARD'):
            self.driver.reboot(self.context, instance, [], kind)
            self.assertEqual(power_state.RUNNING, self.state(instance))

    def test_rescue(self):
        node, instance, image = self.built()
        more = ({},) if NEWEST else ()
        self.driver.rescue(self.context, instance, [], image, 'the-password', {}, *more)
        self.assertEqual('rescue', bare_metal.show(node)['provision_state'])
        self.driver.unrescue(self.context, instance)
        self.assertEqual('active', bare_metal.show(node)['provision_state'])
        self.driver.rescue(self.context, instance, [], image, 'the-password', {}, *more)
        self.destroy(instance)
        bare_metal.wait(node, 'provision_state', 'available')

    def test_rebuild(self):
        node, instance, _ = self.built()
        other = compute.image()
        instance.task_state = 'rebuilding'
        self.driver.rebuild(
            self.context, instance, other, [], 'the-password', {}, [], None, None,
            compute.network_info(), preserve_ephemeral=True)
        record = bare_metal.show(node)
        self.assertEqual('active', record['provision_state'])
        self.assertEqual((other.id, 'True', '******'), tuple(
            record['instance_info'][key]
            for key in ('image_source', 'preserve_ephemeral', 'configdrive')))

    def test_a_console_nobody_can_connect_to_is_refused(self):
        _, instance, _ = self.built()
        self.assertRaises(
            exception.ConsoleTypeUnavailable, self.driver.get_serial_console, self.context, instance)


class Image(http.server.BaseHTTPRequestHandler):
    """An image that can be looked at."""

    def do_HEAD(self):
        self.send_response(200)
        self.send_header('Content-Length', '1048576')
        self.end_headers()

    def log_message(self, *args):
        pass


class Failures(Machines):
    """Machines whose agent never calls: they wait until the server's patience ends."""

    @classmethod
    def setUpClass(cls):
        cls.images = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Image)
        threading.Thread(target=cls.images.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.images.shutdown)

    def silent(self):
        node = self.enroll(deploy_interface='direct', automated_clean=False, driver_info={
            'deploy_kernel': 'file:///kernel', 'deploy_ramdisk': 'file:///ramdisk'})
        bare_metal.call('PATCH', '/nodes/' + node, [
            {'op': 'add', 'path': '/instance_info/image_checksum', 'value': 'a' * 64},
            {'op': 'add', 'path': '/instance_info/image_os_hash_algo', 'value': 'sha256'},
            {'op': 'add', 'path': '/instance_info/image_os_hash_value', 'value': 'a' * 64}])
        ref = 'http://127.0.0.1:%d/image.qcow2' % self.images.server_port
        return node, compute.image(ref)

    def test_a_node_that_does_not_validate_is_given_back(self):
        node = self.enroll(deploy_interface='direct', automated_clean=False)
        image = compute.image('http://127.0.0.1:1/image.qcow2')
        instance = compute.instance(node, image)
        self.assertRaisesRegex(
            exception.ValidationError, 'failed to validate', self.build, instance, image)
        self.driver.failed_spawn_cleanup(instance)
        self.given_back(node, instance)

    def given_back(self, node, instance):
        record = bare_metal.wait(node, 'provision_state', 'available')
        self.assertEqual((None, {}), (record['instance_uuid'], record['instance_info']))
        self.assertFalse(self.driver.instance_exists(instance))
        self.driver.get_available_nodes()
        self.assertEqual(0, self.tree(node).inventory['CUSTOM_METAL_LARGE']['reserved'])

    def test_a_deploy_that_fails_says_why_and_is_cleaned_up(self):
        node, image = self.silent()
        instance = compute.instance(node, image)
        self.assertRaisesRegex(
            exception.InstanceDeployFailure, 'Timeout reached while waiting for callback',
            self.build, instance, image)
        record = bare_metal.show(node)
        self.assertEqual(('deploy failed', instance.uuid), (
            record['provision_state'], record['instance_uuid']))
        self.destroy(instance)
        self.given_back(node, instance)
        again = compute.image()
        bare_metal.call('PATCH', '/nodes/' + node, [
            {'op': 'replace', 'path': '/deploy_interface', 'value': 'fake'}])
        self.build(compute.instance(node, again), again)

    def test_a_deploy_that_is_deleted_meanwhile_is_not_found(self):
        node, image = self.silent()
        instance = compute.instance(node, image)
        threading.Thread(target=self.delete_soon, args=(node,)).start()
        self.assertRaises(exception.InstanceNotFound, self.build, instance, image)
        self.given_back(node, instance)

    def delete_soon(self, node):
        bare_metal.wait(node, 'provision_state', 'wait call-back')
        bare_metal.call('PUT', '/nodes/%s/states/provision' % node, {'target': 'deleted'})

    def test_a_refused_deploy_is_given_back(self):
        node, image = self.enroll(), compute.image()
        instance = compute.instance(node, image, **{'trait:CUSTOM_ABSENT': 'required'})
        with self.assertRaises(Exception) as caught:
            self.build(instance, image)
        self.assertIn('CUSTOM_ABSENT', str(caught.exception))
        self.driver.failed_spawn_cleanup(instance)
        self.given_back(node, instance)

    def test_maintenance_refuses_power(self):
        node, instance, _ = self.built()
        bare_metal.call('PUT', '/nodes/%s/maintenance' % node, {'reason': 'fans'})
        self.driver.power_off(instance)
        self.assertEqual('power off', bare_metal.show(node)['power_state'])


if __name__ == '__main__':
    unittest.main()
