#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""dns.py ADDRESS NAME ANSWER: a name server of one A record, for tests of resolving."""
import socket
import struct
import sys

name = b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[2].split(".")) + b"\0"
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((sys.argv[1], 53))
while True:
    query, peer = sock.recvfrom(4096)
    question = query[12:12 + len(name) + 4]
    known = question[:len(name)].lower() == name
    wants_a = question[len(name):len(name) + 2] == b"\0\1"
    header = query[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1,
                                     int(known and wants_a), 0, 0)
    answer = b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 60, 4) + socket.inet_aton(sys.argv[3])
    sock.sendto(header + question + (answer if known and wants_a else b""), peer)
