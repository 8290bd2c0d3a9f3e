#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One TCP stream, checked.

stream.py receive ADDRESS PORT: takes one connection, reads it to its end, and prints
    sha256=... bytes=... gap_ms=N (the longest time in which nothing came).
stream.py send ADDRESS PORT FILE: sends the file, half-closes, and waits for the other side's end.
stream.py hold ADDRESS PORT: connects, prints "open", echoes lines of standard input through the
    connection until the input ends.
stream.py echo ADDRESS PORT: returns what comes, for any number of connections.
"""
import hashlib
import socket
import sys
import threading
import time

CHUNK = 65536


def receive(address):
    listener = socket.create_server(address)
    conn, _ = listener.accept()
    digest, total, gap, last = hashlib.sha256(), 0, 0.0, time.monotonic()
    while True:
        data = conn.recv(CHUNK)
        now = time.monotonic()
        gap, last = max(gap, now - last), now
        if not data:
            break
        digest.update(data)
        total += len(data)
    conn.close()
    print(f"sha256={digest.hexdigest()} bytes={total} gap_ms={gap * 1000:.0f}")


def send(address, path):
    conn = socket.create_connection(address, timeout=30)
    conn.settimeout(None)
    with open(path, "rb") as file:
        while True:
            data = file.read(CHUNK)
            if not data:
                break
            conn.sendall(data)
    conn.shutdown(socket.SHUT_WR)
    if conn.recv(1):
        sys.exit("the receiver sent something")
    conn.close()


def hold(address):
    conn = socket.create_connection(address, timeout=30)
    print("open", flush=True)
    for line in sys.stdin:
        data = line.encode()
        conn.sendall(data)
        back = b""
        while len(back) < len(data):
            more = conn.recv(len(data) - len(back))
            if not more:
                sys.exit("the connection ended")
            back += more
        print(back.decode(), end="", flush=True)


def echo_one(conn):
    with conn:
        while True:
            data = conn.recv(CHUNK)
            if not data:
                return
            conn.sendall(data)


def echo(address):
    listener = socket.create_server(address, backlog=128)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=echo_one, args=(conn,), daemon=True).start()


where = (sys.argv[2], int(sys.argv[3]))
{"receive": receive, "send": send, "hold": hold, "echo": echo}[sys.argv[1]](where, *sys.argv[4:])
