"""neutron_api.py DIR PORT: Neutron's API on SQLite in DIR, without Keystone and without agents.

Everybody is an administrator. No mechanism driver binds ports, so that binding always fails, as it does where
no driver serves a switch.
"""
import os
import socketserver
import sys
from wsgiref import simple_server

CONF = '''[DEFAULT]
auth_strategy = noauth
core_plugin = ml2
service_plugins =
state_path = {dir}
transport_url = fake://
api_paste_config = {paste}
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[database]
connection = sqlite:///{dir}/neutron.sqlite
[oslo_policy]
policy_file = {dir}/policy.yaml
[oslo_concurrency]
lock_path = {dir}/lock
[ml2]
type_drivers = flat,vlan,local
tenant_network_types = local
mechanism_drivers = logger
extension_drivers = port_security
[ml2_type_flat]
flat_networks = *
'''
POLICY = '"context_is_admin": "@"\n"service_api": "@"\n'


class Threaded(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True


def configured(directory):
    conf = os.path.join(directory, 'neutron.conf')
    paste = os.path.join(sys.prefix, 'etc', 'neutron', 'api-paste.ini')
    with open(conf, 'w') as file:
        file.write(CONF.format(dir=directory, paste=paste))
    with open(os.path.join(directory, 'policy.yaml'), 'w') as file:
        file.write(POLICY)
    return conf


def application():
    from neutron import server
    from neutron.db.migration.models import head
    from neutron.server import api
    from neutron_lib.db import api as db_api

    server._init_configuration('neutron-api')
    head.get_metadata().create_all(db_api.get_writer_session().get_bind())
    return api.api_server()


if __name__ == '__main__':
    directory, port = sys.argv[1], int(sys.argv[2])
    os.environ['OS_NEUTRON_CONFIG_FILES'] = configured(directory)
    sys.argv = ['neutron-api']
    simple_server.make_server('127.0.0.1', port, application(), server_class=Threaded).serve_forever()
