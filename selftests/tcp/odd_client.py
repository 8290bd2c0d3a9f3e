#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Fast Open to servers that behave oddly (odd_servers of peer.py is their other end)."""
import signal
import socket


def talk(port):
    s = socket.socket()
    n = s.sendto(b"request", socket.MSG_FASTOPEN, ("10.0.0.2", port))
    assert n == 7, n
    got = s.recv(100)
    s.close()
    return got.decode()


signal.alarm(40)
first = socket.socket()
try:
    first.sendto(b"x", socket.MSG_FASTOPEN, ("10.0.0.2", 7200))
except ConnectionResetError:
    pass
first.close()
print(talk(7201), talk(7202), talk(7203))
