#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""linux.py NAMESPACE_A NAMESPACE_B few|all [test_NAME...]: see linux.sh.

16 sets of options on Plumb's side, each a point in each direction; within it Linux has some of the
16, or all of them."""
import itertools
import subprocess
import sys

import stacks
from stacks import ECN, SACK, TIMESTAMPS, WSCALE, agreed

A, B, HOW = stacks.Host(sys.argv[1]), stacks.Host(sys.argv[2]), sys.argv[3]
SETTINGS = {TIMESTAMPS: "tcp_timestamps", SACK: "tcp_sack", WSCALE: "tcp_window_scaling", ECN: "tcp_ecn"}
WORDS = {TIMESTAMPS: "timestamps", SACK: "sack", WSCALE: "scale", ECN: "ecn"}
ALL = TIMESTAMPS | SACK | WSCALE | ECN
PORT = itertools.count(20000)


def apply(host, tree, options):
    for bit, name in SETTINGS.items():
        host.set(tree, name, int(bool(options & bit)))


def pair(plumb_connects):
    """Connected sockets of Plumb on A and of Linux on B."""
    port = next(PORT)
    if plumb_connects:
        with B.listen("linux", "10.0.0.2", port) as listener:
            a = A.connect("plumb", "10.0.0.2", port)
            return a, listener.accept()[0]
    with A.listen("plumb", "10.0.0.1", port) as listener:
        b = B.connect("linux", "10.0.0.1", port)
        return listener.accept()[0], b


def partners(options):
    """Sets on Linux's side: all; or the same, all, the others, and one that goes round."""
    if HOW == "all":
        return range(16)
    return sorted({options, ALL, ALL & ~options, options * 7 + 3 & 15})


def combination(options, plumb_connects):
    for other in partners(options):
        apply(A, "plumb", options)
        apply(B, "ipv4", other)
        a, b = pair(plumb_connects)
        with a, b:
            assert agreed(a) == agreed(b) == options & other, \
                f"Plumb has {options:04b}, Linux {other:04b}; in use: {agreed(a):04b}, {agreed(b):04b}"
            stacks.exchange((a, b), 100000 if other == options else 8000)


def ss_of_linux_tells_the_same():
    apply(A, "plumb", SACK | TIMESTAMPS)
    apply(B, "ipv4", ALL)
    a, b = pair(True)
    with a, b:
        port = b.getsockname()[1]
        B.enter()
        out = subprocess.run(["ss", "-tinoH", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
        seen = {w.split(":")[0] for w in out.split()} & {"ts", "sack", "wscale", "ecn"}
        assert seen == {"ts", "sack"}, out


def cases():
    for plumb_connects in (True, False):
        for options in range(16):
            words = "_".join(WORDS[bit] for bit in WORDS if options & bit) or "nothing"
            yield (f"plumb_{'connects' if plumb_connects else 'accepts'}_with_{words}",
                   lambda o=options, p=plumb_connects: combination(o, p))
    yield "ss_of_linux_tells_the_same", ss_of_linux_tells_the_same


if __name__ == "__main__":
    stacks.points(list(cases()))
