// SPDX-License-Identifier: GPL-2.0
/*
 * A BPF program over the system call's number and first two arguments. What it
 * lets through costs a few instructions; only socket(AF_INET, ...) goes to the supervisor.
 *
 *	native and x32:	socket(AF_INET, type != SOCK_PACKET)	-> notify
 *	i386:		socket, likewise			-> notify
 *			socketcall(SYS_SOCKET, pointer)		-> notify: the supervisor
 *					reads the arguments, which a filter cannot
 *	everything else						-> allow
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

#if defined(__x86_64__)
#define NATIVE_ARCH	AUDIT_ARCH_X86_64
#define NR_MASK		(~0x40000000u)		/* x32 marks its numbers with this bit */
#elif defined(__aarch64__)
#define NATIVE_ARCH	AUDIT_ARCH_AARCH64
#define NR_MASK		(~0u)
#endif

#define I386_NR_SOCKETCALL	102
#define I386_NR_SOCKET		359
/* what is left are SOCK_CLOEXEC and SOCK_NONBLOCK */
#define TYPE_MASK		0xf

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define AND(k)		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (k))
#define JEQ(k, t, f)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (t), (f))
#define RET(k)		BPF_STMT(BPF_RET | BPF_K, (k))

int run_filter_install(bool ipv4_only)
{
	unsigned int inet6 = ipv4_only ? SECCOMP_RET_ERRNO | EAFNOSUPPORT : SECCOMP_RET_ALLOW;
	struct sock_filter code[] = {
		/* 0 */ LOAD(arch),
		/* 1 */ JEQ(NATIVE_ARCH, 0, 3),
		/* 2 */ LOAD(nr),
		/* 3 */ AND(NR_MASK),
		/* 4 */ JEQ(SYS_socket, 6, 14),
		/* 5 */ JEQ(AUDIT_ARCH_I386, 0, 13),
		/* 6 */ LOAD(nr),
		/* 7 */ JEQ(I386_NR_SOCKET, 3, 0),
		/* 8 */ JEQ(I386_NR_SOCKETCALL, 0, 10),
		/* 9 */ LOAD(args[0]),
		/* 10 */ JEQ(SYS_SOCKET, 7, 8),
		/* 11 socket */ LOAD(args[0]),
		/* 12 */ JEQ(AF_INET, 1, 0),
		/* 13 */ JEQ(AF_INET6, 3, 5),
		/* 14 */ LOAD(args[1]),
		/* 15 */ AND(TYPE_MASK),
		/* 16 */ JEQ(SOCK_PACKET, 2, 1),
		/* 17 */ RET(inet6),
		/* 18 */ RET(SECCOMP_RET_USER_NOTIF),
		/* 19 */ RET(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int fd;

	/*
	 * With CAP_SYS_ADMIN set-user-ID programs keep their meaning; without, they must lose it.
	 */
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (fd >= 0 || errno != EACCES)
		return fd;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}
