// SPDX-License-Identifier: GPL-2.0
/*
 * What packetdrill needs to run on either stack, preloaded:
 *
 * - with PLUMB_FAMILY=N its socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), and no other call, opens a
 *   socket of that family;
 * - then what it runs finds the stack's sockets in /proc/net/tcp;
 * - it wants TCP_INFO as long as its own, newest struct: what the kernel does not know is zero.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int socket(int domain, int type, int protocol)
{
	const char *family = getenv("PLUMB_FAMILY");

	if (family && domain == AF_INET && type == SOCK_STREAM && protocol == IPPROTO_TCP)
		domain = atoi(family);
	return (int)syscall(SYS_socket, domain, type, protocol);
}

static int open_here(int dir, const char *path, int flags, mode_t mode)
{
	if (getenv("PLUMB_FAMILY") && !strcmp(path, "/proc/net/tcp"))
		path = "/proc/net/plumb/tcp";
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return open_here(AT_FDCWD, path, flags, mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return open_here(dir, path, flags, mode);
}

EXPORT int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)
{
	socklen_t len = optlen ? *optlen : 0;
	long ret = syscall(SYS_getsockopt, fd, level, optname, optval, optlen);

	if (!ret && level == IPPROTO_TCP && optname == TCP_INFO && optval && *optlen < len) {
		memset((char *)optval + *optlen, 0, len - *optlen);
		*optlen = len;
	}
	return (int)ret;
}
