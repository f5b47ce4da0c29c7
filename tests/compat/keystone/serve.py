"""Keystone on a loopback port: python serve.py PORT, with OS_KEYSTONE_CONFIG_DIR set."""

import socketserver
import sys
from wsgiref import simple_server

from keystone.server import wsgi


class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True


# Keystone reads what is left of the command line.
port = int(sys.argv.pop())
simple_server.make_server(
    "127.0.0.1",
    port,
    wsgi.initialize_public_application(),
    server_class=Server,
).serve_forever()
