#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What leaves a device, and what comes back to the sender.

group.py ADDRESS PEER	a packet that is too long, with a header of ours; then, to a group: with a TTL of 0, of 1, and
			without a copy for this host. Prints the error, and what was heard each time
group.py listen ADDRESS	prints what comes from four that leave the host
"""
import errno
import socket
import sys

GROUP, PORT = "239.1.2.20", 4000


def listener(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(GROUP) + socket.inet_aton(address))
    s.bind(("", PORT))
    return s


def too_long(address, peer):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    head = bytes([0x45, 0, 0, 0, 0, 0, 0, 0, 9, 253, 0, 0])
    try:
        s.sendto(head + socket.inet_aton(address) + socket.inet_aton(peer) + bytes(2000), (peer, 0))
    except OSError as e:
        return errno.errorcode[e.errno]
    return "sent"


def main():
    if sys.argv[1] == "listen":
        s = listener(sys.argv[2])
        print(*(s.recv(9).decode() for _ in range(4)))
        return
    address, peer = sys.argv[1:]
    said = [too_long(address, peer)]
    r = listener(address)
    r.settimeout(5)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    for ttl in 0, 1:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        s.sendto(b"%d" % ttl, (GROUP, PORT))
        said.append(r.recv(9).decode())
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    s.sendto(b"2", (GROUP, PORT))
    r.settimeout(0.2)
    try:
        said.append(r.recv(9).decode())
    except TimeoutError:
        said.append("-")
    print(*said)


main()
