#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A TCP peer played by hand: one segment at a time, any option, any number.

peer.py DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENARIO [ARGUMENT...]
A scenario is a function below; it prints "ok", or fails by an exception.
"""
import _md5		# hashlib looks for OpenSSL's
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ip"))
# pylint: disable=wrong-import-position
from frames import Wire, addr, csum, icmp, ipv4

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
        head = head[:12] + bytes([(20 + len(options)) // 4 << 4]) + head[13:]
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


# --- Fast Open ---------------------------------------------------------------

def siphash(key, data):
    """SipHash-2-4 (Aumasson, Bernstein 2012)."""
    mask = (1 << 64) - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rot(x, n):
        return (x << n | x >> 64 - n) & mask

    def rounds(n):
        for _ in range(n):
            v[0] = v[0] + v[1] & mask
            v[1] = rot(v[1], 13) ^ v[0]
            v[0] = rot(v[0], 32)
            v[2] = v[2] + v[3] & mask
            v[3] = rot(v[3], 16) ^ v[2]
            v[0] = v[0] + v[3] & mask
            v[3] = rot(v[3], 21) ^ v[0]
            v[2] = v[2] + v[1] & mask
            v[1] = rot(v[1], 17) ^ v[2]
            v[2] = rot(v[2], 32)

    tail = data[len(data) & ~7:]
    blocks = [data[i:i + 8] for i in range(0, len(data) & ~7, 8)]
    for b in blocks + [tail + b"\0" * (7 - len(tail)) + bytes([len(data) & 255])]:
        m = struct.unpack("<Q", b)[0]
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xff
    rounds(4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def words(key):
    """The octets of a key's text: each word is little endian."""
    return b"".join(struct.pack("<I", int(key[i:i + 8], 16)) for i in range(0, 32, 8))


def cookie_by_key(w, key, linux):
    """The cookie is SipHash of both addresses; Linux gave LINUX to the other side."""
    key = words(key)
    want = siphash(key, addr(w.peer) + addr(w.ip)).hex()
    assert linux == want, f"Linux's is {linux}, expected {want}"
    c = Conn(w, 7000, 42000)
    c.send(SYN, options=mss() + b"\x22\x02")
    s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
    want = siphash(key, addr(w.ip) + addr(w.peer))
    assert s.opt.get(34) == want, f"{s}, expected {want.hex()}"
    c.send(RST, seq=c.seq + 1)
    c = Conn(w, 7000, 42001)
    c.send(SYN, b"text", options=mss() + b"\x22\x0a" + want)
    s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
    assert s.ack == c.seq + 5, s
    s = c.wait("answer before the third segment", lambda s: s.data == b"TEXT")
    c.send(RST, seq=c.seq + 5)
    # The shape of the option from before it had a number.
    c = Conn(w, 7000, 42002)
    c.send(SYN, b"text", options=mss() + b"\xfe\x0c\xf9\x89" + want)
    s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
    assert s.ack == c.seq + 5, s
    c.send(RST, seq=c.seq + 5)


class Listener:
    """Takes one SYN to PORT, and answers it as told."""

    def __init__(self, w, port):
        p = w.wait(f"SYN to {port}", lambda p: p.proto == 6 and
                   struct.unpack("!H", p.payload[2:4])[0] == port and p.payload[13] == SYN, 15)
        self.syn = Seg(p)
        self.c = Conn(w, self.syn.sport, port)
        self.c.ack = self.syn.seq + 1 & WRAP

    def answer(self, data=b"", taken=0, options=b""):
        c = self.c
        c.ack = c.ack + taken & WRAP
        c.send(SYN | ACK, data, options=mss() + options)
        c.seq = c.seq + 1 + len(data) & WRAP
        return c


COOKIE = bytes(range(1, 9))


def odd_servers(w):
    # A cookie is asked for, and given.
    n = Listener(w, 7200)
    assert n.syn.opt.get(34) == b"" and not n.syn.data, n.syn
    c = n.answer(options=b"\x22\x0a" + COOKIE)
    c.wait("third segment", lambda s: s.flags & ACK)
    c.send(RST)
    # All is taken, and the answer comes in the SYN-ACK.
    n = Listener(w, 7201)
    assert n.syn.opt.get(34) == COOKIE and n.syn.data == b"request", n.syn
    c = n.answer(b"synack-data", taken=7)
    s = c.wait("third segment", lambda s: s.flags & ACK and s.ack == c.seq & WRAP)
    assert s.seq == c.ack and not s.data, s
    # Not before the client has read: sendto() waits for the handshake, and would tell of the RST.
    c.wait("FIN", lambda s: s.flags & FIN)
    c.send(RST)
    # Only the SYN is taken: the text comes again at once.
    n = Listener(w, 7202)
    assert n.syn.opt.get(34) == COOKIE and n.syn.data == b"request", n.syn
    c = n.answer()
    s = c.wait("text", lambda s: s.data == b"request")
    assert s.seq == c.ack, s
    c.ack = c.ack + 7 & WRAP
    c.send(ACK | PSH, b"plain")
    # Nobody answers: the next SYN is plain, the text comes after the handshake.
    n = Listener(w, 7203)
    assert n.syn.data == b"request", n.syn
    n = Listener(w, 7203)
    assert not n.syn.data and 34 not in n.syn.opt, n.syn
    c = n.answer()
    c.wait("text", lambda s: s.data == b"request")
    c.ack = c.ack + 7 & WRAP
    c.send(ACK | PSH, b"repeated")
    c.wait("ACK", lambda s: s.flags & ACK and s.ack == c.seq + 8 & WRAP)


def rst_ahead(w):
    """A RST ahead of sequence to who asked for a cookie: the next SYN does not ask."""
    n = Listener(w, 7000)
    assert n.syn.opt.get(34) == b"", n.syn
    c = n.answer(options=b"\x22\x0a" + COOKIE)
    c.wait("third segment", lambda s: s.flags & ACK)
    c.send(RST, seq=c.seq + 10)
    s = c.wait("challenge ACK", lambda s: s.flags == ACK and not s.data)
    assert s.ack == c.seq & WRAP, s
    c.send(RST)
    n = Listener(w, 7000)
    assert 34 not in n.syn.opt and not n.syn.data, n.syn
    n.c.send(RST | ACK)


def bound(w):
    """Text without a cookie is taken: four times, no more, while nobody has proved to be there."""
    took = []
    for i in range(8):
        c = Conn(w, 7000, 43000 + i)
        c.send(SYN, b"text", options=mss())
        s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
        took.append(s.ack - c.seq & WRAP)
    assert took == [5] * 4 + [1] * 4, took
    # A RST ends one; its place stays taken for a minute.
    c = Conn(w, 7000, 43000)
    c.send(RST, seq=c.seq + 5)
    w.until_echo()
    c = Conn(w, 7000, 43100)
    c.send(SYN, b"text", options=mss())
    s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
    assert s.ack - c.seq & WRAP == 1, s


def unreachable(w):
    """Text in the SYN is taken; then a host says that we cannot be reached."""
    c = Conn(w, 7000)
    c.send(SYN, b"text", options=mss())
    s = c.wait("SYN-ACK", lambda s: s.flags & SYN)
    assert s.ack - c.seq & WRAP == 5, s
    quoted = segment(w.peer, w.ip, 7000, c.ours, s.seq, s.ack, SYN | ACK)
    w.send_ip(ipv4(w.ip, w.peer, 1, icmp(3, 1, 0, ipv4(w.peer, w.ip, 6, quoted))))
    c.all_until_echo()


# --- TCP-MD5 -----------------------------------------------------------------

def signer(w, key):
    """For Conn: puts the option (no-operation twice, 19, 18, digest) before the others."""
    def sign(head, options, data):
        size = 20 + 20 + len(options)
        head = head[:12] + bytes([size // 4 << 4]) + head[13:]
        pseudo = addr(w.ip) + addr(w.peer) + struct.pack("!BBH", 0, 6, size + len(data))
        digest = _md5.md5(pseudo + head[:16] + b"\0\0" + head[18:] + data + key).digest()
        return b"\x01\x01\x13\x12" + digest + options
    return sign


def unsigned(_head, options, _data):
    return options


def signed(w, s, key):
    """Is the segment signed with KEY?"""
    pseudo = addr(w.peer) + addr(w.ip) + struct.pack("!BBH", 0, 6, 20 + len(s.raw_options) + len(s.data))
    head = s.head[:16] + b"\0\0" + s.head[18:]
    return s.opt.get(19) == _md5.md5(pseudo + head + s.data + key).digest()


def md5(w, key):
    key = key.encode()
    good = signer(w, key)
    # An unsigned SYN is not answered, a signed one is, signed.
    Conn(w, 7000, 44000).send(SYN, options=mss())
    w.none("answer to an unsigned SYN", lambda p: p.proto == 6)
    c = Conn(w, 7000, 44001, good)
    s = c.connect(mss() + b"\4\2\1\1")
    assert signed(w, s, key), s
    assert 8 not in s.opt and 4 in s.opt, s
    alive(c)
    for sign in (unsigned, signer(w, b"wrong")):
        c.send(RST, sign=sign)
        c.send(RST | ACK, sign=sign)
        c.send(ACK | PSH, b"forged", sign=sign)
        c.send(ACK | FIN, sign=sign)
        w.none("answer to what is not signed", c.mine)
    alive(c)
    # A hole: the ACK tells of it within what room a signature leaves.
    for i in range(4):
        c.send(ACK, b"x" * 10, seq=c.seq + 20 + 20 * i)
    s = c.all_until_echo()[-1]
    assert signed(w, s, key) and len(s.opt[5]) == 16, s
    # A signed RST ends it.
    c.send(RST, seq=c.seq)
    w.until_echo()
    c.send(ACK)
    s = c.wait("RST of a port where nobody is any more", lambda s: s.flags & RST)
    assert signed(w, s, key), s


def md5_third_segment(w, key):
    """Neither a third segment without a signature opens the connection, nor one that acknowledges nothing of it."""
    key = key.encode()
    c = Conn(w, 7000, 44100, signer(w, key))
    c.send(SYN, options=mss())
    s = c.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
    c.seq, c.ack = c.seq + 1 & WRAP, s.seq + 1 & WRAP
    c.send(ACK | PSH, b"forge", sign=unsigned)
    c.send(ACK, sign=unsigned)
    c.send(RST, sign=unsigned)
    w.none("answer to what is not signed", c.mine)
    c.send(ACK, ack=c.ack + 7)
    s = c.wait("RST", lambda s: s.flags & RST)
    assert s.seq == c.ack + 7 & WRAP and signed(w, s, key), s
    alive(c)


def md5_active(w, key):
    """A client with a key; then, as it has closed first, its TIME-WAIT."""
    key = key.encode()
    n = Listener(w, 7000)
    assert signed(w, n.syn, key), n.syn
    c = n.c
    c.sign = signer(w, key)
    c.send(SYN | ACK, ack=n.syn.seq + 9, options=mss(), sign=unsigned)
    w.none("answer to what is not signed", lambda p: c.mine(p) and Seg(p).flags != SYN)
    c.send(SYN | ACK, ack=n.syn.seq + 9, options=mss())
    s = c.wait("RST for an ACK of what was not sent", lambda s: s.flags & RST)
    assert s.flags == RST and s.seq == n.syn.seq + 9 & WRAP and signed(w, s, key), s
    c = n.answer()
    s = c.wait("text", lambda s: s.data)
    c.ack = c.ack + len(s.data) & WRAP
    c.send(ACK | PSH, s.data)
    c.seq = c.seq + len(s.data) & WRAP
    c.wait("FIN", lambda s: s.flags & FIN)
    c.ack = c.ack + 1 & WRAP
    for again in range(2):
        c.send(ACK | FIN)
        s = c.wait("ACK of a FIN", lambda s: s.ack == c.seq + 1 & WRAP)
        assert s.flags == ACK and s.seq == c.ack and signed(w, s, key), (again, s)


if __name__ == "__main__":
    globals()[sys.argv[6]](Wire(*sys.argv[1:6]), *sys.argv[7:])
    print("ok")
