#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a program sees of IPv4 on its sockets, as text: what both stacks say must be the same.

	sockets.py send TO			a datagram of 100 octets
	sockets.py device DEV DOWN TO		to where no route leads, by the name or number of a device
	sockets.py hops FROM ROUTER TO...	ICMP errors about echo requests
	sockets.py options FROM TO PORT		datagrams with IP options that are cut
	sockets.py identified FROM TO PORT	three datagrams each of sockets of all sorts of IP_MTU_DISCOVER
	sockets.py fragsize HERE PORT COUNT	IP_RECVFRAGSIZE of so many datagrams
	sockets.py sums HERE PORT		datagrams with wrong checksums (udp_sums of wire.py)
"""
import errno
import fcntl
import select
import socket
import struct
import sys

from frames import echo

IP = socket.IPPROTO_IP
IP_TTL, IP_OPTIONS, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVFRAGSIZE = 2, 4, 8, 10, 11, 25
SIOCGIFINDEX, SIOCINQ = 0x8933, 0x541B
PEEK, NOWAIT = socket.MSG_PEEK, socket.MSG_DONTWAIT


def udp(here="", port=0):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((here, port))
    return s


def ping(here=""):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    s.bind((here, 0))
    s.settimeout(20)
    return s


def said(fn, *args):
    """What a call gave: a number, how many octets, or the errno's name. None: nothing within the time."""
    try:
        got = fn(*args)
    except OSError as e:
        return errno.errorcode.get(e.errno)
    return len(got) if isinstance(got, bytes) else got


def send(there):
    print(said(udp().sendto, bytes(100), (there, 9)))


def index_of(s, dev):
    return struct.unpack("16xi20x", fcntl.ioctl(s, SIOCGIFINDEX, struct.pack("16s24x", dev.encode())))[0]


def device(dev, down, there):
    s = ping()
    to = (there, 0)
    print("nothing said", said(s.sendto, echo(b"x"), to))
    up_index, down_index = index_of(s, dev), index_of(s, down)
    for what, index in (("up", up_index), ("down", down_index), ("none", 9999)):
        info = [(IP, IP_PKTINFO, struct.pack("i4s4s", index, bytes(4), bytes(4)))]
        print("by number", what, said(s.sendmsg, [echo(b"x")], info, 0, to))
    print("the answer", said(s.recv, 100))
    for name in dev, down:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
        print("bound", said(s.sendto, echo(b"yz"), to), said(s.connect, to))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())
    print("the answer", said(s.recv, 100), said(s.connect, to))


def error_of(s):
    """The error that waits in the queue: of what, from whom, and with which packet."""
    try:
        data, anc, _, to = s.recvmsg(2000, 200, socket.MSG_ERRQUEUE | NOWAIT)
    except OSError as e:
        return errno.errorcode[e.errno]
    number, origin, kind, code = struct.unpack_from("IBBB", anc[0][2])
    who = socket.inet_ntoa(anc[0][2][20:24])
    return f"{errno.errorcode[number]} {origin} {kind} {code} by {who} about {data[:1].hex()} {len(data)} to {to[0]}"


def hops(here, router, *there):
    mark = ping(here)
    for to in there:
        for asked in 0, 1:
            for connected in 0, 1:
                s = ping(here)
                s.settimeout(None)
                s.setsockopt(IP, IP_RECVERR, asked)
                s.setsockopt(IP, IP_TTL, 1 if to == there[0] else 64)
                if connected:
                    s.connect((to, 0))
                print(to, "asked" if asked else "not asked", "connected" if connected else "open",
                      s.send(echo(b"x" * 30)) if connected else s.sendto(echo(b"x" * 30), (to, 0)), end=": ")
                # The router answers in order: the error is here before its echo.
                mark.sendto(echo(b"mark"), (router, 0))
                mark.recv(100)
                print(said(s.recv, 100, NOWAIT), "queue", error_of(s), "then", error_of(s),
                      said(s.recv, 100, NOWAIT), said(s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR))


# Stream identifier and security are for all fragments, a recorded route for the first alone.
STREAM = b"\x88\x04\x12\x34"
SECURITY = b"\x82\x0b" + bytes(9)
ROUTE = b"\x07\x0b\x04" + bytes(8)


def options(here, there, port):
    s = udp(here)
    for some in STREAM + ROUTE, ROUTE, b"\x01" + ROUTE + SECURITY + b"\x01" + STREAM, SECURITY:
        s.setsockopt(IP, IP_OPTIONS, some)
        s.sendto(bytes(i * 7 & 0xFF for i in range(4000)), (there, int(port)))


def identified(here, there, port):
    for sort in range(6):
        for connected in False, True:
            s = udp(here)
            s.setsockopt(IP, IP_MTU_DISCOVER, sort)
            if connected:
                s.connect((there, int(port)))
            for _ in range(3):
                text = b"sort %d connected %d" % (sort, connected)
                if connected:
                    s.send(text)
                else:
                    s.sendto(text, (there, int(port)))


def fragsize(here, port, count):
    s = udp(here, int(port))
    s.settimeout(20)
    s.setsockopt(IP, IP_RECVFRAGSIZE, 1)
    print("ready", s.getsockopt(IP, IP_RECVFRAGSIZE), flush=True)
    for _ in range(int(count)):
        data, anc, _, _ = s.recvmsg(70000, 100)
        print(len(data), [(level, kind, struct.unpack("i", value)[0]) for level, kind, value in anc])


def waiting(s):
    return struct.unpack("i", fcntl.ioctl(s, SIOCINQ, bytes(4)))[0]


def readable(s):
    return bool(select.select([s], [], [], 0)[0])


def sums(here, port):
    s, turn = udp(here, int(port)), udp(here, int(port) + 1)

    def asked(name):
        s.setblocking(False)
        result = name, readable(s), said(s.recv, 2000)
        s.setblocking(True)
        return result

    steps = (
        lambda: ("poll", readable(s), waiting(s)),
        lambda: ("octets", waiting(s), said(s.recv, 2000, NOWAIT)),
        lambda: ("octets", waiting(s), said(s.recv, 2000, NOWAIT)),
        lambda: ("peek", said(s.recv, 2000, PEEK | NOWAIT), said(s.recv, 2000, NOWAIT)),
        lambda: ("peek", said(s.recv, 2000, PEEK), s.recv(10, PEEK).hex(), s.recv(2000)[:10].hex()),
        lambda: asked("not blocking"),
        lambda: ("in part", said(s.recv, 10), said(s.recv, 10, NOWAIT)),
        lambda: ("whole", said(s.recv, 2000), said(s.recv, 10, NOWAIT)),
        lambda: ("short", said(s.recv, 2000), said(s.recv, 10, NOWAIT)),
    )
    print("ready", flush=True)
    for step in steps:
        peer = turn.recvfrom(100)[1]
        print(*step())
        turn.sendto(b"next", peer)


globals()[sys.argv[1]](*sys.argv[2:])
