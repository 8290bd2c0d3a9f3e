#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""lwip.py NAMESPACE [test_NAME...]: see lwip.sh; lwip_peer is lwIP."""
import errno
import itertools
import os
import select
import socket
import subprocess
import sys
import threading
import time
import zlib

import stacks

US, IT = "10.0.0.1", "10.0.0.9"
STACK = os.environ.get("INTEROP_STACK", "plumb")
A = stacks.Host(sys.argv[1])
PATTERN = bytes((i * 7 + i // 256) % 256 for i in range(65536 * 7))
PORT = itertools.count(20000)


class Lwip:
    """The program; it answers a line with a line."""

    def __init__(self):
        A.enter()
        self.p = subprocess.Popen(["lwip_peer", "tap0", IT], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, bufsize=1)
        self.answer("ready")

    def tell(self, line):
        self.p.stdin.write(line + "\n")

    def answer(self, want=None):
        assert select.select([self.p.stdout], [], [], 30 * stacks.SCALE)[0], "lwIP does not answer"
        line = self.p.stdout.readline().rstrip()
        assert want is None or line == want, f"lwIP says '{line}', expected '{want}'"
        return line


def to_lwip(port=7, before=lambda s: None):
    return A.connect(STACK, IT, port, US, before)


def lwip_connects(length, before=lambda s: None, reading=lambda s: None, returned=150000):
    """It sends LENGTH octets and half-closes; all of them come, and then it gets RETURNED."""
    port = next(PORT)
    with A.listen(STACK, US, port) as listener:
        before(listener)
        L.tell(f"connect {US} {port} {length}")
        s, _ = listener.accept()
        with s:
            s.settimeout(30 * stacks.SCALE)
            reading(s)
            crc, total = 0, 0
            while True:
                data = s.recv(65536)
                if not data:
                    break
                crc, total = zlib.crc32(data, crc), total + len(data)
            assert (total, crc) == (length, zlib.crc32(PATTERN[:length])), f"{total} octets came of {length}"
            s.sendall(stacks.DATA[:returned])
            s.shutdown(socket.SHUT_WR)
            told = L.answer()
            want = f"end -15 {returned} {zlib.crc32(stacks.DATA[:returned]):08x}"
            assert told == want, f"lwIP says '{told}', expected '{want}'"


def maxseg(value):
    return lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, value)


def echo_of_300k():
    with to_lwip() as s:
        assert stacks.agreed(s) == stacks.WSCALE, f"in use: {stacks.agreed(s):04b}, expected window scaling"
        stacks.echoed(s, 300000)


def echo_of_nothing():
    with to_lwip() as s:
        stacks.echoed(s, 0)


def many_connections_at_once():
    ends = [to_lwip() for _ in range(8)]
    for s in ends:
        with s:
            stacks.echoed(s, 5000)


def its_window_closes():
    """It reads nothing for a second and a half: its 128 KiB fill, we probe and go on."""
    with to_lwip(9) as s:
        s.setblocking(False)
        begin, sent, blocked = time.monotonic(), 0, False
        while time.monotonic() - begin < 1.2:
            if not select.select([], [s], [], 0.1)[1]:
                blocked = True
                continue
            if sent < 8 << 20:
                sent += s.send(stacks.DATA[:65536])
        assert blocked, f"all of {sent} octets were taken"
        # What it returns while we finish is thrown away but for its length.
        s.shutdown(socket.SHUT_WR)
        got = 0
        while True:
            assert select.select([s], [], [], 30 * stacks.SCALE)[0], f"{got} of {sent} octets, then nothing"
            n = len(s.recv(65536))
            if not n:
                break
            got += n
        assert got == sent, f"{got} of {sent} octets came back"


def small_segments_from_us():
    with to_lwip(before=maxseg(300)) as s:
        assert stacks.mss(s) <= 300, stacks.mss(s)
        stacks.echoed(s, 60000)


def its_small_mtu():
    """Its SYN says 536: we keep to it, in both directions of opening."""
    L.tell("mtu 576")
    L.answer("done")
    try:
        with to_lwip() as s:
            assert stacks.mss(s) <= 536, stacks.mss(s)
            stacks.echoed(s, 60000)
        lwip_connects(60000, reading=lambda s: check_mss(s, 536), returned=60000)
    finally:
        L.tell("mtu 1500")
        L.answer("done")


def check_mss(s, most):
    assert stacks.mss(s) <= most, stacks.mss(s)


def our_window_closes():
    """We read nothing until it has long been stopped."""
    def wait(s):
        time.sleep(1.5)
    lwip_connects(400000, before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192),
                  reading=wait, returned=1000)


def it_resets():
    port = next(PORT)
    with A.listen(STACK, US, port) as listener:
        L.tell(f"reset {US} {port}")
        s, _ = listener.accept()
        with s:
            s.settimeout(20 * stacks.SCALE)
            try:
                while s.recv(100):
                    pass
                raise AssertionError("an end, expected a reset")
            except ConnectionResetError:
                pass
            L.answer("reset")


def we_reset():
    with to_lwip() as s:
        s.sendall(b"x" * 3000)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes((1, 0, 0, 0, 0, 0, 0, 0)))
    # It goes on serving.
    echo_of_nothing()


def nobody_listens():
    for port, host in ((6666, IT),):
        try:
            A.connect(STACK, host, port, US).close()
            raise AssertionError("connected")
        except OSError as e:
            assert e.errno == errno.ECONNREFUSED, e
    L.tell(f"connect {US} 6666 10")
    L.answer("no connection")


def both_ways_at_once():
    """Three of ours and one of its own, together."""
    mine = threading.Thread(target=lwip_connects, args=(200000,))
    mine.start()
    for _ in range(3):
        echo_of_300k()
    mine.join()


CASES = [echo_of_300k, echo_of_nothing, many_connections_at_once, its_window_closes, small_segments_from_us,
         its_small_mtu, our_window_closes, it_resets, we_reset, nobody_listens, both_ways_at_once]


def connects_and_half_closes():
    lwip_connects(400000)


L = Lwip()
A.enter()
if STACK == "plumb":
    subprocess.run("ip link set tap0 up && plumb addr add 10.0.0.1/24 dev tap0", shell=True, check=True)
else:
    subprocess.run("ip link set tap0 up && ip addr add 10.0.0.1/24 dev tap0", shell=True, check=True)
stacks.points([(f.__name__, f) for f in [connects_and_half_closes] + CASES])
