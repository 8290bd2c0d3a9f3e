# SPDX-License-Identifier: GPL-2.0
"""What scripts/coverage and scripts/coverage-driver share: the module built for gcov, its counts read, and
the reasons that are known for lines that no test reaches."""
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
OUT = TOP + "/build/coverage"
BEGIN, END = "<!-- scripts/{} --write -->\n", "<!-- end -->\n"


def sh(*args, **kw):
	return subprocess.run(args, check=True, cwd=TOP, **kw)


def release():
	return sh("scripts/kernel", "release", "debug", capture_output=True, text=True).stdout.strip()


def allowed(*topics):
	"""What the kernel may say, by the tests' own word (see scripts/check-driver)."""
	found = set()
	for topic in topics:
		for name in glob.glob(f"{TOP}/selftests/{topic}/*.sh"):
			with open(name, encoding="utf-8") as f:
				found.update(re.findall(r"^# allow: *(.*)", f.read(), re.M))
	return "|".join(sorted(found))


def build(rel):
	jobs = f"-j{os.cpu_count()}"
	sh("make", "-s", jobs, "module", "KVER=debug")
	sh("make", "-s", jobs, "module", "KVER=debug", f"OUT={OUT}/{rel}", "GCOV_PROFILE=y")
	sh("make", "-s", "tools", "tests")


def mount(rel):
	"""For the guest: tests load the usual file, and the one for gcov lies over it."""
	return f"mount --bind '{OUT}/{rel}/plumb.ko' '{TOP}/build/{rel}/plumb.ko'"


def counts_of(rel, pattern, folder):
	"""{(file, line): [times reached, function]} of the files below folder whose counts fit the glob pattern; a
	file's name begins after the folder. The counts' paths are the objects' below a folder with a + in its name."""
	base = f"{OUT}/{rel}/"
	found = collections.defaultdict(lambda: [0, ""])
	for gcda in glob.glob(pattern, recursive=True):
		notes = re.sub(r"^.*?\+[^/]*/", "", gcda[len(OUT):])[:-4] + "gcno"
		shutil.copy(base + notes, gcda[:-4] + "gcno")
		done = subprocess.run(["gcov", "-j", "-t", gcda], check=False, capture_output=True, cwd=OUT)
		if done.returncode or b"stamp mismatch" in done.stderr:
			print(f"left out, as it was built anew since: {os.path.relpath(gcda, OUT)}", file=sys.stderr)
			continue
		for source in json.loads(done.stdout)["files"]:
			name = os.path.normpath(os.path.join(base, source["file"]))
			if not name.startswith(base + folder):
				continue
			for line in source["lines"]:
				entry = found[name[len(base + folder):], line["line_number"]]
				entry[0] += line["count"]
				entry[1] = line.get("function_name", entry[1])
	return found


def reasons(name, folder=""):
	"""[(file, function, text, why)] of a table "file function | text | why", where "*" is any function or text."""
	rows = []
	with open(f"{TOP}/docs/{name}", encoding="utf-8") as f:
		for line in f:
			if line.strip() and not line.startswith("#"):
				where, text, why = (p.strip() for p in line.split("|", 2))
				file, function = where.split()
				rows.append((folder + file, function, text, why))
	return rows


def explain(counts, known, folder):
	"""Prints each line that was not reached, with its reason; how many have none."""
	used, unexplained = set(), 0
	sources = {}
	for name, line in sorted(k for k in counts if not counts[k][0]):
		function = counts[name, line][1] or "-"
		if name not in sources:
			with open(f"{TOP}/{folder}{name}", encoding="utf-8") as f:
				sources[name] = f.read().split("\n")
		source = sources[name][line - 1].strip()
		fits = [r for r in known if r[0] == name and r[1] in (function, "*") and (r[2] == "*" or r[2] in source)]
		used.update(fits)
		unexplained += not fits
		print(f"{name}:{line}: {function}: {source}\n\t{fits[0][3] if fits else 'NOT EXPLAINED'}")
	for r in known:
		if r not in used:
			print(f"no longer needed: {' | '.join(r)}")
	return unexplained


def write_table(doc, script, text):
	begin = BEGIN.format(script)
	with open(doc, encoding="utf-8") as f:
		before, rest = f.read().split(begin)
	with open(doc, "w", encoding="utf-8") as f:
		f.write(before + begin + text + END + rest.split(END)[1])
