#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Scenes of a stranger and a listener, told in words: the same words before Linux's stack and Plumb's (attack.sh
compares them).

stranger.py serve ADDRESS TO FROM	listeners on PORT that do what lines of the fifo TO say, and answer each in FROM
stranger.py TO FROM DEVICE MY_MAC MY_IP PEER_MAC PEER_IP SCENE
"""
import copy
import os
import socket
import subprocess
import sys

from peer import ACK, FIN, PSH, RST, SYN, WRAP, Conn, Wire, icmp, ipv4, mss, segment

PORT = 7000


# --- the listeners -----------------------------------------------------------

class Server:
    def __init__(self, address):
        self.address = address
        self.listeners, self.held = [], []

    def listen(self, backlog):
        """One more, all with SO_REUSEPORT."""
        l = socket.socket()
        l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        l.bind((self.address, PORT))
        l.listen(int(backlog))
        l.setblocking(False)
        self.listeners.append(l)

    def close(self):
        """The oldest."""
        self.listeners.pop(0).close()

    def accept(self):
        """All that the oldest has: how many."""
        n = 0
        while True:
            try:
                self.held.append(self.listeners[0].accept()[0])
            except BlockingIOError:
                return n
            n += 1

    def run(self, *command):
        subprocess.run(command, check=True)


def serve(address, to, answers):
    server = Server(address)
    # Both ways, so that neither ends with a scene.
    lines, out = os.fdopen(os.open(to, os.O_RDWR)), os.open(answers, os.O_RDWR)
    for line in lines:
        what, *args = line.split()
        os.write(out, f"{getattr(server, what)(*args)}\n".encode())


class Told:
    """The other end of the fifos."""

    def __init__(self, to, answers):
        self.to = open(to, "w", encoding="ascii")
        self.answers = open(answers, encoding="ascii")

    def __call__(self, *words):
        print(*words, file=self.to, flush=True)
        return self.answers.readline().strip()


# --- scenes ------------------------------------------------------------------

def flags(s):
    return " ".join(name for bit, name in ((SYN, "SYN"), (ACK, "ACK"), (RST, "RST"), (FIN, "FIN")) if s.flags & bit)


def answers(c, what):
    print(what + ":", *[flags(s) for s in c.all_until_echo()] or ["nothing"])


def syn(w, port):
    """A SYN; if it is answered, the connection waits for its third segment."""
    c = Conn(w, PORT, port)
    c.send(SYN, options=mss())
    c.syn_ack = c.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
    assert c.syn_ack.ack == c.seq + 1 & WRAP, c.syn_ack
    c.seq, c.ack = c.seq + 1 & WRAP, c.syn_ack.seq + 1 & WRAP
    return c


def third(c, what):
    c.send(ACK)
    answers(c, what)


def cookie_of_a_group(w, server):
    """A cookie of one listener is good for another of its group, which has sent none itself."""
    server("listen", 16)
    conns = [syn(w, 45000 + i) for i in range(3)]
    server("listen", 16)
    server("close")
    for c in conns:
        third(c, "third segment to another listener")
    print("accepted", server("accept"))
    # No group: a listener that comes later knows of none.
    c = syn(w, 45010)
    server("close")
    server("listen", 16)
    third(c, "third segment to a later listener")
    print("accepted", server("accept"))


def wrong_cookie(w, server):
    """Not the number that was sealed; then that."""
    server("listen", 16)
    c = syn(w, 45050)
    right, c.ack = c.ack, c.ack + (1 << 23) & WRAP
    third(c, "another number")
    print("accepted", server("accept"))
    c.ack = right
    third(c, "the right one")
    print("accepted", server("accept"))


def elsewhere(w, address):
    far = copy.copy(w)
    far.ip = address
    return far


def no_way_back(w, server):
    server("listen", 16)
    Conn(elsewhere(w, "198.18.0.9"), PORT, 45100).send(SYN, options=mss())
    w.none("answer without a route", lambda p: p.proto == 6)
    server("close")


def way_back_goes(w, server, tool):
    """The third segment of a handshake, while there is no route, and when there is one."""
    server("listen", 16)
    server("run", tool, "route", "add", "default", "via", w.ip)
    Conn(w, PORT, 45100).all_until_echo()  # now the router's address is known
    c = syn(elsewhere(w, "198.18.0.9"), 45101)
    server("run", tool, "route", "del", "default")
    c.send(ACK)
    w.none("answer without a route", lambda p: p.proto == 6)
    print("accepted", server("accept"))
    server("run", tool, "route", "add", "default", "via", w.ip)
    c.send(ACK)
    w.none("answer to a third segment", lambda p: p.proto == 6)
    print("accepted", server("accept"))


def backlog_0(w, server):
    """One connection is taken, though none may wait; the next is told nothing until that one is accepted."""
    server("listen", 0)
    first, second = syn(w, 45200), syn(w, 45201)
    third(first, "first")
    third(second, "second")
    c = Conn(w, PORT, 45202)
    c.send(SYN, options=mss())
    answers(c, "third SYN")
    print("accepted", server("accept"))
    third(second, "second again")
    print("accepted", server("accept"))


def resets(w, server):
    """A RST, and one that the queue's overflow makes of the third segment (tcp_abort_on_overflow)."""
    server("listen", 3)
    c = syn(w, 45250)
    c.send(RST)
    third(c, "after the RST")
    c = syn(w, 45251)
    for i in range(4):
        third(syn(w, 45252 + i), "opens")
    third(c, "one too many")


def silent(w, server):
    server("listen", 16)
    syn(w, 45300)


def late(w, _server):
    c = Conn(w, PORT, 45300)
    c.send(ACK, seq=c.seq + 1, ack=1)
    answers(c, "third segment of a handshake that is over")


def error(w, c, kind, code, seq):
    quoted = segment(w.peer, w.ip, PORT, c.ours, seq, c.seq, SYN | ACK)
    w.send_ip(ipv4(w.ip, w.peer, 1, icmp(kind, code, 0, ipv4(w.peer, w.ip, 6, quoted))))
    answers(c, f"type {kind} code {code}")


def errors(w, server):
    """ICMP errors about SYN-ACKs: which of them end the handshake."""
    server("listen", 64)
    for i, (kind, code) in enumerate(((3, 0), (3, 1), (3, 2), (3, 3), (3, 5), (3, 9), (3, 10), (3, 13), (11, 0),
                                      (12, 0))):
        c = syn(w, 45400 + i)
        error(w, c, kind, code, c.ack)
        error(w, c, kind, code, c.ack - 1)
        third(c, "then")
        print("accepted", server("accept"))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(*sys.argv[2:])
    else:
        globals()[sys.argv[8]](Wire(*sys.argv[3:8]), Told(*sys.argv[1:3]), *sys.argv[9:])
