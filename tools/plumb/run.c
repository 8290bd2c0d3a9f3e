// SPDX-License-Identifier: GPL-2.0
/*
 * plumb run: start a program whose IPv4 sockets are Plumb's.
 *
 * Two ways in: a preloaded library (fast; programs that the dynamic linker loads),
 * or a supervisor behind a seccomp filter (everything else). Exit codes are those of
 * env(1): 125 our own failure, 126 the program cannot be executed, 127 not found.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../run/names.h"
#include "../run/supervise.h"
#include "../run/target.h"
#include "cmd.h"

#define EXIT_RUN	125
#define EXIT_NOEXEC	126
#define EXIT_NOENT	127

enum run_mode { MODE_AUTO, MODE_PRELOAD, MODE_SECCOMP };

static const char *const mode_names[] = { "auto", "preload", "seccomp" };

struct run_opts {
	enum run_mode mode;
	bool ipv4_only;
	bool verbose;
	const char *argv0;
};

static void run_help(FILE *to)
{
	fprintf(to,
		"Usage: plumb run [ OPTIONS ] [ -- ] COMMAND [ ARGUMENT ... ]\n"
		"Runs COMMAND with its IPv4 sockets on Plumb, its children included.\n"
		"  -m, --mode MODE    auto (default), preload or seccomp\n"
		"  -4, --ipv4-only    refuse IPv6 sockets, which would be Linux's\n"
		"      --argv0 NAME   the name COMMAND sees itself called by\n"
		"  -v, --verbose      say which way was taken\n");
}

static int run_family_number(void)
{
	FILE *f = fopen(RUN_FAMILY_FILE, "re");
	int family = 0;

	if (!f || fscanf(f, "%d", &family) != 1)
		family = 0;
	if (f)
		fclose(f);
	if (family <= 0)
		fprintf(stderr, "plumb: %s\n", NOT_LOADED);
	return family;
}

/* Asks the kernel what the program would be told at its first socket(). */
static int run_permitted(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EACCES || errno == EPERM)
		fprintf(stderr,
			"plumb: not permitted: none of your groups is in net.plumb.socket_group_range\n");
	else
		fprintf(stderr, "plumb: cannot open a Plumb socket (family %d): %s\n", family,
			strerror(errno));
	return -1;
}

static bool run_executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* The file that @cmd means, into @path; 0 or the exit code, with a message. */
static int run_find(const char *cmd, char path[PATH_MAX])
{
	const char *dir = getenv("PATH");
	int err = EXIT_NOENT;
	struct stat st;
	size_t len;

	if (strchr(cmd, '/'))
		dir = "";
	else if (!dir)
		dir = "/usr/local/bin:/usr/bin:/bin";
	for (;; dir += len + 1) {
		len = strcspn(dir, ":");
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)len, dir, len ? "/" : "", cmd) <
		    PATH_MAX) {
			if (run_executable(path))
				return 0;
			if (!stat(path, &st))
				err = EXIT_NOEXEC;
		}
		if (!dir[len])
			break;
	}
	fprintf(stderr, "plumb: %s: %s\n", cmd,
		err == EXIT_NOENT ? "command not found" : "cannot be executed");
	return err;
}

static bool run_self(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len <= 0)
		return false;
	path[len] = '\0';
	return true;
}

/* The library stands beside the command (build tree) or in the library folder. */
static bool run_lib_find(const char *self, char path[PATH_MAX])
{
	const char *slash = strrchr(self, '/');
	int dir = (int)(slash - self);

	if (snprintf(path, PATH_MAX, "%.*s/libplumb_run.so", dir, self) < PATH_MAX &&
	    !access(path, R_OK))
		return true;
	if (snprintf(path, PATH_MAX, "%.*s/../lib/plumb/libplumb_run.so", dir, self) < PATH_MAX &&
	    !access(path, R_OK))
		return true;
	snprintf(path, PATH_MAX, "%s/libplumb_run.so", PLUMB_LIBDIR);
	return !access(path, R_OK);
}

/* LD_PRELOAD separates by colon and space and knows no quoting. */
static bool run_lib_usable(const char *path)
{
	return !strpbrk(path, ": \t");
}

static int run_preload_env(const char *self, const char *lib, const struct run_opts *o, int family)
{
	const char *old = getenv("LD_PRELOAD");
	char number[16], *list;

	snprintf(number, sizeof(number), "%d", family);
	if (old && *old && !strstr(old, "libplumb_run.so")) {
		if (asprintf(&list, "%s:%s", lib, old) < 0)
			return -1;
	} else {
		list = strdup(lib);
		if (!list)
			return -1;
	}
	if (setenv("LD_PRELOAD", list, 1) || setenv(RUN_ENV_FAMILY, number, 1) ||
	    setenv(RUN_ENV_SELF, self, 1) || setenv(RUN_ENV_LIB, lib, 1))
		return -1;
	free(list);
	return o->ipv4_only ? setenv(RUN_ENV_IPV4, "1", 1) : unsetenv(RUN_ENV_IPV4);
}

static const char *run_kind_text(enum run_kind kind)
{
	switch (kind) {
	case RUN_STATIC:
		return "statically linked";
	case RUN_DIRECT:
		return "a Go program, which calls the kernel by itself";
	case RUN_FOREIGN:
		return "of another machine or word size";
	default:
		return "not an ELF program";
	}
}

/* Which way for this program; -1, with a message, if the one asked for cannot work. */
static int run_mode_choose(const char *path, const struct run_opts *o, bool lib)
{
	struct run_target t;
	bool can_preload;

	run_target_look(path, &t);
	/* A text file without "#!" is refused by the kernel and given to the dynamic /bin/sh. */
	can_preload = (t.kind == RUN_DYNAMIC || t.kind == RUN_UNKNOWN) && !t.elevates;
	if (o->mode == MODE_PRELOAD) {
		if (!lib)
			fprintf(stderr, "plumb: libplumb_run.so: absent, or a colon in its path\n");
		else if (t.elevates)
			fprintf(stderr, "plumb: %s: with set-user-ID or capabilities: no preload\n",
				path);
		else if (!can_preload)
			fprintf(stderr, "plumb: %s: %s: cannot be preloaded\n", path,
				run_kind_text(t.kind));
		return lib && can_preload ? MODE_PRELOAD : -1;
	}
	if (o->mode == MODE_AUTO && can_preload && lib)
		return MODE_PRELOAD;
	if (t.elevates)
		fprintf(stderr, "plumb: %s: runs without its set-user-ID or file capabilities\n",
			path);
	return MODE_SECCOMP;
}

static int run_options(int argc, char **argv, struct run_opts *o)
{
	static const struct option longs[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "ipv4-only", no_argument, NULL, '4' },
		{ "argv0", required_argument, NULL, 'a' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	unsigned int i;
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "+m:4vh", longs, NULL)) != -1) {
		switch (c) {
		case 'm':
			for (i = 0; i < 3 && strcmp(optarg, mode_names[i]); i++)
				;
			if (i == 3) {
				fprintf(stderr, "plumb: mode %s: not auto, preload or seccomp\n",
					optarg);
				return -1;
			}
			o->mode = i;
			break;
		case '4':
			o->ipv4_only = true;
			break;
		case 'a':
			o->argv0 = optarg;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			run_help(stdout);
			exit(0);
		default:
			return -1;
		}
	}
	return optind < argc ? optind : -1;
}

/*
 * Below the supervisor the library has nothing to do; it would only start supervisors of
 * its own. It is there if we ourselves were started by a preloaded program.
 */
static void run_preload_unset(void)
{
	const char *old = getenv("LD_PRELOAD"), *lib = getenv(RUN_ENV_LIB);
	char *list, *at, *next, *save = NULL;
	size_t used = 0;

	if (old && lib) {
		list = calloc(1, strlen(old) + 1);
		at = strdup(old);
		for (next = at ? strtok_r(at, ": ", &save) : NULL; list && next;
		     next = strtok_r(NULL, ": ", &save))
			if (strcmp(next, lib))
				used += (size_t)sprintf(list + used, "%s%s", used ? ":" : "", next);
		if (used)
			setenv("LD_PRELOAD", list, 1);
		else
			unsetenv("LD_PRELOAD");
		free(at);
		free(list);
	}
	unsetenv(RUN_ENV_FAMILY);
	unsetenv(RUN_ENV_SELF);
	unsetenv(RUN_ENV_LIB);
	unsetenv(RUN_ENV_IPV4);
}

/*
 * By syscall(), because execve() may be the library's own, which would send us here again.
 * The shell runs a script without "#!", as execvp() has it.
 */
static void run_exec(const char *path, char **argv)
{
	char **sh;
	int i, n = 0;

	syscall(SYS_execve, path, argv, environ);
	if (errno != ENOEXEC)
		return;
	while (argv[n])
		n++;
	sh = calloc((size_t)n + 2, sizeof(*sh));
	if (!sh)
		return;
	sh[0] = (char *)"sh";
	sh[1] = (char *)path;
	for (i = 1; i < n; i++)
		sh[i + 1] = argv[i];
	syscall(SYS_execve, "/bin/sh", sh, environ);
}

int cmd_run(int argc, char **argv)
{
	char path[PATH_MAX], self[PATH_MAX], lib[PATH_MAX];
	int first, family, mode, err;
	struct run_opts o = { .ipv4_only = !!getenv(RUN_ENV_IPV4) };
	bool have_lib;

	first = run_options(argc, argv, &o);
	if (first < 0) {
		run_help(stderr);
		return EXIT_RUN;
	}
	argv += first;
	family = run_family_number();
	if (family <= 0 || run_permitted(family))
		return EXIT_RUN;
	err = run_find(argv[0], path);
	if (err)
		return err;
	have_lib = run_self(self) && run_lib_find(self, lib) && run_lib_usable(lib);
	mode = run_mode_choose(path, &o, have_lib);
	if (mode < 0)
		return EXIT_RUN;
	if (o.verbose)
		fprintf(stderr, "plumb: %s: %s\n", path, mode_names[mode]);
	if (mode == MODE_PRELOAD) {
		err = run_preload_env(self, lib, &o, family);
	} else {
		run_preload_unset();
		err = run_supervise_start(family, o.ipv4_only);
	}
	if (err)
		return EXIT_RUN;
	if (o.argv0)
		argv[0] = (char *)o.argv0;
	run_exec(path, argv);
	fprintf(stderr, "plumb: %s: %s\n", path, strerror(errno));
	return EXIT_NOEXEC;
}
