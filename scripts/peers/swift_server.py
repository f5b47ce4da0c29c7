"""Swift in one process: proxy with temporary URLs, one account, container and object server.

swift_server.py DIRECTORY PORT TOKEN

DIRECTORY must be on a file system with extended attributes. Whoever shows TOKEN may do everything,
nobody else anything: Keystone is not part of this peer.
"""

import os
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.account.server import AccountController  # noqa: E402
from swift.common import storage_policy, utils  # noqa: E402
from swift.common.ring.builder import RingBuilder  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

PROXY = """
[DEFAULT]
swift_dir = {dir}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats tempurl proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:tempurl]
use = egg:swift#tempurl
"""


def listen(port):
    return eventlet.listen(("127.0.0.1", port))


def make_ring(directory, name, port):
    builder = RingBuilder(1, 1, 1)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port,
                     "device": "sda", "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(os.path.join(directory, name + ".ring.gz"))


def prepare(directory):
    path = os.path.join(directory, "swift.conf")
    with open(path, "w") as conf:
        conf.write("[swift-hash]\nswift_hash_path_suffix = peer\n"
                   "[storage-policy:0]\nname = only\ndefault = yes\n")
    with open(os.path.join(directory, "proxy.conf"), "w") as conf:
        conf.write(PROXY.format(dir=directory))
    os.makedirs(os.path.join(directory, "devices", "sda"), exist_ok=True)
    utils.SWIFT_CONF_FILE = path
    utils.HASH_PATH_SUFFIX, utils.HASH_PATH_PREFIX = b"peer", b""
    storage_policy.reload_storage_policies()


def guarded(app, token):
    """Lets pass who shows the token; temporary URLs have their own say."""

    def authorize(request):
        from swift.common.swob import HTTPUnauthorized
        if request.headers.get("X-Auth-Token") == token:
            return None
        return HTTPUnauthorized(request=request)

    def answer(env, start_response):
        env["swift.authorize"] = authorize
        env["swift.clean_acl"] = lambda header, value: value
        if env.get("HTTP_X_AUTH_TOKEN") == token:
            env["reseller_request"] = True
            env["swift_owner"] = True
        return app(env, start_response)

    return answer


def main(directory, port, token):
    prepare(directory)
    logger = utils.NullLogger()
    config = {"devices": os.path.join(directory, "devices"), "mount_check": "false",
              "swift_dir": directory}
    servers = {"account": AccountController, "container": ContainerController,
               "object": ObjectController}
    sockets = {name: listen(0) for name in servers}
    for name, socket in sockets.items():
        make_ring(directory, name, socket.getsockname()[1])
    for name, made in servers.items():
        eventlet.spawn(wsgi.server, sockets[name], made(config), logger,
                       protocol=SwiftHttpProtocol)
    app = loadapp(os.path.join(directory, "proxy.conf"))
    wsgi.server(listen(port), guarded(app, token), logger, protocol=SwiftHttpProtocol)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
