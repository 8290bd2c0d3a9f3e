# SPDX-License-Identifier: GPL-2.0
"""What the scripts use of the standard library's socket, in its place (PYTHONPATH, lib.sh).

That one makes enumerations of all its constants, and emulated the scripts would wait for it as long as
for the rest of Python. A program that needs all of it is started with python3 -E, without this folder.
"""
# pylint: disable=wildcard-import,unused-wildcard-import
import _socket
from _socket import *

error = OSError


class socket(_socket.socket):
    __slots__ = ("__weakref__",)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def accept(self):
        fd, addr = self._accept()
        peer = socket(self.family, self.type, self.proto, fileno=fd)
        if getdefaulttimeout() is None and self.gettimeout():
            peer.setblocking(True)
        return peer, addr


def create_connection(address, timeout=None):
    sock = socket(AF_INET, SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def create_server(address, backlog=128):
    sock = socket(AF_INET, SOCK_STREAM)
    try:
        sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    return sock
