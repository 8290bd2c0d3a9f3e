#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Clauses of RFC 9293 that the kernel side keeps: programs, and a peer played by hand.

rfc9293.py SCENE ARGUMENT...: a function below, on a socket of whatever stack it runs on.
rfc9293.py wire DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENE: a function wire_..., by hand.
A scene fails by an exception."""
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ip"))
from frames import BROADCAST, ETH_IP, Wire, addr, csum, icmp, ipv4  # noqa: E402

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
PORT = 7777


def tcp(src, dst, sport, dport, flags, seq, ack=0, body=b"", options=b""):
    seg = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                      (5 + len(options) // 4) << 4, flags, 30000, 0, 0) + options + body
    check = csum(addr(src) + addr(dst) + struct.pack("!BBH", 0, 6, len(seg)) + seg)
    return seg[:16] + struct.pack("!H", check) + seg[18:]


class Seg:
    """A TCP segment that came in."""

    def __init__(self, p):
        self.ip = p
        d = p.payload
        self.sport, self.dport, self.seq, self.ack, off, self.flags = struct.unpack("!HHIIBB", d[:14])
        self.body = d[(off >> 4) * 4:]


def segments(w, limit=10):
    for p in w.frames(limit):
        if p.type == ETH_IP and p.proto == 6 and len(p.payload) >= 20:
            yield Seg(p)


def segment(w, what, match, limit=10):
    for s in segments(w, limit):
        if match(s):
            return s
    raise AssertionError(f"{what}: nothing within {limit} s")


def is_tcp(p):
    return p.type == ETH_IP and p.proto == 6


# --- by hand -----------------------------------------------------------------

def wire_isn(w):
    """RFC 6528: for one pair the number follows the clock; between pairs it tells nothing."""
    seen = {}
    for s in segments(w, 15):
        if s.flags & SYN:
            if s.dport == 80:
                seen.setdefault(s.sport, []).append((time.monotonic(), s.seq))
            w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, s.dport, s.sport, RST | ACK, 0, s.seq + 1)))
            if sum(len(v) for v in seen.values()) == 12:
                break
    assert len(seen[5000]) == 4, seen
    for (t1, n1), (t2, n2) in zip(seen[5000], seen[5000][1:]):
        ticks = (n2 - n1) & 0xFFFFFFFF
        want = (t2 - t1) * 1e9 / 64
        # The moments are those of reading: on a busy machine a segment waits for that.
        assert 0.2 * want < ticks < 5 * want, (ticks, want)
    t0 = seen[5000][0][0]
    secret = [int(n - (t - t0) * 1e9 / 64) & 0xFFFFFFFF for v in seen.values() for t, n in v[:1]]
    assert len(secret) == 9 and len({s >> 20 for s in secret}) >= 7, secret


def open_by_hand(w, sport, ip_options=b""):
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, sport, PORT, SYN, 1000), options=ip_options))
    s = segment(w, "SYN-ACK", lambda s: s.dport == sport and s.flags & (SYN | ACK) == SYN | ACK)
    assert s.ack == 1001, s.ack
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, sport, PORT, ACK, 1001, s.seq + 1)))
    return s.seq + 1


def echo_by_hand(w, sport, seq, ack, body):
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, sport, PORT, ACK | PSH, seq, ack, body)))
    s = segment(w, "echo", lambda s: s.dport == sport and s.body)
    assert s.body == body, s.body
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, sport, PORT, ACK, seq + len(body),
                                        s.seq + len(body))))
    return seq + len(body), s.seq + len(body)


def wire_groups(w):
    """Segments to a broadcast or multicast address, and from one, get no answer at all."""
    for dst in "10.0.0.255", "255.255.255.255", "224.0.0.1":
        for flags in SYN, ACK, 0:
            w.send_ip(ipv4(w.ip, dst, 6, tcp(w.ip, dst, 4000, PORT, flags, 1)), BROADCAST)
    for src in "224.0.0.1", "255.255.255.255", "10.0.0.255", "0.0.0.0", "127.0.0.1", "240.0.0.1":
        for flags in SYN, ACK, 0:
            w.send_ip(ipv4(src, w.peer, 6, tcp(src, w.peer, 4001, PORT, flags, 1)))
    w.none("answer to a group", is_tcp)
    open_by_hand(w, 4002)


def wire_ip_options(w):
    """IPv4 options that TCP does not know are stepped over."""
    for i, options in enumerate((b"\x01\x01\x01\x00", b"\x94\x04\x00\x00", b"\x9e\x04\x12\x34",
                                 b"\x07\x07\x04" + bytes(4) + b"\0", b"\x44\x08\x05\x00" + bytes(4))):
        ack = open_by_hand(w, 4100 + i, options)
        echo_by_hand(w, 4100 + i, 1001, ack, b"hello")


def wire_source_routed(w):
    """A segment that came by a source route is dropped: there is no route to return."""
    route = b"\x01\x83\x07\x08" + addr("10.0.0.77")     # LSRR, used up: for us
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4200, PORT, SYN, 1), options=route))
    w.none("answer", is_tcp)


def wire_icmp(w):
    """Source quench and soft errors about a connection leave it as it is."""
    ack = open_by_hand(w, 4300)
    seq, ack = echo_by_hand(w, 4300, 1001, ack, b"before")
    # What they quote is in flight: an octet that is not acknowledged.
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4300, PORT, ACK | PSH, seq, ack, b"x")))
    segment(w, "echo", lambda s: s.dport == 4300 and s.body == b"x")
    quote = ipv4(w.peer, w.ip, 6, tcp(w.peer, w.ip, PORT, 4300, ACK, ack, seq)[:8], total=60)
    for kind, code in (4, 0), (3, 0), (3, 1), (3, 5), (3, 2), (3, 3), (11, 0), (11, 1), (12, 0):
        w.send_ip(ipv4(w.ip, w.peer, 1, icmp(kind, code, 0, quote)))
    w.until_echo()
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4300, PORT, ACK, seq + 1, ack + 1)))
    echo_by_hand(w, 4300, seq + 1, ack + 1, b"after")


def wire_source_route(w):
    """The program's source route leads the SYN: destination is its first hop, the rest in the option."""
    s = segment(w, "SYN", lambda s: s.flags & SYN)
    assert s.ip.daddr == w.ip, s.ip
    assert addr("10.0.0.77") in s.ip.header[20:] and 0x83 in s.ip.header[20:], s.ip


# --- programs ----------------------------------------------------------------

def refused(peer, dport, sport):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", sport))
    try:
        s.connect((peer, dport))
    except ConnectionRefusedError:
        pass
    s.close()


def isn(peer):
    """Four SYNs from one port, 0.2 s apart, and one from each of eight others."""
    refused(peer, 81, 0)    # until the other end is there
    for port in [5000, 5000, 5000, 5000] + list(range(5001, 5009)):
        refused(peer, 80, port)
        time.sleep(0.2)


def echo_server(*addresses):
    """Echoes on PORT of each address; the first answer names the address that listens."""
    listeners = []
    for a in addresses or ("",):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((a, PORT))
        s.listen(20)
        listeners.append(s)
    import threading

    def talk(c, name):
        c.sendall(name.encode())
        while (d := c.recv(1000)):
            c.sendall(d)

    def run(listener, name):
        while True:
            c, _ = listener.accept()
            threading.Thread(target=talk, args=(c, name), daemon=True).start()

    for s, a in zip(listeners, addresses or ("",)):
        threading.Thread(target=run, args=(s, a), daemon=True).start()
    time.sleep(1000)


def who(*addresses):
    """What the listeners call themselves."""
    out = []
    for a in addresses:
        s = socket.create_connection((a, PORT), 10)
        out.append(s.recv(100).decode())
    print(" ".join(out))


def peer_server():
    """Tells each who connects which address it came from."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", PORT))
    s.listen(5)
    while True:
        c, a = s.accept()
        c.sendall(a[0].encode())
        c.close()


def come_from(peer, source):
    s = socket.socket()
    if source:
        s.bind((source, 0))
    s.settimeout(10)
    s.connect((peer, PORT))
    assert s.getsockname()[0] == s.recv(100).decode(), s.getsockname()
    print(s.getsockname()[0])


def bad_addresses(*addresses):
    """The errors of connect() and of opening from an address that is not ours."""
    for a in addresses:
        s = socket.socket()
        s.settimeout(5)
        try:
            s.connect((a, 80))
            print(a, "connected")
        except OSError as e:
            print(a, e.errno)
    s = socket.socket()
    try:
        s.bind(("10.9.9.9", 0))
        print("bound")
    except OSError as e:
        print("bind", e.errno)


def tos_and_ttl(peer):
    """Handshake and 10 octets with TOS 0x28 and TTL 33, then 20 with 0x48 and 34."""
    s = socket.socket()
    s.setsockopt(socket.SOL_IP, socket.IP_TOS, 0x28)
    s.setsockopt(socket.SOL_IP, socket.IP_TTL, 33)
    s.settimeout(10)
    s.connect((peer, PORT))
    s.sendall(bytes(10))
    time.sleep(0.3)
    s.setsockopt(socket.SOL_IP, socket.IP_TOS, 0x48)
    s.setsockopt(socket.SOL_IP, socket.IP_TTL, 34)
    s.sendall(bytes(20))
    time.sleep(0.3)
    s.close()


def source_route(peer):
    s = socket.socket()
    s.setsockopt(socket.SOL_IP, socket.IP_OPTIONS, b"\x01\x83\x07\x04" + addr(peer))
    s.settimeout(2)
    try:
        s.connect(("10.0.0.77", 80))
    except OSError:
        pass


def main():
    if sys.argv[1] == "wire":
        return globals()["wire_" + sys.argv[7]](Wire(*sys.argv[2:7]))
    return globals()[sys.argv[1]](*sys.argv[2:])


main()
