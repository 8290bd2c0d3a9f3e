// SPDX-License-Identifier: GPL-2.0
/*
 * Children of a preloaded program stay on Plumb: each exec function puts the
 * preload library back into an environment that lost it, and a program that the
 * library cannot enter (static, Go, 32-bit) is started through `plumb run --mode seccomp`.
 *
 * system() and popen() need nothing here: they start /bin/sh, whose own exec is ours again.
 * All of it may run between vfork() and exec: no allocation, no locks.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "preload.h"
#include "target.h"

#define EXPORT __attribute__((visibility("default")))

extern char **environ;

/* What the launcher told us, as complete NAME=VALUE strings. */
static char env_family[64], env_self[PATH_MAX + 32], env_lib[PATH_MAX + 32];
static char env_ipv4[64], env_preload[PATH_MAX + 64];

#define SELF_PATH	(env_self + sizeof(RUN_ENV_SELF))
#define LIB_PATH	(env_lib + sizeof(RUN_ENV_LIB))
#define PRELOAD		"LD_PRELOAD="
#define ADDED_ENV	5
#define ADDED_ARGS	8

static const char *const run_env[] = { env_family, env_self, env_lib, env_ipv4 };
#define RUN_ENVS (sizeof(run_env) / sizeof(run_env[0]))

static int (*real_execve)(const char *, char *const [], char *const []);
static int (*real_execvpe)(const char *, char *const [], char *const []);
static int (*real_fexecve)(int, char *const [], char *const []);
static int (*real_spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
			 const posix_spawnattr_t *, char *const [], char *const []);
static int (*real_spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
			  const posix_spawnattr_t *, char *const [], char *const []);

static void run_env_keep(char *to, size_t size, const char *name)
{
	const char *value = getenv(name);

	if (!value || (size_t)snprintf(to, size, "%s=%s", name, value) >= size)
		to[0] = '\0';
}

void run_exec_start(void)
{
	run_env_keep(env_family, sizeof(env_family), RUN_ENV_FAMILY);
	run_env_keep(env_self, sizeof(env_self), RUN_ENV_SELF);
	run_env_keep(env_lib, sizeof(env_lib), RUN_ENV_LIB);
	run_env_keep(env_ipv4, sizeof(env_ipv4), RUN_ENV_IPV4);
	if (env_lib[0])
		snprintf(env_preload, sizeof(env_preload), PRELOAD "%s", LIB_PATH);
	real_execve = (__typeof__(real_execve))(uintptr_t)dlsym(RTLD_NEXT, "execve");
	real_execvpe = (__typeof__(real_execvpe))(uintptr_t)dlsym(RTLD_NEXT, "execvpe");
	real_fexecve = (__typeof__(real_fexecve))(uintptr_t)dlsym(RTLD_NEXT, "fexecve");
	real_spawn = (__typeof__(real_spawn))(uintptr_t)dlsym(RTLD_NEXT, "posix_spawn");
	real_spawnp = (__typeof__(real_spawnp))(uintptr_t)dlsym(RTLD_NEXT, "posix_spawnp");
}

/* Another library's constructor may come before ours. */
static bool exec_ready(void)
{
	if (!real_execve)
		run_exec_start();
	return env_lib[0];
}

static size_t vec_len(char *const v[])
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

/* Does @s set the same variable as @setting ("NAME=...")? */
static bool env_same_name(const char *s, const char *setting)
{
	return !strncmp(s, setting, (size_t)(strchr(setting, '=') - setting) + 1);
}

/* Is our library one of those named in the value of LD_PRELOAD? */
static bool env_preloads_us(const char *s)
{
	const char *hit = strstr(s, LIB_PATH);

	return hit && (!hit[strlen(LIB_PATH)] || strchr(" :", hit[strlen(LIB_PATH)]));
}

/*
 * Writes @envp and what it lacks of ours to @out (vec_len(envp) + ADDED_ENV + 1 entries).
 * @preload holds the merged LD_PRELOAD if the program set one of its own without us.
 */
static void env_complete(char *const envp[], char **out, char *preload)
{
	bool have_preload = false;
	size_t n = 0, i, j;

	for (i = 0; envp && envp[i]; i++) {
		for (j = 0; j < RUN_ENVS; j++)
			if (run_env[j][0] && env_same_name(envp[i], run_env[j]))
				break;
		if (j < RUN_ENVS)
			continue;
		out[n++] = envp[i];
		if (strncmp(envp[i], PRELOAD, sizeof(PRELOAD) - 1))
			continue;
		have_preload = true;
		if (!env_preloads_us(envp[i])) {
			stpcpy(stpcpy(stpcpy(preload, env_preload), ":"),
			       envp[i] + sizeof(PRELOAD) - 1);
			out[n - 1] = preload;
		}
	}
	for (j = 0; j < RUN_ENVS; j++)
		if (run_env[j][0])
			out[n++] = (char *)run_env[j];
	if (!have_preload)
		out[n++] = env_preload;
	out[n] = NULL;
}

/* Room for a merged LD_PRELOAD. */
static size_t env_preload_room(char *const envp[])
{
	size_t room = 0, i;

	for (i = 0; envp && envp[i]; i++)
		if (!strncmp(envp[i], PRELOAD, sizeof(PRELOAD) - 1))
			room = strlen(envp[i]);
	return room + sizeof(env_preload) + 2;
}

/* Must @path be started under the supervisor? */
static bool exec_needs_seccomp(const char *path)
{
	struct run_target t;

	if (!env_self[0])
		return false;
	run_target_look(path, &t);
	return t.kind == RUN_STATIC || t.kind == RUN_DIRECT || t.kind == RUN_FOREIGN;
}

/* plumb run --mode seccomp --argv0 NAME -- PATH ARG... into @out (vec_len + ADDED_ARGS). */
static void argv_wrap(const char *path, char *const argv[], char **out)
{
	size_t n = 0, i;

	out[n++] = (char *)"plumb";
	out[n++] = (char *)"run";
	out[n++] = (char *)"--mode";
	out[n++] = (char *)"seccomp";
	out[n++] = (char *)"--argv0";
	out[n++] = argv && argv[0] ? argv[0] : (char *)path;
	out[n++] = (char *)"--";
	out[n++] = (char *)path;
	for (i = 1; argv && argv[0] && argv[i]; i++)
		out[n++] = argv[i];
	out[n] = NULL;
}

/* The file that execvp() would run, into @path; false if there is none. */
static bool path_search(const char *file, char *path)
{
	const char *dir = getenv("PATH");
	size_t flen = strlen(file), dlen;
	struct stat st;

	if (!dir)
		dir = "/bin:/usr/bin";
	for (;; dir += dlen + 1) {
		dlen = strcspn(dir, ":");
		if (dlen + flen + 2 <= PATH_MAX) {
			memcpy(path, dir, dlen);
			path[dlen] = '/';
			strcpy(path + dlen + (dlen ? 1 : 0), file);
			if (!access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode))
				return true;
		}
		if (!dir[dlen])
			return false;
	}
}

/*
 * The environment and, for a program the library cannot enter, the argument list
 * are made on the caller's stack: a macro, because alloca()'s memory ends with its function.
 */
#define EXEC_ENV(envp) ({						\
	char **env_ = alloca((vec_len(envp) + ADDED_ENV + 1) * sizeof(char *)); \
	env_complete(envp, env_, alloca(env_preload_room(envp)));	\
	env_; })

#define EXEC_ARGV(path, argv) ({					\
	char **argv_ = alloca((vec_len(argv) + ADDED_ARGS + 2) * sizeof(char *)); \
	argv_wrap(path, argv, argv_);					\
	argv_; })

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	char **env;

	if (!exec_ready())
		return real_execve(path, argv, envp);
	env = EXEC_ENV(envp);
	if (!access(path, X_OK) && exec_needs_seccomp(path))
		return real_execve(SELF_PATH, EXEC_ARGV(path, argv), env);
	return real_execve(path, argv, env);
}

EXPORT int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	char path[PATH_MAX];
	char **env;

	if (!exec_ready())
		return real_execvpe(file, argv, envp);
	env = EXEC_ENV(envp);
	if (strchr(file, '/')) {
		if (!access(file, X_OK) && exec_needs_seccomp(file))
			return real_execve(SELF_PATH, EXEC_ARGV(file, argv), env);
	} else if (path_search(file, path) && exec_needs_seccomp(path)) {
		return real_execve(SELF_PATH, EXEC_ARGV(path, argv), env);
	}
	return real_execvpe(file, argv, env);
}

EXPORT int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

/* The arguments of an execl function, NULL included, into an array on the caller's stack. */
#define EXEC_LIST(first, ap) ({						\
	size_t n_ = 1, i_;						\
	char **list_;							\
	va_start(ap, first);						\
	while (va_arg(ap, char *))					\
		n_++;							\
	va_end(ap);							\
	list_ = alloca((n_ + 1) * sizeof(char *));			\
	list_[0] = (char *)(first);					\
	va_start(ap, first);						\
	for (i_ = 1; i_ <= n_; i_++)					\
		list_[i_] = va_arg(ap, char *);				\
	list_; })

EXPORT int execl(const char *path, const char *arg, ...)
{
	va_list ap;
	char **list = EXEC_LIST(arg, ap);

	va_end(ap);
	return execve(path, list, environ);
}

EXPORT int execlp(const char *file, const char *arg, ...)
{
	va_list ap;
	char **list = EXEC_LIST(arg, ap);

	va_end(ap);
	return execvpe(file, list, environ);
}

EXPORT int execle(const char *path, const char *arg, ...)
{
	va_list ap;
	char **list = EXEC_LIST(arg, ap);
	char **envp = va_arg(ap, char **);

	va_end(ap);
	return execve(path, list, envp);
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	char path[32];

	if (fd < 0) {
		errno = EINVAL;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!exec_ready())
		return real_fexecve(fd, argv, envp);
	if (!exec_needs_seccomp(path))
		return real_fexecve(fd, argv, EXEC_ENV(envp));
	/* The launcher opens the file once more: it must still be there after exec. */
	fd = dup(fd);
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return execve(path, argv, envp);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *acts,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	char **env;

	if (!exec_ready())
		return real_spawn(pid, path, acts, attr, argv, envp);
	env = EXEC_ENV(envp);
	if (!access(path, X_OK) && exec_needs_seccomp(path))
		return real_spawn(pid, SELF_PATH, acts, attr, EXEC_ARGV(path, argv), env);
	return real_spawn(pid, path, acts, attr, argv, env);
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *acts,
			const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	char path[PATH_MAX];
	char **env;

	if (strchr(file, '/'))
		return posix_spawn(pid, file, acts, attr, argv, envp);
	if (!exec_ready())
		return real_spawnp(pid, file, acts, attr, argv, envp);
	env = EXEC_ENV(envp);
	if (path_search(file, path) && exec_needs_seccomp(path))
		return real_spawn(pid, SELF_PATH, acts, attr, EXEC_ARGV(path, argv), env);
	return real_spawnp(pid, file, acts, attr, argv, env);
}
