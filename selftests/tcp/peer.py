#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A TCP peer played by hand: one segment at a time, any option, any number.

peer.py DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENARIO [ARGUMENT...]
A scenario is a function below; it prints "ok", or fails by an exception.
"""
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ip"))
# pylint: disable=wrong-import-position
from frames import Wire, addr, csum, ipv4

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
WRAP = 0xFFFFFFFF


def mss(value=1460):
    return struct.pack("!BBH", 2, 4, value)


def ts(value, echo=0):
    return struct.pack("!BBBBII", 1, 1, 8, 10, value, echo)


def segment(src, dst, sport, dport, seq, ack, flags, window=64240, options=b"", data=b"", sign=None):
    options += b"\0" * (-len(options) % 4)
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & WRAP, ack & WRAP,
                       (20 + len(options)) // 4 << 4, flags, window, 0, 0)
    if sign:
        options = sign(head, options, data)
    pseudo = addr(src) + addr(dst) + struct.pack("!BBH", 0, 6, len(head + options + data))
    check = csum(pseudo + head + options + data)
    return head[:16] + struct.pack("!H", check) + head[18:] + options + data


class Seg:
    """A segment that came in."""

    def __init__(self, packet):
        p = packet.payload
        self.sport, self.dport, self.seq, self.ack, off, self.flags, self.window = \
            struct.unpack("!HHIIBBH", p[:16])
        self.opt = parse(p[20:(off >> 4) * 4])
        self.head = p[:20]
        self.raw_options = p[20:(off >> 4) * 4]
        self.data = p[(off >> 4) * 4:]

    def __repr__(self):
        return f"<{self.flags:02x} {self.seq}:{len(self.data)} ack {self.ack} win {self.window} {self.opt}>"


def parse(p):
    """Options by kind: their octets."""
    seen = {}
    while p:
        if p[0] == 0:
            break
        if p[0] == 1:
            p = p[1:]
            continue
        seen[p[0]] = p[2:p[1]]
        p = p[p[1]:]
    return seen


class Conn:
    """One connection with the peer's PORT, from our PORT."""

    def __init__(self, wire, theirs, ours=40000, sign=None):
        self.w, self.theirs, self.ours, self.sign = wire, theirs, ours, sign
        self.seq, self.ack = 1000 * ours & WRAP, 0

    def send(self, flags, data=b"", seq=None, ack=None, options=b"", window=64240, sign=None):
        seq = self.seq if seq is None else seq
        ack = self.ack if ack is None else ack
        self.w.send_ip(ipv4(self.w.ip, self.w.peer, 6, segment(
            self.w.ip, self.w.peer, self.ours, self.theirs, seq, ack if flags & ACK else 0, flags,
            window, options, data, sign or self.sign)))

    def mine(self, packet):
        return packet.proto == 6 and packet.saddr == self.w.peer and \
            struct.unpack("!HH", packet.payload[:4]) == (self.theirs, self.ours)

    def wait(self, what, match=lambda s: True, limit=5):
        """The next segment that fits."""
        return Seg(self.w.wait(what, lambda p: self.mine(p) and match(Seg(p)), limit))

    def all_until_echo(self):
        return [Seg(p) for p in self.w.until_echo() if self.mine(p)]

    def connect(self, options=mss()):
        self.send(SYN, options=options)
        s = self.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
        assert s.ack == self.seq + 1 & WRAP, s
        self.seq, self.ack = self.seq + 1 & WRAP, s.seq + 1 & WRAP
        self.send(ACK)
        return s


# --- RFC 5961 ----------------------------------------------------------------

def challenges(c, count):
    """Answers to RSTs in the window that are not exact."""
    n = 0
    for i in range(count):
        c.send(RST, seq=c.seq + 1 + i)
        if i % 50 == 49:
            n += len([s for s in c.all_until_echo() if s.flags == ACK and not s.data])
    return n


def alive(c):
    c.send(ACK | PSH, b"alive")
    s = c.wait("echo", lambda s: s.data == b"alive")
    c.seq = c.seq + 5 & WRAP
    c.ack = s.seq + 5 & WRAP
    c.send(ACK)


def challenge_per_socket(w):
    c = Conn(w, 7000)
    c.connect()
    alive(c)
    begin = time.monotonic()
    n = challenges(c, 1000)
    most = (time.monotonic() - begin) / 0.5 + 2
    assert 1 <= n <= most, f"{n} challenge ACKs, at most {most:.0f} expected"
    alive(c)


def challenge_global(w):
    """20 a second in the namespace, give or take half, whatever the number of connections."""
    conns = [Conn(w, 7000, 41000 + i) for i in range(4)]
    for c in conns:
        c.connect()
        alive(c)
    begin = time.monotonic()
    n = sum(challenges(c, 500) for c in conns)
    most = 30 * (int(time.monotonic() - begin) + 2)
    assert 4 <= n <= most, f"{n} challenge ACKs, at most {most} expected"
    for c in conns:
        alive(c)


if __name__ == "__main__":
    globals()[sys.argv[6]](Wire(*sys.argv[1:6]), *sys.argv[7:])
    print("ok")
