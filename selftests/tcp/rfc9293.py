#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Clauses of RFC 9293 that the kernel side keeps: programs, and a peer played by hand.

rfc9293.py SCENE ARGUMENT...: a function below, on a socket of whatever stack it runs on.
rfc9293.py wire DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENE: a function wire_..., by hand.
A scene fails by an exception."""
import errno
import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ip"))
from frames import BROADCAST, ETH_IP, Wire, addr, csum, icmp, ipv4  # noqa: E402

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
PORT = 7777


def tcp(src, dst, sport, dport, flags, seq, ack=0, body=b"", options=b"", window=30000):
    seg = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                      (5 + len(options) // 4) << 4, flags, window, 0, 0) + options + body
    check = csum(addr(src) + addr(dst) + struct.pack("!BBH", 0, 6, len(seg)) + seg)
    return seg[:16] + struct.pack("!H", check) + seg[18:]


class Seg:
    """A TCP segment that came in."""

    def __init__(self, p):
        self.ip = p
        d = p.payload
        self.sport, self.dport, self.seq, self.ack, off, self.flags = struct.unpack("!HHIIBB", d[:14])
        self.body = d[(off >> 4) * 4:]
        self.window = struct.unpack("!H", d[14:16])[0]


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


class Stranger:
    """The end of one connection, by hand, whose server is listen_once()."""

    def __init__(self, w, window=30000, ttl=64):
        self.w, self.sport, self.window, self.seq = w, random.randrange(20000, 60000), window, 1000
        self.send(SYN, options=b"\2\4\5\xb4")
        s = self.segment("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
        self.seq = 1001
        self.ack = self.heard = s.seq + 1
        self.send(ACK, ttl=ttl)

    def send(self, flags, body=b"", ttl=64, options=b"", tos=0):
        ack = self.ack if flags & ACK else 0
        self.w.send_ip(ipv4(self.w.ip, self.w.peer, 6, tcp(
            self.w.ip, self.w.peer, self.sport, PORT, flags, self.seq, ack, body, options, self.window), ttl=ttl, tos=tos))

    def segment(self, what, match):
        s = segment(self.w, what, lambda s: s.dport == self.sport and match(s))
        self.heard = s.seq + len(s.body)
        return s

    def text(self, body):
        """Acknowledges what was heard, and is answered by one octet, which stays in flight."""
        self.ack = self.heard
        self.send(ACK | PSH, body)
        self.seq += len(body)
        return self.segment(f"answer to {body}", lambda s: s.body == b"." and s.ack == self.seq)

    def error(self, kind, code, rest=0, total=60, ttl=64):
        """An ICMP error about what is in flight; when the program no longer holds its socket to send that, and
        before it goes again."""
        time.sleep(0.1)
        quote = ipv4(self.w.peer, self.w.ip, 6, tcp(self.w.peer, self.w.ip, PORT, self.sport, ACK, self.ack,
                                                    self.seq)[:8], total=total, frag=0x4000, ttl=ttl)
        self.w.send_ip(ipv4(self.w.ip, self.w.peer, 1, icmp(kind, code, rest, quote)))


def wire_recverr(w):
    s = Stranger(w)
    s.segment("text", lambda s: s.body)
    for kind, code in (3, 0), (3, 1), (3, 3), (3, 13), (11, 0), (12, 0), (4, 0):
        s.error(kind, code)
        s.text(b"type %d code %d" % (kind, code))
    s.error(3, 4, 1400)
    s.text(b"too large, though it was not")
    s.error(3, 4, 1400, 1500)
    s.text(b"too large")


def wire_min_ttl(w):
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4700, PORT, SYN, 1), ttl=59))
    w.none("answer to a SYN from afar", is_tcp)
    s = Stranger(w, ttl=59)
    s.segment("text", lambda s: s.body)
    s.send(ACK | PSH, b"from afar", ttl=59)
    w.none("answer to text from afar", lambda p: is_tcp(p) and Seg(p).ack != s.seq)
    s.text(b"from near")
    s.error(3, 1, ttl=59)
    s.text(b"of what is far")
    s.error(3, 1, ttl=60)
    s.text(b"of what is near")


def wire_answers(w):
    """What answers: a listener, TIME-WAIT's record, a port of nobody; with which TOS?"""
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4800, PORT, ACK, 1, 1), tos=0x20))
    print("listener", segment(w, "RST", lambda s: s.dport == 4800 and s.flags & RST).ip.tos)
    s = Stranger(w)
    s.segment("FIN", lambda s: s.flags & FIN)
    s.ack += 1
    s.send(FIN | ACK)
    s.seq += 1
    s.segment("ACK of the FIN", lambda a: a.ack == s.seq)
    # When close() no longer holds the socket: what Linux hears before it has made the record it drops.
    time.sleep(0.1)
    s.send(ACK, b"after the end", tos=0x20)
    print("TIME-WAIT", s.segment("ACK", lambda a: a.ack == s.seq).ip.tos)
    w.send_ip(ipv4(w.ip, w.peer, 6, tcp(w.ip, w.peer, 4801, 9, SYN, 1), tos=0x20))
    print("nobody", segment(w, "RST", lambda s: s.dport == 4801 and s.flags & RST).ip.tos)


def wire_window(w):
    """The window when more has been read than can be taken back of the first one. (Linux 6.12 forgets of the
    setting when segments are longer than 536 octets.)"""
    s = Stranger(w)
    for _ in range(45):
        s.send(ACK, bytes(536))
        s.seq += 536
    s.segment("answer", lambda a: a.body and a.ack == s.seq)
    print(s.text(b"more").window)


def wire_records(w, written):
    """A narrow window cuts what is written; when it opens, is there a segment that begins behind the record?"""
    s = Stranger(w, 1000)
    first = s.segment("text", lambda s: s.body)
    while not os.path.exists(written):
        time.sleep(0.02)
    print("octets of the first segment", len(first.body))
    begins, n, s.window = [], len(first.body), 30000
    s.ack += n
    s.send(ACK)
    while n < 2 * 1460 + 800:
        more = s.segment("more", lambda a: a.body and a.seq == s.ack)
        begins.append(n)
        n += len(more.body)
        s.ack += len(more.body)
        s.send(ACK)
    print("octets", n, "a segment behind the record", 2 * 1460 + 500 in begins)


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
    """Echoes on PORT of each address, or device ("%eth0"); the first answer names who listens."""
    listeners = []
    for a in addresses or ("",):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        a, _, dev = a.partition("%")
        if dev or any("%" in other for other in addresses):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if dev:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())
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
        try:
            s = socket.create_connection((a, PORT), 10)
            out.append(s.recv(100).decode())
        except ConnectionRefusedError:
            out.append("refused")
    print(" ".join(out))


def listen_once(address, *options):
    l = socket.socket()
    options += (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), (socket.SOL_TCP, socket.TCP_NODELAY, 1)
    for level, name, value in options:
        l.setsockopt(level, name, value)
    l.bind((address, PORT))
    l.listen(5)
    return l.accept()[0]


def reads(c):
    """Each text, and which error has come before it; it is answered."""
    p = select.poll()
    p.register(c, select.POLLIN)
    while True:
        while not p.poll()[0][1] & select.POLLIN:
            time.sleep(0.01)
        text = c.recv(100)
        if not text:
            return
        e = c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        print(text.decode(), "-", errno.errorcode[e] if e else "no error", flush=True)
        try:
            text, control, *_ = c.recvmsg(100, 512, socket.MSG_ERRQUEUE)
            print("queued", len(text), [struct.unpack("IBBB", data[:7]) for _, _, data in control], flush=True)
        except BlockingIOError:
            pass
        c.sendall(b".")


IP_RECVERR, IP_MINTTL = 11, 21
SO_PRIORITY, SO_MARK = 12, 36


def recverr(address):
    """Reads from a connection with IP_RECVERR."""
    c = listen_once(address, (socket.SOL_IP, IP_RECVERR, 1))
    c.sendall(b"in flight")
    reads(c)


def min_ttl(address):
    """The same, of peers that are near."""
    c = listen_once(address, (socket.SOL_IP, IP_MINTTL, 60), (socket.SOL_IP, IP_RECVERR, 1))
    print("inherited", c.getsockopt(socket.SOL_IP, IP_MINTTL))
    c.sendall(b"in flight")
    reads(c)


def answers(address):
    """Closes first."""
    c = listen_once(address, (socket.SOL_IP, socket.IP_TOS, 0x40), (socket.SOL_SOCKET, SO_PRIORITY, 3),
                    (socket.SOL_SOCKET, SO_MARK, 5))
    c.setsockopt(socket.SOL_SOCKET, SO_PRIORITY, 3)	# which is not inherited
    c.close()
    time.sleep(100)


def window(address):
    c = listen_once(address, (socket.SOL_SOCKET, socket.SO_RCVBUF, 32768))
    for n in 45 * 536, 4:
        c.recv(n, socket.MSG_WAITALL)
        c.sendall(b".")
    time.sleep(100)


def records(address, written):
    """Two segments' worth, a record's end behind 500 octets more, and 300."""
    c = listen_once(address)
    c.sendall(bytes(2 * 1460))
    c.sendall(bytes(500), socket.MSG_EOR)
    c.sendall(bytes(300))
    with open(written, "w", encoding="ascii"):
        pass
    time.sleep(100)


def tos_server(address):
    """Tells each who connects the TOS of the connection."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, PORT))
    s.listen(5)
    while True:
        c, _ = s.accept()
        c.sendall(b"TOS %d" % c.getsockopt(socket.SOL_IP, socket.IP_TOS))
        c.close()


def tos_client(*addresses):
    for a in addresses:
        s = socket.socket()
        s.setsockopt(socket.SOL_IP, socket.IP_TOS, 0x48)
        s.connect((a, PORT))
        print(s.recv(100).decode())
        # The server's end has closed, so that it is TIME-WAIT's record that answers our FIN.
        s.setsockopt(socket.SOL_TCP, socket.TCP_QUICKACK, 1)
        s.recv(1)
        s.close()


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
        return globals()["wire_" + sys.argv[7]](Wire(*sys.argv[2:7]), *sys.argv[8:])
    return globals()[sys.argv[1]](*sys.argv[2:])


main()
