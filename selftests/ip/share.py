#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Programs of share.sh: both stacks in one process, on one address.

	share.py serve			echoes on both stacks, TCP and UDP: LINUX and PLUMB below
	share.py ask ADDR		talks to all of that at once, from elsewhere
	share.py call ADDR PORT		a connection from Plumb, echoed
	share.py ports			EADDRINUSE, both ways
	share.py unreach ADDR		whose port unreachable is it?
	share.py taken ADDR		Linux's connection from a port that is a listener's of ours since
	share.py raw NEAR FAR		errors about a raw socket's packets: no such protocol, a router's
	share.py errors FROM TO		ICMP errors about what Linux sent, and about what nobody did; how many
	share.py tun DEV		both stacks behind a device without link-layer header
	share.py keep PORT		Plumb's listener, connection and datagram socket until killed
"""
import errno
import fcntl
import os
import selectors
import socket
import struct
import sys

from frames import csum

LINUX, PLUMB = 7001, 7002
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
ANY = "0.0.0.0"
with open("/sys/module/plumb/parameters/family", encoding="ascii") as parameter:
    FAMILY = {"linux": socket.AF_INET, "plumb": int(parameter.read())}


def sock(stack, kind, reuse=False, port=None, addr=ANY):
    """A socket of a stack, perhaps bound. Python knows no other family's addresses."""
    s = socket.socket(socket.AF_INET, kind,
                      fileno=socket.socket(FAMILY[stack], kind).detach())
    s.settimeout(20)
    if reuse:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port is not None:
        s.bind((addr, port))
    return s


def listener(stack, port, addr=ANY, reuse=True):
    s = sock(stack, TCP, reuse, port, addr)
    s.listen()
    return s


def expect(what, want, saw):
    if want != saw:
        sys.exit(f"{what}: expected {want!r}, saw {saw!r}")


def serve():
    sel = selectors.DefaultSelector()
    for stack, port in (("linux", LINUX), ("plumb", PLUMB)):
        sel.register(listener(stack, port), selectors.EVENT_READ, "accept")
        sel.register(sock(stack, UDP, port=port), selectors.EVENT_READ, "datagram")
    while True:
        for key, _ in sel.select():
            s = key.fileobj
            if key.data == "accept":
                sel.register(s.accept()[0], selectors.EVENT_READ, "stream")
            elif key.data == "datagram":
                s.sendto(*s.recvfrom(65536))
            else:
                data = s.recv(65536)
                if data:
                    s.sendall(data)
                else:
                    sel.unregister(s)
                    s.close()


def receive(s, size):
    got = b""
    while len(got) < size:
        data = s.recv(65536)
        if not data:
            break
        got += data
    return got


def echo_stream(s, data, what):
    for at in range(0, len(data), 16384):
        s.sendall(data[at:at + 16384])
        expect(what, data[at:at + 16384], receive(s, len(data[at:at + 16384])))


def ask(addr):
    data = os.urandom(65536)
    streams = [socket.create_connection((addr, p), 20) for p in (LINUX, PLUMB)]
    datagrams = [socket.socket(socket.AF_INET, UDP) for _ in streams]
    for s, port in zip(datagrams, (LINUX, PLUMB)):
        s.settimeout(20)
        s.connect((addr, port))
    # By turns, with fragments among them.
    for size in (1, 1400, 6000, 1472, 20000):
        for s, d, name in zip(streams, datagrams, ("Linux", "Plumb")):
            echo_stream(s, data[:size], f"{name}'s stream")
            d.send(data[:size])
            expect(f"{name}'s datagram of {size}", data[:size], d.recv(65536))
    for s in streams:
        s.shutdown(socket.SHUT_WR)
        expect("the end", b"", s.recv(1))


def call(addr, port):
    s = sock("plumb", TCP)
    s.connect((addr, port))
    echo_stream(s, os.urandom(50000), "the echo")
    expect("range of the port", True, s.getsockname()[1] >= 61000)
    d = sock("plumb", UDP)
    d.sendto(b"x" * 5000, (addr, port))
    expect("the datagram", b"x" * 5000, d.recv(65536))


def refused(what, fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except OSError as e:
        expect(what, errno.errorcode[errno.EADDRINUSE], errno.errorcode[e.errno])
        return
    sys.exit(f"{what}: expected EADDRINUSE, saw it bound")


def ports_of(one, other, addr):
    """What @one has bound, @other is refused, and gets when it is closed."""
    for kind in (TCP, UDP):
        what = f"{'TCP' if kind == TCP else 'UDP'}, {one} first"
        with sock(one, kind, port=7100):
            refused(what, sock, other, kind, port=7100)
            refused(f"{what}, one address", sock, other, kind, port=7100, addr=addr)
            refused(f"{what}, SO_REUSEADDR of one alone", sock, other, kind, True, 7100)
        sock(other, kind, port=7100).close()
        with sock(one, kind, port=7100, addr=addr):
            refused(f"{what}, on one address", sock, other, kind, port=7100)
        sock(other, kind, port=7100).close()
    # As two sockets of one stack: both may be bound, one may listen.
    with sock(one, TCP, True, 7101) as first, sock(other, TCP, True, 7101) as second:
        first.listen()
        refused(f"{one} listens", second.listen)
    with listener(one, 7102):
        refused(f"{one} listened first", sock, other, TCP, True, 7102)
    listener(other, 7102).close()
    # A port of the system's choice is one that the other does not give away.
    with sock(one, UDP, port=0) as s:
        refused(f"{one} chose", sock, other, UDP, port=s.getsockname()[1])


def ports(addr):
    ports_of("plumb", "linux", addr)
    ports_of("linux", "plumb", addr)
    # Two sockets of ours that share a port share what is held for it.
    with sock("plumb", UDP, True, 7103), sock("plumb", UDP, True, 7103):
        refused("shared by ours", sock, "linux", UDP, port=7103)
    sock("linux", UDP, port=7103).close()


def unreach(addr):
    for stack in ("linux", "plumb"):
        s = sock(stack, UDP)
        s.connect((addr, 9))
        s.send(b"is anybody there?")
        try:
            s.recv(1)
            sys.exit("an answer")
        except ConnectionRefusedError:
            pass
        t = sock(stack, TCP)
        try:
            t.connect((addr, 9))
            sys.exit("a connection")
        except ConnectionRefusedError:
            pass


def taken(addr):
    s = sock("linux", TCP, True, 7106)
    s.connect((addr, LINUX))
    with listener("plumb", 7106):
        echo_stream(s, os.urandom(5000), "Linux's stream")
    # Nor can we connect as it has.
    t = sock("plumb", TCP, True, 7106)
    try:
        t.connect((addr, LINUX))
        sys.exit("connected twice")
    except OSError as e:
        expect("the pair", errno.EADDRNOTAVAIL, e.errno)
    echo_stream(s, os.urandom(5000), "Linux's stream")


def datagram(src, dst, sport, dport, data):
    udp = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                     socket.inet_aton(src), socket.inet_aton(dst))
    return ip[:10] + struct.pack("!H", csum(ip)) + ip[12:] + udp


def raw_error(stack, proto, message, to, ttl):
    """What the error queue of a raw socket says of what it has sent."""
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, proto,
                      fileno=socket.socket(FAMILY[stack], socket.SOCK_RAW, proto).detach())
    s.settimeout(10)
    s.setsockopt(socket.IPPROTO_IP, 11, 1)	# IP_RECVERR
    s.setsockopt(socket.IPPROTO_IP, 2, ttl)	# IP_TTL
    s.sendto(message, (to, 0))
    try:
        s.recv(100)
        sys.exit("an answer")
    except TimeoutError:
        sys.exit(f"{stack} heard nothing about protocol {proto}")
    except OSError as e:
        number = e.errno
    data, anc, _, _ = s.recvmsg(2000, 200, socket.MSG_ERRQUEUE)
    return number, data, struct.unpack_from("IBBBB", anc[0][2])


def raw(near, far):
    echo = struct.pack("!BBHHH", 8, 0, 0, 0x7777, 1)
    echo = echo[:2] + struct.pack("!H", csum(echo)) + echo[4:]
    for proto, message, to, ttl in ((253, b"whoever it is", near, 64), (socket.IPPROTO_ICMP, echo, far, 1)):
        linux = raw_error("linux", proto, message, to, ttl)
        expect(f"the error about protocol {proto}", linux, raw_error("plumb", proto, message, to, ttl))
        expect("whose packet it was", message, linux[1])
        print(*linux)


def errors(here, there):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)

    def ip(proto, payload, src=there, frag=0):
        h = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, frag, 64, proto, 0,
                        socket.inet_aton(src), socket.inet_aton(here))
        return h[:10] + struct.pack("!H", csum(h)) + h[12:] + payload

    request = struct.pack("!BBHHH", 8, 0, 0, 0x7777, 1)
    quoted = (
        ip(1, request),			# an echo request of nobody's
        ip(1, b"\0" + request[1:]),	# an answer to one: only Linux gives them
        ip(1, b"\x0d" + request[1:]),	# a timestamp's
        ip(1, request[:6]),
        ip(17, struct.pack("!HHHH", LINUX, 9, 8, 0)),
        ip(6, struct.pack("!HHII", LINUX, 9, 1, 0) + bytes(8)),
        ip(253, bytes(8)),		# a protocol that Plumb does not have
        ip(17, struct.pack("!HHHH", PLUMB, 9, 8, 0), frag=7),
        ip(17, struct.pack("!HHHH", PLUMB, 9, 8, 0), src="10.0.0.77"),
        ip(17, bytes(8))[:12],
        b"\x44" + ip(17, bytes(8))[1:],
    )
    for quote in quoted:
        message = struct.pack("!BBHI", 3, 1, 0, 0) + quote
        s.sendto(message[:2] + struct.pack("!H", csum(message)) + message[4:], (there, 0))
    print(len(quoted))


def tun(dev):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", dev.encode(), 0x1001))
    socks = {stack: sock(stack, UDP, port=port)
             for stack, port in (("linux", LINUX), ("plumb", PLUMB))}
    for stack, port in (("linux", LINUX), ("plumb", PLUMB)):
        text = f"for {stack}".encode()
        os.write(fd, datagram("10.8.0.9", "10.8.0.1", 5000, port, text))
        got, peer = socks[stack].recvfrom(100)
        expect(f"what {stack} got", (text, ("10.8.0.9", 5000)), (got, peer))
        socks[stack].sendto(b"back", peer)
        while True:
            packet = os.read(fd, 2000)
            if packet[0] == 0x45 and packet[9] == 17:
                break
        expect(f"what {stack} sent", struct.pack("!HH", port, 5000) + b"back",
               packet[20:24] + packet[28:])


def keep(port):
    socks = [listener("plumb", port), sock("plumb", UDP, port=port)]
    for s in socks:
        s.settimeout(None)
    conn = socks[0].accept()[0]
    # It ends without anybody to talk to.
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socks[1].recv(1)


def main():
    name, *args = sys.argv[1:]
    {"serve": serve, "ask": ask, "call": lambda a, p: call(a, int(p)), "ports": ports, "taken": taken,
     "unreach": unreach, "raw": raw, "errors": errors, "tun": tun, "keep": lambda p: keep(int(p))}[name](*args)


main()
