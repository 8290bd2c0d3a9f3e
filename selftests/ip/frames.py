# SPDX-License-Identifier: GPL-2.0
"""Frames built and read octet by octet, and a wire to put them on: a packet socket."""
import select
import socket
import struct
import time

SO_RCVBUFFORCE = 33
BROADCAST = b"\xff" * 6
ETH_ARP, ETH_IP = 0x0806, 0x0800


def csum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def addr(text):
    return socket.inet_aton(text)


def arp(op, sha, spa, tha, tpa):
    return struct.pack("!HHBBH6s4s6s4s", 1, ETH_IP, 6, 4, op, sha, addr(spa), tha, addr(tpa))


def ipv4(src, dst, proto, payload, ident=1, frag=0, ttl=64, tos=0, options=b"", total=None,
         version=4, ihl=None, good=True):
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    total = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | ihl, tos, total, ident, frag, ttl, proto, 0,
                       addr(src), addr(dst)) + options
    check = csum(head) ^ (0 if good else 0x1234)
    return head[:10] + struct.pack("!H", check) + head[12:] + payload


def icmp(kind, code, rest, body=b"", good=True):
    data = struct.pack("!BBHI", kind, code, 0, rest) + body
    check = csum(data) ^ (0 if good else 0x1234)
    return data[:2] + struct.pack("!H", check) + data[4:]


def echo(body=b"", ident=7, seq=1, good=True):
    return icmp(8, 0, ident << 16 | seq, body, good)


def udp(src, dst, sport, dport, body=b"", good=True):
    data = struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body
    pseudo = addr(src) + addr(dst) + struct.pack("!BBH", 0, 17, len(data))
    check = (csum(pseudo + data) ^ (0 if good else 0x1234)) or 0xFFFF
    return data[:6] + struct.pack("!H", check) + data[8:]


class Packet:
    """A frame that came in, its fields by name; what it has not is None."""

    def __init__(self, frame):
        self.frame = frame
        self.dst, self.src = frame[0:6], frame[6:12]
        self.type = struct.unpack("!H", frame[12:14])[0]
        self.op = self.spa = self.tpa = self.sha = self.tha = None
        self.proto = self.kind = self.code = self.rest = None
        self.data = frame[14:]
        if self.type == ETH_ARP and len(self.data) >= 28:
            self.op = struct.unpack("!H", self.data[6:8])[0]
            self.sha, self.tha = self.data[8:14], self.data[18:24]
            self.spa = socket.inet_ntoa(self.data[14:18])
            self.tpa = socket.inet_ntoa(self.data[24:28])
        elif self.type == ETH_IP and len(self.data) >= 20:
            self.read_ipv4()

    def read_ipv4(self):
        d = self.data
        hlen = (d[0] & 15) * 4
        self.tos = d[1]
        self.total, self.ident, self.frag = struct.unpack("!HHH", d[2:8])
        self.ttl, self.proto = d[8], d[9]
        self.header = d[:hlen]
        self.header_ok = csum(self.header) == 0
        self.saddr, self.daddr = socket.inet_ntoa(d[12:16]), socket.inet_ntoa(d[16:20])
        self.payload = d[hlen:self.total]
        self.offset, self.mf, self.df = (self.frag & 0x1FFF) * 8, self.frag & 0x2000, self.frag & 0x4000
        if self.proto == 1 and not self.offset and len(self.payload) >= 8:
            self.kind, self.code, _, self.rest = struct.unpack("!BBHI", self.payload[:8])
            self.body = self.payload[8:]

    def __repr__(self):
        return f"<{self.src.hex()}>{self.dst.hex()} {self.type:04x} {self.data[:60].hex()}>"


class Wire:
    """One end of a cable, all of it by hand: MAC address ME, IPv4 address IP."""

    def __init__(self, device, me, ip, peer_mac, peer):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.sock.bind((device, 0))
        self.me, self.ip = mac(me), ip
        self.peer_mac, self.peer = mac(peer_mac), peer
        self.answer_arp = True
        self.ident = 1000

    def send(self, kind, payload, dst=None):
        self.sock.send((dst or self.peer_mac) + self.me + struct.pack("!H", kind) + payload)

    def send_ip(self, packet, dst=None):
        self.send(ETH_IP, packet, dst)

    def frames(self, limit):
        """What comes in within LIMIT seconds, our own frames apart; ARP for us is answered."""
        end = time.monotonic() + limit
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return
            frame, where = self.sock.recvfrom(65535)
            if where[2] == socket.PACKET_OUTGOING or len(frame) < 14:
                continue
            packet = Packet(frame)
            if packet.op == 1 and packet.tpa == self.ip and self.answer_arp:
                self.send(ETH_ARP, arp(2, self.me, self.ip, packet.sha, packet.spa), packet.src)
            yield packet

    def wait(self, what, match, limit=10):
        """The first packet that fits."""
        for packet in self.frames(limit):
            if match(packet):
                return packet
        raise AssertionError(f"{what}: nothing within {limit} s")

    def until_echo(self):
        """All that came before the answer to an echo sent now: so nothing more is under way."""
        self.ident += 1
        mine = self.ident
        seen = []
        self.send_ip(ipv4(self.ip, self.peer, 1, echo(b"mark", mine)))
        for packet in self.frames(10):
            if packet.kind == 0 and packet.rest >> 16 == mine:
                return seen
            seen.append(packet)
        raise AssertionError("the peer does not answer any more")

    def until_arp(self):
        """The same, ended by the answer to an ARP request: for that there is no limit."""
        seen = []
        self.send(ETH_ARP, arp(1, self.me, self.ip, bytes(6), self.peer), BROADCAST)
        for packet in self.frames(10):
            if packet.op == 2 and packet.spa == self.peer:
                return seen
            seen.append(packet)
        raise AssertionError("the peer does not answer ARP any more")

    def none(self, what, match):
        """What was sent before gets no such answer."""
        seen = [p for p in self.until_echo() if match(p)]
        assert not seen, f"{what}: unexpected {seen}"
