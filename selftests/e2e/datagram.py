#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Datagrams, checked.

datagram.py serve ADDRESS PORT: returns each datagram to its sender.
datagram.py ask ADDRESS PORT SIZE...: sends one of each size and compares the answer; lost ones are
    sent again, at most five times.
datagram.py row ADDRESS PORT COUNT: COUNT numbered round trips.
datagram.py errno ADDRESS PORT SIZE: sends until an error comes back; prints its name.
"""
import errno
import os
import socket
import sys


def serve(sock, where):
    sock.bind(where)
    while True:
        data, peer = sock.recvfrom(70000)
        sock.sendto(data, peer)


def ask_one(sock, data):
    for _ in range(5):
        sock.send(data)
        try:
            back = sock.recv(70000)
        except socket.timeout:
            continue
        if back != data:
            sys.exit(f"sent {len(data)} bytes, {len(back)} came back, or others")
        return
    sys.exit(f"no answer to {len(data)} bytes")


def ask(sock, where, *sizes):
    sock.connect(where)
    for size in sizes:
        ask_one(sock, os.urandom(int(size)))


def row(sock, where, count):
    sock.connect(where)
    for number in range(int(count)):
        ask_one(sock, b"datagram %d" % number)


def first_error(sock, where, size):
    sock.connect(where)
    for _ in range(20):
        try:
            sock.send(bytes(int(size)))
            sock.recv(70000)
        except socket.timeout:
            continue
        except OSError as error:
            print(errno.errorcode[error.errno])
            return
    sys.exit("no error")


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(None if sys.argv[1] == "serve" else 1)
{"serve": serve, "ask": ask, "row": row, "errno": first_error}[sys.argv[1]](
    udp, (sys.argv[2], int(sys.argv[3])), *sys.argv[4:])
