#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""TCP-MD5 (RFC 2385) by the socket interface.

md5.py server ADDRESS PEER[/PREFIX] KEY		echoes; PEER "-": without a key
md5.py client ADDRESS KEY [SIZE [LIMIT]]	one connection, that stands within LIMIT (3) seconds;
					KEY "-": without; prints "echoed"
md5.py options				what setsockopt() takes and refuses, a line each
"""
import errno
import os
import signal
import socket
import struct
import sys
import threading

PORT = 7000
TCP_MD5SIG, TCP_MD5SIG_EXT = 14, 32
FLAG_PREFIX, FLAG_IFINDEX = 1, 2


def sig(peer, key, flags=0, prefix=0, ifindex=0, keylen=None, family=socket.AF_INET):
    addr = struct.pack("=HH4s", family, 0, socket.inet_aton(peer)).ljust(128, b"\0")
    key = key.encode()
    return addr + struct.pack("=BBHi80s", flags, prefix, len(key) if keylen is None else keylen,
                              ifindex, key)


def set_key(s, peer, key):
    if peer == "-" or key == "-":
        return
    if "/" in peer:
        peer, prefix = peer.split("/")
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG_EXT, sig(peer, key, FLAG_PREFIX, int(prefix)))
    else:
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, sig(peer, key))


def serve(s):
    while True:
        try:
            d = s.recv(65536)
        except OSError:
            break
        if not d:
            break
        s.sendall(d)
    s.close()


def server(address, peer, key):
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, PORT))
    set_key(l, peer, key)
    l.listen(16)
    while True:
        s, _ = l.accept()
        threading.Thread(target=serve, args=(s,), daemon=True).start()


def client(address, key, size="100000", limit="3"):
    signal.alarm(30)
    data = os.urandom(int(size))
    s = socket.socket()
    set_key(s, address, key)
    s.settimeout(int(limit))
    try:
        s.connect((address, PORT))
    except (TimeoutError, ConnectionError) as e:
        print("no connection:", type(e).__name__)
        return
    s.settimeout(None)
    threading.Thread(target=s.sendall, args=(data,), daemon=True).start()
    got = b""
    while len(got) < len(data):
        d = s.recv(65536)
        assert d, "ended early"
        got += d
    assert got == data
    s.shutdown(socket.SHUT_WR)
    assert s.recv(1) == b""
    print("echoed")


def options():
    def say(what, opt, value):
        try:
            s.setsockopt(socket.IPPROTO_TCP, opt, value)
            print(what, 0)
        except OSError as e:
            print(what, errno.errorcode[e.errno])

    s = socket.socket()
    say("short", TCP_MD5SIG, sig("10.0.0.9", "k")[:-1])
    say("family", TCP_MD5SIG, sig("10.0.0.9", "k", family=socket.AF_INET6))
    say("key too long", TCP_MD5SIG, sig("10.0.0.9", "k", keylen=81))
    say("delete what is not there", TCP_MD5SIG, sig("10.0.0.9", ""))
    say("add", TCP_MD5SIG, sig("10.0.0.9", "k"))
    say("add again", TCP_MD5SIG, sig("10.0.0.9", "other"))
    say("delete", TCP_MD5SIG, sig("10.0.0.9", ""))
    say("delete again", TCP_MD5SIG, sig("10.0.0.9", ""))
    say("prefix too long", TCP_MD5SIG_EXT, sig("10.0.0.0", "k", FLAG_PREFIX, 33))
    say("prefix", TCP_MD5SIG_EXT, sig("10.0.0.0", "k", FLAG_PREFIX, 24))
    say("prefix 0", TCP_MD5SIG_EXT, sig("0.0.0.0", "k", FLAG_PREFIX, 0))
    say("delete another prefix", TCP_MD5SIG_EXT, sig("10.0.0.0", "", FLAG_PREFIX, 23))
    say("delete prefix", TCP_MD5SIG_EXT, sig("10.0.0.0", "", FLAG_PREFIX, 24))
    say("no such interface", TCP_MD5SIG_EXT, sig("10.0.0.1", "k", FLAG_IFINDEX, 0, 9999))
    say("an interface that is no VRF", TCP_MD5SIG_EXT, sig("10.0.0.1", "k", FLAG_IFINDEX, 0, 1))
    try:
        s.getsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, 300)
        print("get", 0)
    except OSError as e:
        print("get", errno.errorcode[e.errno])
    n = 0
    try:
        for n in range(100000):
            s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG,
                         sig("11.%d.%d.%d" % (n >> 16, n >> 8 & 255, n & 255), "k"))
    except OSError as e:
        print("bounded", errno.errorcode[e.errno], 10 < n < 5000)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
