#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tables, JSON and docs/performance.md out of the RESULT lines of counted.sh and timed.sh.

table.py DIR [DOC]: reads DIR/counted.txt and DIR/timed.txt (either may be missing) and DIR/about.txt,
writes DIR/result.json, prints the tables and, if DOC is named, writes them there.
A ratio is the median of the ratios of the pairs that ran next to each other.
"""
import json
import os
import statistics
import sys

# metric: (what it is called, member of plumb_bench's JSON, unit, factor, more is better)
COUNTED = {
    "bulk-out": ("bulk, sending", "busy_ns_mb", "instructions/MB", 1, False),
    "bulk-in": ("bulk, receiving", "busy_ns_mb", "instructions/MB", 1, False),
    "bulk-in-delay": ("bulk, receiving, HyStart by delay alone", "busy_ns_mb", "instructions/MB", 1,
                      False),
    "bulk-out-1000": ("bulk, sending, 1,000 connections", "busy_ns_mb", "instructions/MB", 1,
                      False),
    "bulk-in-1000": ("bulk, receiving, 1,000 connections", "busy_ns_mb", "instructions/MB", 1,
                     False),
    "rr": ("1-byte round trip", "busy_ns_op", "instructions", 1, False),
    "rr-1000": ("1-byte round trip, 1,000 connections", "busy_ns_op", "instructions", 1, False),
    "crr": ("connect, request, close", "busy_ns_op", "instructions", 1, False),
    "udp-out": ("UDP datagram of 64 bytes, sending", "busy_ns_op", "instructions", 1, False),
    "udp-in": ("UDP datagram of 64 bytes, receiving", "busy_ns_op", "instructions", 1, False),
    "udp-rr": ("UDP 1-byte round trip", "busy_ns_op", "instructions", 1, False),
    "idle": ("idle connection, both ends", "slab_conn", "bytes", 1, False),
}
TIMED = {
    "bulk-out": ("bulk out", "mbit_s", "Mbit/s", 1, True),
    "bulk-in": ("bulk in", "mbit_s", "Mbit/s", 1, True),
    "bulk-out-1000": ("bulk out, 1,000 connections", "mbit_s", "Mbit/s", 1, True),
    "bulk-in-1000": ("bulk in, 1,000 connections", "mbit_s", "Mbit/s", 1, True),
    "rr": ("1-byte round trips", "ops_s", "1/s", 1, True),
    "rr-1000": ("1-byte round trips, 1,000 connections", "ops_s", "1/s", 1, True),
    "crr": ("connect, request, close", "ops_s", "1/s", 1, True),
    "udp-out": ("UDP datagrams of 64 bytes out", "ops_s", "1/s", 1, True),
    "udp-in": ("UDP datagrams of 64 bytes in", "ops_s", "1/s", 1, True),
}


def read(path):
    """{(over, metric): {round: {stack: dict}}}, in the order of the file."""
    results = {}
    if not os.path.exists(path):
        return results
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("RESULT "):
                continue
            _, over, metric, stack, number, text = line.split(" ", 5)
            rounds = results.setdefault((over, metric), {})
            rounds.setdefault(int(number), {})[stack] = json.loads(text)
    return results


def values(rounds, stack, member):
    found = [rounds[n].get(stack, {}).get(member) for n in sorted(rounds)]
    return [v for v in found if v is not None]


def ratios(rounds, a, b, member):
    """b : a of each pair; a and b choose from a round."""
    out = []
    for n in sorted(rounds):
        x, y = a(n, member), b(n, member)
        if x and y is not None:
            out.append(y / x)
    return out


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def spread(found):
    return f"{min(found):.2f}-{max(found):.2f}"


def pick(results, over, metric, stack):
    return lambda n, member: results.get((over, metric), {}).get(n, {}).get(stack, {}).get(member)


def failure(rounds, stack):
    for entry in rounds.values():
        if "failed" in entry.get(stack, {"failed": "not run"}):
            return True
    return False


def cell(rounds, stack, member):
    found = values(rounds, stack, member)
    if not found:
        return "failed"
    text = number(statistics.median(found))
    return text + f" ({len(rounds) - len(found)} failed)" if failure(rounds, stack) else text


def stacks_of(results):
    names = []
    for rounds in results.values():
        for entry in rounds.values():
            names += [s for s in entry if s not in names]
    return names


def by_stack(results, metrics, heading):
    """Linux's stack against Plumb's, a row a metric, for each place."""
    names = stacks_of(results)
    rows, record = [], []
    for (over, metric), rounds in results.items():
        title, member, unit, _, _ = metrics[metric]
        row = [over, f"{title} ({unit})"] + [cell(rounds, s, member) for s in names]
        entry = {"over": over, "metric": metric, "unit": unit,
                 **{s: values(rounds, s, member) for s in names}}
        if len(names) == 2:
            found = ratios(rounds, pick(results, over, metric, names[0]),
                           pick(results, over, metric, names[1]), member)
            row += [f"{statistics.median(found):.3f}", spread(found)] if found else ["-", "-"]
            entry["ratio"] = statistics.median(found) if found else None
        rows.append(row)
        record.append(entry)
    head = [heading, "measure"] + names + (["ratio", "from-to"] if len(names) == 2 else [])
    return head, rows, record


def by_driver(results):
    """Linux's TCP over the in-tree e1000 against the same over Plumb's driver."""
    rows, record = [], []
    for metric, (title, member, unit, _, _) in TIMED.items():
        old, new = results.get(("e1000", metric)), results.get(("plumb_nic", metric))
        if not old or not new:
            continue
        found = ratios(old, pick(results, "e1000", metric, "linux"),
                       pick(results, "plumb_nic", metric, "linux"), member)
        rows.append([f"{title} ({unit})", cell(old, "linux", member), cell(new, "linux", member)] +
                    ([f"{statistics.median(found):.3f}", spread(found)] if found else ["-", "-"]))
        record.append({"metric": metric, "unit": unit, "ratio":
                       statistics.median(found) if found else None})
    return ["Linux's stack", "e1000", "plumb_nic", "ratio", "from-to"], rows, record


def markdown(head, rows):
    width = [max(len(str(r[i])) for r in [head] + rows) for i in range(len(head))]
    lines = []
    for row in [head, ["-" * w for w in width]] + rows:
        lines.append("| " + " | ".join(str(c).ljust(w) for c, w in zip(row, width)) + " |")
    return "\n".join(lines) + "\n"


COUNTED_TEXT = """## Instructions, both ends together

One virtual CPU whose clock advances one nanosecond an instruction (`scripts/vm --icount`), so these are counts
of what the guest executed, sender and receiver, system calls and program included; time in which the CPU idled
is taken off. They do not depend on the machine or its load. A ratio below 1 means that Plumb executes less.

Bulk, receiving: the sender is asked, once the clock runs, for just the octets that are counted. Over one connection
half of all instructions copy; of the rest most depends on how often the two programs take turns on the one
processor. Linux does so 200 to 300 times for 72 MB when its HyStart ends slow start early (TcpExtTCPHystartTrainDetect,
at some 225 packets): its sender then keeps to that window, and the reader's own ACKs bring it the next text. Else it is
1,200 times, and Plumb's 650 to 900 times. "HyStart by delay alone" is Linux without that detection of packet trains
(hystart_detect=2), which HyStart++ (RFC 9406), Plumb's, does not have either.
"""
TIMED_TEXT = """## Throughput over the adapter

Timed, to a Linux peer outside the VM through a tap. A ratio above 1 means that Plumb is faster.
Every pair ran back to back in one boot.
"""
DRIVER_TEXT = """## The driver alone: Linux's stack over both

A ratio above 1 means that Plumb's driver is faster than the in-tree e1000.
"""


def read_about(folder, part):
    """What a reader must know to judge a part's figures: scripts/bench has written it."""
    with open(os.path.join(folder, part + ".about"), encoding="utf-8") as file:
        return file.read()


def main():
    folder, doc = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    counted = read(os.path.join(folder, "counted.txt"))
    timed = read(os.path.join(folder, "timed.txt"))
    parts, result = [], {}
    if counted:
        result["counted_about"] = about = read_about(folder, "counted")
        head, rows, result["counted"] = by_stack(counted, COUNTED, "over")
        parts.append(COUNTED_TEXT + "\n" + about + "\n" + markdown(head, rows))
    if timed:
        result["timed_about"] = about = read_about(folder, "timed")
        head, rows, result["timed"] = by_stack(timed, TIMED, "driver")
        parts.append(TIMED_TEXT + "\n" + about + "\n" + markdown(head, rows))
        head, rows, result["driver"] = by_driver(timed)
        if rows:
            parts.append(DRIVER_TEXT + "\n" + markdown(head, rows))
    text = ("# Performance\n\nWritten by `make bench` (`scripts/bench`); "
            "do not edit. A figure is a median, a ratio the\nmedian of the ratios of pairs "
            "that ran next to each other.\n\n" + "\n".join(parts))
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
    print(text)
    if doc:
        with open(doc, "w", encoding="utf-8") as file:
            file.write(text)
    return 0 if counted or timed else 1


sys.exit(main())
