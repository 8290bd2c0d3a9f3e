// SPDX-License-Identifier: GPL-2.0
/*
 * libplumb_run.so: preloaded by `plumb run`, it opens a Plumb socket wherever the
 * program asks for an IPv4 one, and leaves every other family alone. Plumb's
 * addresses are struct sockaddr_in, so nothing else needs to change (but see setsockopt()).
 *
 * Three doors lead to the kernel in a dynamic program: socket(), syscall(SYS_socket),
 * and libc's own use of its socket function (the resolver), which no preloaded symbol
 * can catch. For the last one the function in libc is made to jump here; that is
 * done only when its instructions are exactly those of a bare system call, before
 * the program's first instruction. A program that calls the kernel by instructions
 * of its own, or io_uring's IORING_OP_SOCKET, is not seen; `--mode seccomp` sees the former.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/plumb.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "names.h"
#include "preload.h"

#define EXPORT __attribute__((visibility("default")))

typedef long (*run_syscall_t)(long nr, ...);

static int run_family = -1;		/* -1: not asked yet, 0: not to be had */
static bool run_ipv4_only;

static int run_family_ask(void)
{
	const char *env = getenv(RUN_ENV_FAMILY);
	char buf[16] = "";
	int fd;

	run_ipv4_only = !!getenv(RUN_ENV_IPV4);
	if (env)
		return atoi(env);
	fd = open(RUN_FAMILY_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = '\0';
	close(fd);
	return atoi(buf);
}

static run_syscall_t run_syscall(void)
{
	static run_syscall_t fn;

	if (!fn)
		fn = (run_syscall_t)(uintptr_t)dlsym(RTLD_NEXT, "syscall");
	return fn;
}

/*
 * The one place that decides. Without a family (the module went away) the call fails as it does on
 * a host without IPv4: it must not fall back to Linux's stack unnoticed. SOCK_PACKET is a packet
 * socket under an old name.
 */
static int run_socket(int domain, int type, int protocol)
{
	int saved = errno;

	if (run_family < 0)
		run_family = run_family_ask();
	errno = saved;
	if (domain == AF_INET && (type & 0xf) != SOCK_PACKET) {
		if (run_family <= 0) {
			errno = EAFNOSUPPORT;
			return -1;
		}
		domain = run_family;
	} else if (domain == AF_INET6 && run_ipv4_only) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return (int)run_syscall()(SYS_socket, domain, type, protocol);
}

EXPORT int socket(int domain, int type, int protocol)
{
	return run_socket(domain, type, protocol);
}

EXPORT long syscall(long nr, ...)
{
	long a[6];
	va_list ap;
	int i;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_socket)
		return run_socket((int)a[0], (int)a[1], (int)a[2]);
	return run_syscall()(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/*
 * Before 6.12 the kernel's core refuses SO_REUSEPORT to families it does not know: Plumb takes it
 * at a level of its own.
 */
EXPORT int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)
{
	int ret = (int)run_syscall()(SYS_setsockopt, fd, level, optname, optval, optlen);

	if (!ret || level != SOL_SOCKET || optname != SO_REUSEPORT || errno != EOPNOTSUPP)
		return ret;
	ret = (int)run_syscall()(SYS_setsockopt, fd, SOL_PLUMB, PLUMB_REUSEPORT, optval, optlen);
	if (ret)
		errno = EOPNOTSUPP;
	return ret;
}

/*
 * AI_ADDRCONFIG asks whether Linux has an IPv4 address, which says nothing about
 * Plumb: an interface may have its only IPv4 address there.
 */
EXPORT int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res)
{
	static int (*real)(const char *, const char *, const struct addrinfo *,
			   struct addrinfo **);
	struct addrinfo h;

	if (!real)
		real = (__typeof__(real))(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");
	if (!hints || !(hints->ai_flags & AI_ADDRCONFIG))
		return real(node, service, hints, res);
	h = *hints;
	h.ai_flags &= ~AI_ADDRCONFIG;
	return real(node, service, &h, res);
}

#ifdef __x86_64__
/* mov $SYS_socket,%eax; syscall; cmp $-4095,%rax */
static const unsigned char libc_socket_code[] = {
	0xb8, 0x29, 0x00, 0x00, 0x00, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff,
};

#define JUMP_LEN 14			/* jmp *0(%rip), and the address after it */

/* Makes libc's own socket function jump to run_socket(). */
static void run_libc_patch(void)
{
	static const unsigned char endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	unsigned char jump[JUMP_LEN] = { 0xff, 0x25, 0, 0, 0, 0 };
	unsigned char *fn = dlsym(RTLD_NEXT, "socket");
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uint64_t to = (uintptr_t)run_socket;
	uintptr_t start, end;

	if (!fn)
		return;
	if (!memcmp(fn, endbr64, sizeof(endbr64)))
		fn += sizeof(endbr64);
	if (memcmp(fn, libc_socket_code, sizeof(libc_socket_code)))
		return;
	memcpy(jump + 6, &to, sizeof(to));
	start = (uintptr_t)fn & ~(page - 1);
	end = ((uintptr_t)fn + JUMP_LEN + page - 1) & ~(page - 1);
	if (mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC))
		return;
	memcpy(fn, jump, JUMP_LEN);
	mprotect((void *)start, end - start, PROT_READ | PROT_EXEC);
}
#else
static void run_libc_patch(void)
{
}
#endif

__attribute__((constructor)) static void run_start(void)
{
	if (run_family < 0)
		run_family = run_family_ask();
	run_syscall();
	run_libc_patch();
	run_exec_start();
}
