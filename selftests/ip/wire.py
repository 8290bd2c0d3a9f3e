#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One end of a cable played by hand: what does Plumb answer to just this frame?

wire.py DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENARIO [ARGUMENT...]
A scenario is a function below; it fails by an exception. That something is NOT answered is shown by an
echo request sent after it, whose answer comes first.
"""
import random
import struct
import sys

from frames import (BROADCAST, ETH_ARP, ETH_IP, Wire, addr, arp, csum, echo, icmp, ipv4, mac, udp)

rng = random.Random(7)
OTHER_MAC = mac("02:00:00:00:00:77")
DF, MF = 0x4000, 0x2000


# --- ARP ---------------------------------------------------------------------

def ask(w, tpa, dst=BROADCAST, spa=None):
    w.send(ETH_ARP, arp(1, w.me, spa or w.ip, bytes(6), tpa), dst)


def arp_reply(w):
    """A request for Plumb's address, to all or to it alone, is answered to the asker alone."""
    for dst in (BROADCAST, w.peer_mac):
        ask(w, w.peer, dst)
        p = w.wait("reply", lambda p: p.op == 2)
        assert (p.spa, p.sha, p.tpa, p.tha) == (w.peer, w.peer_mac, w.ip, w.me), p
        assert (p.src, p.dst) == (w.peer_mac, w.me), p
        w.none("second reply", lambda p: p.op == 2)


def arp_probe(w):
    """RFC 5227 2.1.1: a probe (sender 0.0.0.0) for its address is answered, and nothing learnt of it."""
    ask(w, w.peer, spa="0.0.0.0")
    p = w.wait("reply", lambda p: p.op == 2)
    assert (p.spa, p.tpa) == (w.peer, "0.0.0.0"), p


def arp_silent(w):
    """Requests for others, and messages that are not right, get no answer."""
    good = arp(1, w.me, w.ip, bytes(6), w.peer)
    ask(w, "10.0.0.77")
    ask(w, "127.0.0.1")
    ask(w, "10.0.0.255")
    ask(w, "255.255.255.255")
    for bad in (good[:20], good[:27],                           # short
                b"\0\x07" + good[2:], good[:2] + b"\x86\xdd" + good[4:],  # hardware, protocol
                good[:4] + b"\x08" + good[5:], good[:5] + b"\x10" + good[6:],  # lengths
                good[:6] + b"\0\x03" + good[8:], good[:6] + b"\0\0" + good[8:]):  # operation
        w.send(ETH_ARP, bad, BROADCAST)
    w.send(ETH_ARP, arp(1, BROADCAST, w.ip, bytes(6), w.peer), BROADCAST)  # a group as sender
    w.send(ETH_ARP, arp(1, bytes(6), w.ip, bytes(6), w.peer), BROADCAST)   # nobody as sender
    w.send(ETH_ARP, good, OTHER_MAC)                             # not for this host
    w.none("reply", lambda p: p.op == 2)


def arp_defend(w):
    """RFC 5227 2.4 (c): who claims our address is contradicted, once in ten seconds."""
    claim = arp(1, OTHER_MAC, w.peer, bytes(6), w.peer)
    w.send(ETH_ARP, claim, BROADCAST)
    p = w.wait("defence", lambda p: p.op == 1 and p.spa == w.peer and p.tpa == w.peer)
    assert p.sha == w.peer_mac and p.dst == BROADCAST, p
    for _ in range(20):
        w.send(ETH_ARP, claim, BROADCAST)
    w.none("second defence", lambda p: p.spa == w.peer and p.tpa == w.peer)


def arp_gratuitous(w, count=20):
    """Unasked: replies and announcements of strangers make no entries (the caller looks)."""
    for i in range(int(count)):
        ip = f"10.0.0.{100 + i}"
        w.send(ETH_ARP, arp(2, OTHER_MAC, ip, w.peer_mac, w.peer))
        w.send(ETH_ARP, arp(1, OTHER_MAC, ip, bytes(6), ip), BROADCAST)
        w.send(ETH_ARP, arp(2, OTHER_MAC, ip, BROADCAST, ip), BROADCAST)
        w.send(ETH_ARP, arp(1, OTHER_MAC, "8.8.8.8", bytes(6), w.peer))  # off the link
    w.until_echo()


def arp_own_echo(w):
    """What it said itself comes back, as from a bridge with a loop: no answer to that, and no defence."""
    for tpa in (w.peer, w.ip, "10.0.0.77"):
        for op in (1, 2):
            w.send(ETH_ARP, arp(op, w.peer_mac, w.peer, bytes(6), tpa), BROADCAST)
    w.none("answer", lambda p: p.op == 2 or (p.op == 1 and p.tpa != w.ip))


def arp_move(w, new):
    """A neighbour that announces another address (a card replaced) is believed."""
    w.until_echo()
    w.send(ETH_ARP, arp(1, mac(new), w.ip, bytes(6), w.ip), BROADCAST)
    w.me = mac(new)
    w.until_echo()


# --- fragments ---------------------------------------------------------------

def cut(data, size):
    """(offset, more follow, octets) of each piece."""
    return [(at, at + size < len(data), data[at:at + size]) for at in range(0, len(data), size)]


def send_piece(w, piece, ident, tos=0, flags=0, proto=1):
    at, more, data = piece
    w.send_ip(ipv4(w.ip, w.peer, proto, data, ident=ident, tos=tos,
                   frag=at // 8 | (MF if more else 0) | flags))


def whole_answer(w, ident):
    """The answer to echo IDENT, put together here; its fragments are checked on the way."""
    have, total, first = {}, None, None
    for p in w.frames(10):
        if p.proto != 1 or p.type != ETH_IP:
            continue
        assert p.header_ok and p.total <= 1500, p
        assert not p.mf or len(p.payload) % 8 == 0, p
        if p.offset == 0:
            if p.kind != 0 or p.rest >> 16 != ident:
                continue
            first = p.ident
        have.setdefault(p.ident, {})[p.offset] = (p.payload, bool(p.mf))
        pieces = have.get(first)
        if not pieces:
            continue
        data, at = b"", 0
        while at in pieces:
            data += pieces[at][0]
            more = pieces[at][1]
            at += len(pieces[at][0])
            if not more:
                assert csum(data) == 0, "checksum of the answer"
                return data
    raise AssertionError("no whole answer within 10 s")


def frag_orders(w):
    """Whatever the order, size and repetition of its fragments, the packet arrives whole."""
    for ident in range(1, 41):
        body = rng.randbytes(rng.choice((64, 1480, 4000, 20000, 65000)))
        request = echo(body, ident)
        size = rng.choice((8, 24, 512, 1480)) if len(body) < 5000 else 1480
        pieces = cut(request, size)
        order = ("in order", "backwards", "shuffled", "twice")[ident % 4]
        if order == "backwards":
            pieces.reverse()
        elif order == "shuffled":
            rng.shuffle(pieces)
        elif order == "twice" and len(pieces) > 1:
            pieces = pieces[:-1] + [rng.choice(pieces[:-1]) for _ in range(5)] + pieces[-1:]
        for p in pieces:
            send_piece(w, p, ident)
        answer = whole_answer(w, ident)
        assert answer[8:] == body, f"{order} {size} {len(body)}: another payload came back"


def frag_interleaved(w):
    """Fragments of many packets in one stream are told apart by their identification."""
    w.until_echo()  # answers to a neighbour that is not known yet would fill its queue
    pieces = []
    bodies = {}
    for ident in range(100, 130):
        bodies[ident] = rng.randbytes(600)
        pieces += [(ident, p) for p in cut(echo(bodies[ident], ident), 64)]
    rng.shuffle(pieces)
    for ident, p in pieces:
        send_piece(w, p, ident)
    left = dict(bodies)
    for p in w.frames(10):
        if p.kind == 0 and left.get(p.rest >> 16) is not None:
            assert p.body == left.pop(p.rest >> 16)
        if not left:
            return
    raise AssertionError(f"no answer to {sorted(left)}")


def frag_refused(w):
    """Packets whose fragments contradict each other never arrive."""
    data = echo(rng.randbytes(2000), 9)
    p = cut(data, 728)
    bad = {
        "overlap-head": [p[0], (720, True, data[720:1448]), p[1], p[2]],
        "overlap-inside": [p[0], (400, True, data[400:408]), p[1], p[2]],
        "overlap-around": [p[0], (0, True, data[:1456]), p[1], p[2]],
        "overlap-other": [p[0], (0, True, bytes(720)), p[1], p[2]],
        "beyond-end": [p[0], p[2], (2400, True, data[:8]), p[1]],
        "two-ends": [p[0], p[2], (2400, False, data[:8]), p[1]],
        "shorter-end": [p[0], p[1], (728, False, data[:8]), p[2]],
        "odd": [p[0], (728, True, data[728:1455]), p[2]],
        "empty": [p[0], (728, True, b""), p[2]],
        "death": [p[0], p[1], (65528, False, data[:100])],
        "hole": [p[0], p[2]],
        "no-first": [p[1], p[2]],
        "no-last": [p[0], p[1]],
    }
    for ident, (kind, pieces) in enumerate(bad.items(), 500):
        for piece in pieces:
            send_piece(w, piece, ident)
        w.none(kind, lambda p: p.proto == 1)


def frag_distance(w, others):
    """So many other fragments of this host come between the two of a packet."""
    data = echo(rng.randbytes(2000), 10)
    p = cut(data, 1480)
    send_piece(w, p[0], 550)
    for i in range(int(others)):
        send_piece(w, (8, True, bytes(8)), 551 + i)
    send_piece(w, p[1], 550)
    seen = [p for p in w.until_echo() if p.proto == 1]
    assert seen, "no answer"


def frag_ecn(w):
    """RFC 3168 5.3: marked and capable: marked; marked and not capable: dropped."""
    data = echo(rng.randbytes(2000), 11)
    p = cut(data, 1480)
    send_piece(w, p[0], 600, tos=2)
    send_piece(w, p[1], 600, tos=3)
    assert len(whole_answer(w, 11)) == len(data)
    send_piece(w, p[0], 601, tos=0)
    send_piece(w, p[1], 601, tos=3)
    w.none("marked and not capable", lambda p: p.proto == 1)


def frag_timeout(w):
    """A packet that stays in pieces: its sender hears of it, if the first piece was there."""
    p = cut(echo(rng.randbytes(4000), 12), 1480)
    send_piece(w, p[1], 700)
    send_piece(w, p[0], 701)
    e = w.wait("time exceeded", lambda p: p.kind == 11, 20)
    assert e.code == 1, e
    assert struct.unpack("!H", e.body[4:6])[0] == 701, e
    w.none("about 700", lambda p: p.kind == 11)


def frag_flood(w, count):
    """First pieces of very many packets, none of which ever becomes whole."""
    body = rng.randbytes(1472)
    for ident in range(int(count)):
        send_piece(w, (0, True, body), ident & 0xFFFF)
    w.until_echo()


def frag_sizes(w, port):
    """Datagrams of 3000 octets in fragments of these sizes, without DF and with it, and one that is not cut."""
    body = rng.randbytes(3000)
    ident = 800
    for sizes in ((1480, 1480, 48), (728, 1480, 800), (64,) * 47, (1480, 8, 1480, 40)):
        for flags in (0, DF):
            data, at, ident = udp(w.ip, w.peer, 5000, int(port), body), 0, ident + 1
            for size in sizes:
                piece = at, at + size < len(data), data[at:at + size]
                send_piece(w, piece, ident, flags=flags, proto=17)
                at += size
    w.send_ip(ipv4(w.ip, w.peer, 17, udp(w.ip, w.peer, 5000, int(port), body[:1000])))
    w.until_echo()


def options_cut(w, count):
    """COUNT datagrams come in fragments: the options of the first and of the others, fillers apart."""
    print("listening", flush=True)
    seen, whole = {}, 0
    for p in w.frames(20):
        if p.proto != 17:
            continue
        assert p.header_ok, p
        got = seen.setdefault(p.ident, [set(), set(), {}, 0])
        got[bool(p.offset)].add(significant(p.header[20:]).hex())
        got[2][p.offset] = p.payload
        got[3] += len(p.payload)
        if got[3] < 4008:
            continue
        text = b"".join(part for _, part in sorted(got[2].items()))
        print("first", *got[0], "others", *got[1], "text", text[8:] == bytes(i * 7 & 0xFF for i in range(4000)))
        whole += 1
        if whole == int(count):
            return
    raise AssertionError(f"{whole} datagrams")


def identifications(w, count):
    """Of COUNT sorts of datagrams, three each: Don't Fragment, and are they identified?"""
    print("listening", flush=True)
    seen = {}
    for p in w.frames(20):
        if p.proto != 17:
            continue
        ids = seen.setdefault((p.payload[8:].decode(), p.frag), [])
        ids.append(p.ident)
        if len(seen) == int(count) and len(ids) == 3:
            break
    for (sort, frag), ids in seen.items():
        rising = all(0 < (b - a) & 0xFFFF < 20000 for a, b in zip(ids, ids[1:]))
        print(sort, f"{frag:#x}", "none" if ids == [0, 0, 0] else "rising" if rising else ids)


def significant(options):
    """Options without the padding between and behind them."""
    out, at = b"", 0
    while at < len(options) and options[at]:
        n = 1 if options[at] == 1 else options[at + 1]
        if options[at] != 1:
            out += options[at:at + n]
        at += n
    return out


# --- UDP ---------------------------------------------------------------------

def udp_sums(w, port):
    """By turns with sums() of sockets.py: datagrams, lengths below 0 with a wrong checksum, then its turn."""
    port = int(port)
    for lengths in ((-1000,), (-1000,), (-1000, 900), (-1000,), (-1000, 900), (-1000,), (-1000, 900),
                    (-1000, -1100, 900), (-20, 900)):
        for n in lengths:
            w.send_ip(ipv4(w.ip, w.peer, 17, udp(w.ip, w.peer, 5000, port, rng.randbytes(abs(n)), n > 0)))
        w.send_ip(ipv4(w.ip, w.peer, 17, udp(w.ip, w.peer, 5000, port + 1)))
        w.wait("the other's turn", lambda p: p.proto == 17 and p.payload[:2] == struct.pack("!H", port + 1), 20)


# --- ICMP --------------------------------------------------------------------

def icmp_echo(w):
    """Echo: the same octets, identifier, sequence, type of service come back."""
    for size in (0, 1, 7, 56, 1471, 1472):
        body = rng.randbytes(size)
        w.send_ip(ipv4(w.ip, w.peer, 1, echo(body, 20, size), tos=0x10))
        p = w.wait("answer", lambda p: p.kind == 0 and p.rest == 20 << 16 | size)
        assert p.body == body and p.tos == 0x10 and p.header_ok and csum(p.payload) == 0, p
        assert (p.saddr, p.daddr, p.src, p.dst) == (w.peer, w.ip, w.peer_mac, w.me), p


def icmp_silent(w):
    """No answer: a wrong checksum, a broadcast, a group, sources that nobody has."""
    w.send_ip(ipv4(w.ip, w.peer, 1, echo(b"x", 21, good=False)))
    for dst in ("10.0.0.255", "255.255.255.255"):
        w.send_ip(ipv4(w.ip, dst, 1, echo(b"x", 21)), BROADCAST)
        w.send_ip(ipv4(w.ip, dst, 1, echo(b"x", 21)))
    w.send_ip(ipv4(w.ip, "224.0.0.1", 1, echo(b"x", 21)), mac("01:00:5e:00:00:01"))
    for src in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0.255",
                w.peer):
        w.send_ip(ipv4(src, w.peer, 1, echo(b"x", 21)))
    w.send_ip(ipv4(w.ip, "127.0.0.1", 1, echo(b"x", 21)))
    w.none("answer", lambda p: p.kind == 0)


def icmp_to_all(w):
    """Each type to everybody."""
    for kind in range(19):
        quote = ipv4(w.peer, w.ip, 17, bytes(8)) if kind in (3, 11, 12) else bytes(28)
        w.send_ip(ipv4(w.ip, "10.0.0.255", 1, icmp(kind, 0, 23, quote)), BROADCAST)
    w.until_echo()


def icmp_timestamp(w):
    """RFC 792 timestamp: the asker's stamp comes back with two of ours."""
    w.send_ip(ipv4(w.ip, w.peer, 1, icmp(13, 0, 22 << 16 | 1, struct.pack("!III", 1234, 0, 0))))
    p = w.wait("answer", lambda p: p.kind == 14)
    stamps = struct.unpack("!III", p.body[:12])
    assert p.rest == 22 << 16 | 1 and stamps[0] == 1234 and 0 < stamps[1] <= 86400000, p
    w.send_ip(ipv4(w.ip, w.peer, 1, icmp(13, 0, 22 << 16 | 1, b"short")))
    w.none("answer", lambda p: p.kind == 14)


def quote_is(p, sent):
    """The error quotes the packet, from its header on."""
    n = len(p.body)
    assert n >= 28 and p.body == sent[:n], p
    assert p.total <= 576 and p.header_ok and csum(p.payload) == 0 and p.tos & 0xE0 == 0xC0, p


def icmp_unreachable(w):
    """A protocol or a port that nobody has: the sender is told, with his own packet quoted."""
    for size in (8, 100, 1000):
        sent = ipv4(w.ip, w.peer, 253, rng.randbytes(size))
        w.send_ip(sent)
        p = w.wait("protocol unreachable", lambda p: p.kind == 3 and p.code == 2)
        quote_is(p, sent)
    sent = ipv4(w.ip, w.peer, 17, udp(w.ip, w.peer, 1000, 2000, b"hello"))
    w.send_ip(sent)
    quote_is(w.wait("port unreachable", lambda p: p.kind == 3 and p.code == 3), sent)


def icmp_options(w):
    """Options that lie about their length: parameter problem; a source route: refused."""
    for options, at in ((b"\x07\x00\x04\x00", 20), (b"\x01\x07\x28\x04", 21),
                        (b"\x01\x01\x01\x07", 23), (b"\x44\x01\x05\x00", 20)):
        sent = ipv4(w.ip, w.peer, 1, echo(b"x", 23), options=options)
        w.send_ip(sent)
        p = w.wait("parameter problem", lambda p: p.kind == 12)
        assert p.code == 0 and p.rest >> 24 == at, p
    route = b"\x83\x07\x04" + addr("10.0.0.9") + b"\0"
    w.send_ip(ipv4(w.ip, w.peer, 1, echo(b"x", 23), options=route))
    w.wait("source route failed", lambda p: p.kind == 3 and p.code == 5)
    w.none("answer", lambda p: p.kind == 0)
    for options in (b"\x01" * 40, b"\0\xff\xff\xff", b"\x07\x27\x04" + bytes(36) + b"\0"):
        w.send_ip(ipv4(w.ip, w.peer, 1, echo(b"x", 24), options=options))
        w.wait("answer", lambda p: p.kind == 0 and p.rest >> 16 == 24)


def icmp_never(w):
    """RFC 1122 3.2.2: no error about an error, a later fragment, or what was sent to many."""
    inner = ipv4(w.peer, w.ip, 17, udp(w.peer, w.ip, 2000, 1000, b"x"))
    for kind in (3, 4, 5, 11, 12, 77):
        w.send_ip(ipv4(w.ip, w.peer, 1, icmp(kind, 2, 0, inner), options=b"\x07\x00\x04\x00"))
    w.send_ip(ipv4(w.ip, w.peer, 253, bytes(16), options=b"\x07\x00\x04\x00", frag=5))
    for dst, to in (("10.0.0.255", BROADCAST), ("255.255.255.255", BROADCAST),
                    ("224.0.0.1", mac("01:00:5e:00:00:01")), (w.peer, BROADCAST)):
        w.send_ip(ipv4(w.ip, dst, 253, b"x" * 20), to)
    for src in ("0.0.0.0", "10.0.0.255", "255.255.255.255", "224.0.0.1", "127.0.0.1"):
        w.send_ip(ipv4(src, w.peer, 253, b"x" * 20))
    w.none("error", lambda p: p.proto == 1)


def icmp_flood(w, count):
    """As many reasons for an error as asked for; prints how many errors came."""
    for _ in range(int(count)):
        w.send_ip(ipv4(w.ip, w.peer, 253, b"x" * 20))
    print(len([p for p in w.until_echo() if p.kind == 3]))


def icmp_echo_flood(w, count):
    """As many echo requests as asked for; prints how many were answered."""
    w.until_arp()
    for i in range(int(count)):
        w.send_ip(ipv4(w.ip, w.peer, 1, echo(b"flood", 40, i)))
    print(len([p for p in w.until_arp() if p.kind == 0 and p.rest >> 16 == 40]))


def icmp_lies(w, count):
    """Errors about packets that were never sent, cut short, or nonsense: no effect (the caller looks)."""
    good = ipv4(w.peer, w.ip, 6, bytes(20))
    for i in range(int(count)):
        kind, code = rng.choice((3, 4, 5, 11, 12)), rng.randrange(20)
        quote = rng.choice((b"", good[:rng.randrange(len(good))], rng.randbytes(40),
                            b"\x4f" + good[1:], good[:9] + bytes([rng.randrange(256)]) + good[10:],
                            ipv4("10.9.9.9", w.ip, 6, bytes(20))))
        w.send_ip(ipv4(w.ip, w.peer, 1, icmp(kind, code, rng.randrange(1 << 32), quote)))
        if i % 200 == 199:
            w.until_echo()
    w.until_echo()


def icmp_too_big(w, mtu, daddr):
    """A router on the way to DADDR says that only MTU octets fit."""
    inner = ipv4(w.peer, daddr, 17, udp(w.peer, daddr, 2000, 1000, bytes(1400)), frag=DF)
    w.send_ip(ipv4(w.ip, w.peer, 1, icmp(3, 4, int(mtu), inner[:548])))
    w.until_echo()


def icmp_too_big_for_many(w, count):
    """The same of COUNT destinations, 198.18.0.0 and on."""
    def inner(i):
        return ipv4(w.peer, f"198.18.{i >> 8}.{i & 255}", 17, b"", total=1428, frag=DF)

    # A right header adds nothing to a sum, so all the rest is the same.
    whole = ipv4(w.ip, w.peer, 1, icmp(3, 4, 1200, inner(0) + bytes(8)))
    for i in range(int(count)):
        w.send_ip(whole[:28] + inner(i) + whole[48:])
        if i % 500 == 499:
            w.until_echo()
    w.until_echo()


# --- headers that are wrong ----------------------------------------------------

def malformed(w, kind):
    """None of these is answered, and the host lives on."""
    e = echo(b"x" * 20, 30)
    ok = ipv4(w.ip, w.peer, 1, e)
    sends = {
        "version": [ipv4(w.ip, w.peer, 1, e, version=v) for v in (0, 5, 6, 15)],
        "ihl": [ipv4(w.ip, w.peer, 1, e, ihl=n) for n in (0, 1, 4, 15)],
        "total": [ipv4(w.ip, w.peer, 1, e, total=n) for n in (0, 1, 19, 49, 1000, 65535)],
        "checksum": [ipv4(w.ip, w.peer, 1, e, good=False)],
        "short": [ok[:n] for n in range(1, 28)],
    }[kind]
    for s in sends:
        w.send_ip(s)
    w.none(kind, lambda p: p.kind == 0 and p.rest >> 16 == 30)


def padded(w):
    """What stands behind the packet in its frame is not part of it."""
    w.send_ip(ipv4(w.ip, w.peer, 1, echo(b"abc", 31)) + b"\xAA" * 400)
    p = w.wait("answer", lambda p: p.kind == 0 and p.rest >> 16 == 31)
    assert p.body == b"abc", p


def noise(w, count):
    """Random octets behind a right address, and right packets with octets changed."""
    for i in range(int(count)):
        if i % 3:
            data = bytearray(ipv4(w.ip, w.peer, rng.choice((1, 6, 17, 2, 47, 255)),
                                  rng.randbytes(rng.randrange(200)), frag=rng.choice((0, 0, MF, 5)),
                                  options=rng.randbytes(rng.choice((0, 0, 4, 8, 40)))))
            for _ in range(rng.randrange(4)):
                data[rng.randrange(12)] = rng.randrange(256)
            data[10:12] = b"\0\0"
            hlen = max(20, min(len(data), (data[0] & 15) * 4))
            data[10:12] = struct.pack("!H", csum(bytes(data[:hlen])))
        else:
            data = bytearray(rng.randbytes(rng.randrange(20, 300)))
            data[16:20] = addr(w.peer)
        w.send_ip(bytes(data))
        if i % 500 == 499:
            w.until_echo()
    w.until_echo()


def main():
    device, me, ip, peer_mac, peer, scenario = sys.argv[1:7]
    globals()[scenario](Wire(device, me, ip, peer_mac, peer), *sys.argv[7:])


main()
