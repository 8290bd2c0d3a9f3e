#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""net.plumb.tcp_* beside net.ipv4.tcp_*: names, defaults, ranges. Prints what differs."""
import errno
import os
import sys

LINUX, PLUMB = "/proc/sys/net/ipv4", "/proc/sys/net/plumb"

# Names of Linux that Plumb has not, and why.
OMITTED = {
	"tcp_adv_win_scale": "without effect in Linux since 6.6: what is payload is measured",
	"tcp_available_ulp": "no upper layer protocol (kTLS, MPTCP) can be put onto a socket",
	"tcp_backlog_ack_defer": "the backlog is always answered once, at its end",
	"tcp_child_ehash_entries": "the table of connections has one size",
	"tcp_ehash_entries": "the table of connections has one size",
	"tcp_comp_sack_delay_ns": "a burst is answered once: there are no SACKs to compress",
	"tcp_comp_sack_nr": "as tcp_comp_sack_delay_ns",
	"tcp_comp_sack_slack_ns": "as tcp_comp_sack_delay_ns",
	"tcp_early_demux": "a segment's socket is looked up once, before anything else",
	"tcp_fack": "without effect in Linux since 4.15",
	"tcp_low_latency": "without effect in Linux since 4.14",
	"tcp_l3mdev_accept": "there are no VRF devices",
	"tcp_migrate_req": "handshakes are not moved between listeners of a reuseport group",
	"tcp_plb_cong_thresh": "no protective load balancing (IPv6 flow labels)",
	"tcp_plb_enabled": "as tcp_plb_cong_thresh",
	"tcp_plb_idle_rehash_rounds": "as tcp_plb_cong_thresh",
	"tcp_plb_rehash_rounds": "as tcp_plb_cong_thresh",
	"tcp_plb_suspend_rto_sec": "as tcp_plb_cong_thresh",
	"tcp_retrans_collapse": "small segments are sent again as they were",
}
# Defaults that depend on the host's memory, or on what is built in.
DEFAULTS_DIFFER = {
	"tcp_available_congestion_control", "tcp_max_orphans", "tcp_max_syn_backlog",
	"tcp_max_tw_buckets", "tcp_limit_output_bytes", "tcp_rmem", "tcp_wmem", "tcp_mem",
	"tcp_challenge_ack_limit",
}
# Not ranges of numbers: tested by cc.sh, and by Fast Open's own.
NO_RANGE = {"tcp_congestion_control", "tcp_available_congestion_control",
	    "tcp_allowed_congestion_control", "tcp_fastopen_key", "tcp_fastopen"}
# Times: a negative one is refused, which Linux takes (docs/security.md).
NO_NEGATIVE = {"tcp_fin_timeout", "tcp_keepalive_intvl", "tcp_keepalive_time"}
VALUES = ["-2147483649", "-2147483648", "-1", "0", "1", "2", "3", "4", "5", "14", "15", "31", "32",
	  "47", "48", "100", "127", "128", "255", "256", "1000", "1001", "65535", "65536", "86400",
	  "86401", "2147483647", "2147483648", "4294967295", "4294967296", "word", "1 2",
	  "4096 5000 6000", "1 1 1", "0 1 2", "5 4 3"]


def read(base, name):
	with open(f"{base}/{name}", encoding="ascii") as f:
		return f.read().split()


def write(base, name, value):
	"""0 or an errno."""
	fd = os.open(f"{base}/{name}", os.O_WRONLY)
	try:
		os.write(fd, value.encode())
	except OSError as e:
		return e.errno
	finally:
		os.close(fd)
	return 0


def ranges(name):
	before = [" ".join(read(base, name)) for base in (LINUX, PLUMB)]
	for value in VALUES:
		said = [write(base, name, value) for base in (LINUX, PLUMB)]
		have = [read(base, name) for base in (LINUX, PLUMB)]
		if name in NO_NEGATIVE and value == "-1":
			if said != [0, errno.EINVAL]:
				print(f"{name}: '{value}': errno {said}")
		elif said[0] != said[1]:
			print(f"{name}: '{value}': Linux errno {said[0]}, Plumb {said[1]}")
		elif not said[0] and have[0] != have[1]:
			print(f"{name}: '{value}': Linux has {have[0]}, Plumb {have[1]}")
		for base, old in zip((LINUX, PLUMB), before):
			write(base, name, old)


theirs = {n for n in os.listdir(LINUX) if n.startswith("tcp_")}
ours = {n for n in os.listdir(PLUMB) if n.startswith("tcp_")}
for name in sorted(theirs - ours - set(OMITTED)):
	print(f"{name}: Plumb has it not, and no reason is known")
for name in sorted(ours & set(OMITTED)):
	print(f"{name}: is there, though listed as omitted")
if len(sys.argv) > 1:	# in the initial namespace: those of the host alone
	sys.exit()
for name in sorted(theirs & ours):
	if name not in DEFAULTS_DIFFER and read(LINUX, name) != read(PLUMB, name):
		print(f"{name}: default: Linux {read(LINUX, name)}, Plumb {read(PLUMB, name)}")
	if name not in NO_RANGE:
		ranges(name)
