// SPDX-License-Identifier: GPL-2.0
/*
 * Prints which family a socket has that was asked for as AF_INET, by each way into
 * the kernel: "libc 18", or the errno's name's text. Exit code 7, to see it passed on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *way, int fd)
{
	int domain = -1;
	socklen_t len = sizeof(domain);

	if (fd < 0) {
		printf("%s: %s\n", way, strerror(errno));
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	printf("%s %d\n", way, domain);
	close(fd);
}

#ifdef __x86_64__
/* As a program without libc calls the kernel. */
static int direct_socket(long domain, long type, long protocol)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(SYS_socket), "D"(domain), "S"(type), "d"(protocol)
			 : "rcx", "r11", "memory");
	if (ret >= 0)
		return (int)ret;
	errno = (int)-ret;
	return -1;
}
#endif

int main(void)
{
	show("libc", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	show("dgram", socket(AF_INET, SOCK_DGRAM, 0));
	show("syscall", (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
	show("unix", socket(AF_UNIX, SOCK_STREAM, 0));
	show("inet6", socket(AF_INET6, SOCK_STREAM, 0));
#ifdef __x86_64__
	show("direct", direct_socket(AF_INET, SOCK_STREAM, 0));
#endif
	return 7;
}
