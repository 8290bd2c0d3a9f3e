#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts malformed packets onto a cable.

hostile.py DEVICE DST_MAC SRC_IP DST_IP TOPIC: sends all packets of the topic a few times (REPEAT) and
prints how many left. Topics are the functions below whose names begin with topic_. What is random
comes from a fixed seed.
"""
import os
import random
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ip"))
from frames import csum  # noqa: E402

REPEAT = 5
rng = random.Random(1)


def ipv4(proto, payload, src=None, dst=None, ihl=5, version=4, total=None, frag=0, ttl=64,
         good=True, options=b"", ident=None):
    length = 20 + len(options) + len(payload) if total is None else total
    if options:
        ihl = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | ihl, 0, length & 0xFFFF,
                       rng.randrange(65536) if ident is None else ident, frag, ttl, proto, 0,
                       socket.inet_aton(src or SRC), socket.inet_aton(dst or DST)) + options
    check = csum(head) if good else csum(head) ^ 0x5555
    return head[:10] + struct.pack("!H", check) + head[12:] + payload


def pseudo(proto, data, src=None, dst=None):
    return (socket.inet_aton(src or SRC) + socket.inet_aton(dst or DST) +
            struct.pack("!BBH", 0, proto, len(data)) + data)


def tcp(flags, payload=b"", offset=None, options=b"", good=True, sport=40000, dport=7700, seq=1,
        ack=0, src=None, dst=None):
    off = 5 + len(options) // 4 if offset is None else offset
    seg = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, off << 4, flags & 0xFF, 1000, 0,
                      0) + options + payload
    check = csum(pseudo(6, seg, src, dst))
    return seg[:16] + struct.pack("!H", check if good else check ^ 0x5555) + seg[18:]


def udp(payload=b"x", length=None, good=True, sport=40000, dport=7700):
    data = struct.pack("!HHHH", sport, dport, 8 + len(payload) if length is None else length,
                       0) + payload
    check = csum(pseudo(17, data)) or 0xFFFF
    return data[:6] + struct.pack("!H", check if good else check ^ 0x5555) + data[8:]


def icmp(kind, code, body, good=True):
    data = struct.pack("!BBH", kind, code, 0) + body
    check = csum(data)
    return data[:2] + struct.pack("!H", check if good else check ^ 0x5555) + data[4:]


def topic_ip_header():
    """IpInHdrErrors: none of these is an IPv4 packet."""
    body = udp()
    return [ipv4(17, body, version=5), ipv4(17, body, version=0), ipv4(17, body, ihl=4),
            ipv4(17, body, ihl=0), ipv4(17, body, ihl=15), ipv4(17, body, total=19),
            ipv4(17, body, total=0), ipv4(17, body, good=False)]


def topic_ip_truncated():
    """IpExtInTruncatedPkts: the header promises more than the frame has."""
    return [ipv4(17, udp(bytes(100)), total=1400), ipv4(6, tcp(2), total=65535),
            ipv4(1, icmp(8, 0, bytes(60)), total=90)]


def topic_ip_options():
    """Options that lie about their length, or never end."""
    bad = [b"\x07\x03\x04\x00", b"\x07\x28\x04" + bytes(1), b"\x83\x00\x04\x00", b"\x44\x01\x05\x00",
           b"\x07\x02\x00\x00", b"\x83\xff\x04\x00", b"\x44\x28\x05\x00" + bytes(36),
           b"\x94\x04\x00\x00", b"\x01" * 40, bytes([200, 40]) + bytes(38)]
    return [ipv4(17, udp(), options=o) for o in bad]


def topic_ip_addresses():
    """Sources that nobody can have, and a packet that says it comes from its receiver."""
    out = []
    for src in ("127.0.0.1", "255.255.255.255", "224.0.0.1", "0.0.0.0", "240.0.0.1", DST):
        out += [ipv4(6, tcp(2, src=src), src=src), ipv4(1, icmp(8, 0, bytes(8)), src=src)]
    return out


def topic_fragments():
    """Overlaps, holes, a datagram beyond 65535 bytes, fragments of nothing."""
    out = [ipv4(17, bytes(64), frag=0x1FFF, ident=7), ipv4(1, bytes(1400), frag=0x1FFE, ident=8)]
    for ident in range(100, 120):
        out += [ipv4(17, bytes(48), frag=0x2000, ident=ident),
                ipv4(17, bytes(48), frag=0x2003, ident=ident),
                ipv4(17, bytes(16), frag=0x2001, ident=ident),
                ipv4(17, bytes(8), frag=0x0008, ident=ident),
                ipv4(17, bytes(8), frag=0x0004, ident=ident)]
    out += [ipv4(17, b"", frag=0x2000, ident=9), ipv4(17, bytes(13), frag=0x2000, ident=10),
            ipv4(6, tcp(2)[:8], frag=0x2000, ident=11), ipv4(6, tcp(2)[8:], frag=0x0001, ident=11)]
    out += [ipv4(17, bytes(8), frag=0x2000, ident=1000 + i) for i in range(3000)]
    return out


def topic_tcp_checksum():
    return [ipv4(6, tcp(f, good=False)) for f in (0x02, 0x10, 0x04, 0x12, 0x18)]


def topic_tcp_header():
    """TcpInErrs: data offsets that are too small or point behind the segment, and half headers."""
    return ([ipv4(6, tcp(2, offset=o)) for o in (0, 1, 4)] + [ipv4(6, tcp(2, offset=15))] +
            [ipv4(6, tcp(2)[:n]) for n in (0, 1, 8, 19)])


def topic_tcp_options():
    """SYNs with option lists that lie; each may be answered or dropped, none may hurt."""
    lists = [b"\x02\x04\x05", b"\x02\x00\x05\xb4", b"\x02\x01", b"\x08\xff" + bytes(10),
             b"\x03\x03\xff\x00", b"\x02\x04\x00\x00", b"\x02\x04\x00\x01", b"\x05\x02\x00\x00",
             b"\x05\xfe" + bytes(30), b"\x01" * 40, b"\x00" * 40, b"\xff\x02" * 20, b"\x22\x28" + bytes(38),
             b"\x08\x0a" + b"\xff" * 8 + b"\x08\x0a" + bytes(8), b"\x13\x12" + bytes(16)]
    return [ipv4(6, tcp(2, options=o + bytes(-len(o) % 4), sport=41000 + i, payload=b"x" * (i % 3)))
            for i, o in enumerate(lists)]


def topic_tcp_flags():
    """Every combination of flags to an open and to a closed port, with odd numbers."""
    return [ipv4(6, tcp(flags, sport=42000 + flags, dport=port, seq=rng.getrandbits(32),
                        ack=rng.getrandbits(32), payload=bytes(flags % 5)))
            for flags in range(256) for port in (7700, 9)]


def topic_udp():
    """UdpInErrors: wrong checksums, lengths that are too small or too large, half headers."""
    return [ipv4(17, udp(good=False)), ipv4(17, udp(length=7)), ipv4(17, udp(length=0)),
            ipv4(17, udp(length=60000)), ipv4(17, udp()[:7]), ipv4(17, udp()[:1])]


def topic_icmp():
    """Wrong checksums, half headers, errors that quote nonsense."""
    quoted = ipv4(6, tcp(2), src=DST, dst=SRC)
    out = [ipv4(1, icmp(8, 0, bytes(8), good=False)), ipv4(1, b""), ipv4(1, b"\x08\x00"),
           ipv4(1, icmp(8, 0, b""))]
    for kind, codes in ((3, range(20)), (4, (0, 9)), (5, range(6)), (11, range(4)), (12, (0, 7)),
                        (13, (0,)), (14, (0,)), (17, (0,)), (0, (0, 1)), (200, (0,))):
        for code in codes:
            for body in (b"", bytes(4), bytes(4) + quoted[:10], bytes(4) + quoted[:20],
                         bytes(4) + quoted[:28], b"\0\0\0\x01" + quoted, bytes(4) + bytes(60)):
                out.append(ipv4(1, icmp(kind, code, body)))
    return out


def arp(op, hw=1, proto=0x0800, hlen=6, plen=4, sha=None, spa=None, tha=bytes(6), tpa=None):
    # The sender's own address where it is not the point: a lie about it would be believed, and rightly.
    sha = sha or sock.getsockname()[4]
    return (struct.pack("!HHBBH", hw, proto, hlen, plen, op) + sha + socket.inet_aton(spa or SRC) +
            tha + socket.inet_aton(tpa or DST))


def topic_arp():
    """Not ARP, half ARP, ARP from nobody and from the receiver itself."""
    good = arp(1)
    return [good[:n] for n in (0, 1, 7, 8, 20, 27)] + [
        arp(0), arp(3), arp(65535), arp(1, hw=6), arp(1, proto=0x86DD), arp(1, hlen=0), arp(1, hlen=255),
        arp(1, plen=16), arp(2, sha=b"\xff" * 6), arp(2, sha=b"\x01\0\x5e\0\0\1"), arp(2, sha=bytes(6)),
        arp(2, spa="0.0.0.0"), arp(2, spa="255.255.255.255"), arp(1, spa=DST), arp(2, spa=DST),
        arp(1, tpa="10.0.0.77"), arp(2, spa="224.0.0.1")]


def topic_random():
    """Noise, and good packets with a few bytes changed."""
    seeds = [ipv4(6, tcp(2)), ipv4(6, tcp(0x10, payload=bytes(100))), ipv4(17, udp(bytes(100))),
             ipv4(1, icmp(8, 0, bytes(56))), ipv4(6, tcp(2, options=b"\2\4\5\xb4\4\2\x08\x0a" + bytes(10))),
             ipv4(1, icmp(3, 4, b"\0\0\2\0" + ipv4(6, tcp(2), src=DST, dst=SRC)))]
    out = [rng.randbytes(rng.randrange(0, 200)) for _ in range(500)]
    for _ in range(3000):
        packet = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 5)):
            packet[rng.randrange(len(packet))] = rng.randrange(256)
        if rng.random() < 0.7:
            packet[10:12] = b"\0\0"
            packet[10:12] = struct.pack("!H", csum(bytes(packet[:20])))
        out.append(bytes(packet[:rng.randrange(len(packet)) if rng.random() < 0.1 else None]))
    return out


device, mac, SRC, DST, topic = sys.argv[1:6]
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((device, 0))
ethertype = 0x0806 if topic == "arp" else 0x0800
head = bytes.fromhex(mac.replace(":", "")) + sock.getsockname()[4] + struct.pack("!H", ethertype)
packets = globals()["topic_" + topic]()
for _ in range(1 if len(packets) > 1000 else REPEAT):
    for packet in packets:
        sock.send((head + packet)[:1514])
print(len(packets) * (1 if len(packets) > 1000 else REPEAT))
