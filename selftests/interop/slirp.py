#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""slirp.py NAMESPACE [test_NAME...]: see slirp.sh."""
import errno
import itertools
import os
import select
import socket
import subprocess
import sys
import time

import stacks

US, IT = "10.0.2.15", "10.0.2.2"
STACK = os.environ.get("INTEROP_STACK", "plumb")
A = stacks.Host(sys.argv[1])
PORT = itertools.count(20000)
OUTSIDE, INSIDE = 8080, 80  # what it hands on


def start():
    """QEMU without a machine: its user network, and a TAP device, on one hub."""
    A.enter()
    qemu = subprocess.Popen([
        "qemu-system-x86_64", "-M", "none", "-nodefaults", "-no-user-config", "-display", "none",
        "-netdev", f"user,id=u,hostfwd=tcp:127.0.0.1:{OUTSIDE}-{US}:{INSIDE}",
        "-netdev", "tap,id=t,ifname=tap0,script=no,downscript=no",
        "-netdev", "hubport,id=hu,hubid=0,netdev=u", "-netdev", "hubport,id=ht,hubid=0,netdev=t"],
        stdin=subprocess.DEVNULL)
    end = time.monotonic() + 60 * stacks.SCALE
    while not listening(OUTSIDE):
        assert time.monotonic() < end and qemu.poll() is None, "QEMU does not start"
        time.sleep(0.1)
    tool = "plumb" if STACK == "plumb" else "ip"
    subprocess.run(f"ip link set tap0 up && {tool} addr add {US}/24 dev tap0", shell=True, check=True)
    return qemu


def listening(port):
    with open("/proc/net/tcp") as f:
        return any(f":{port:04X} 00000000:0000 0A" in line for line in f)


def we_connect():
    """To the host's loopback address, through 10.0.2.2."""
    port = next(PORT)
    with A.listen("linux", "127.0.0.1", port) as listener:
        s = A.connect(STACK, IT, port, US)
        return s, listener.accept()[0]


def it_connects():
    with A.listen(STACK, US, INSIDE) as listener:
        far = A.connect("linux", "127.0.0.1", OUTSIDE)
        return listener.accept()[0], far


def data_both_ways(ends):
    with ends[0] as s, ends[1] as far:
        assert stacks.agreed(s) == 0, f"in use: {stacks.agreed(s):04b}; it knows no option but MSS"
        stacks.exchange((s, far), 300000, 60)


def data_both_ways__we_connect():
    data_both_ways(we_connect())


def data_both_ways__it_connects():
    data_both_ways(it_connects())


def many_one_after_the_other():
    for _ in range(10):
        for ends in (we_connect(), it_connects()):
            with ends[0] as s, ends[1] as far:
                stacks.exchange((s, far), 2000)


def the_far_reader_is_slow():
    """What it holds for the far end is bounded: its window closes and opens."""
    s, far = we_connect()
    with s, far:
        s.setblocking(False)
        sent, end = 0, time.monotonic() + 1.5
        while time.monotonic() < end and sent < 32 << 20:
            if select.select([], [s], [], 0.2)[1]:
                sent += s.send(stacks.DATA)
        assert sent < 32 << 20, "all of 32 MiB were taken"
        s.shutdown(socket.SHUT_WR)
        got = 0
        far.settimeout(30 * stacks.SCALE)
        while True:
            n = len(far.recv(1 << 20))
            if not n:
                break
            got += n
        assert got == sent, f"{got} octets came of {sent}"


def half_close():
    """Text after the other side's FIN, both ways round."""
    for first, second in (we_connect(), it_connects(), we_connect()[::-1], it_connects()[::-1]):
        with first, second:
            first.sendall(b"request")
            first.shutdown(socket.SHUT_WR)
            second.settimeout(20 * stacks.SCALE)
            assert second.recv(100) == b"request" and second.recv(100) == b""
            second.sendall(stacks.DATA[:100000])
            second.shutdown(socket.SHUT_WR)
            got = b""
            while True:
                data = first.recv(65536)
                if not data:
                    break
                got += data
            assert got == stacks.DATA[:100000], f"{len(got)} octets"


def nobody_listens():
    try:
        A.connect(STACK, IT, 6666, US).close()
        raise AssertionError("connected")
    except OSError as e:
        assert e.errno == errno.ECONNREFUSED, e


def resets_come_through():
    """Either program ends its connection by RST; the other one is told."""
    linger = bytes((1, 0, 0, 0, 0, 0, 0, 0))
    for ends in (we_connect(), it_connects()):
        s, far = ends
        s.sendall(b"x")
        assert far.recv(10) == b"x"
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        far.close()
        try:
            # slirp may say it by FIN first.
            for _ in range(100):
                s.send(b"y")
                time.sleep(0.05)
            raise AssertionError("sent on and on to one who is gone")
        except OSError as e:
            assert e.errno in (errno.ECONNRESET, errno.EPIPE), e
        s.close()


qemu = start()
try:
    stacks.points([(f.__name__, f) for f in (
        data_both_ways__we_connect, data_both_ways__it_connects, many_one_after_the_other,
        the_far_reader_is_slow, half_close, nobody_listens, resets_come_through)])
finally:
    qemu.kill()
