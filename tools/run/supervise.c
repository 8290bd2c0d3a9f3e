// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor: told by the kernel of each socket(AF_INET, ...) of the programs
 * below the filter, it opens a Plumb socket in the caller's name and puts it into the
 * caller as the result of its call (seccomp_unotify(2)). This is a way to choose a stack,
 * not a sandbox: a program that wants Linux's stack can have it.
 *
 *	plumb run ----fork----> (child) ---fork---> supervisor: waits for the listener,
 *	    |                      exit             serves until its last user is gone
 *	    | installs the filter, hands the listener over, waits for "ready"
 *	    exec: the program
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "identity.h"
#include "supervise.h"

#define I386_NR_SOCKETCALL	102

/**
 * struct supervisor - one supervisor's state
 * @listener: the filter's descriptor
 * @family: Plumb's number
 * @ipv4_only: refuse IPv6 (only seen here for socketcall(2))
 * @own: our identity
 * @req: room for a notification, as large as this kernel's
 */
struct supervisor {
	int listener;
	int family;
	bool ipv4_only;
	struct run_identity own;
	struct seccomp_notif *req;
};

static void supervise_answer(struct supervisor *s, __u64 id, __s64 val, int err, __u32 flags)
{
	struct seccomp_notif_resp resp = { .id = id, .val = val, .error = -err, .flags = flags };

	/* ENOENT: the caller was killed meanwhile. */
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* Puts @fd into the caller as its call's result. */
static void supervise_give(struct supervisor *s, __u64 id, int fd, int type)
{
	struct seccomp_notif_addfd add = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (__u32)fd,
		.newfd_flags = type & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};
	int got = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (got < 0 && errno == EINVAL) {
		/* Before Linux 5.14: two steps. */
		add.flags = 0;
		got = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
		if (got >= 0)
			supervise_answer(s, id, got, 0, 0);
	}
	if (got < 0 && errno != ENOENT)
		supervise_answer(s, id, 0, errno, 0);
}

static void supervise_open(struct supervisor *s, const struct seccomp_notif *req, const int arg[3])
{
	int fd = socket(s->family, arg[1] | SOCK_CLOEXEC, arg[2]);

	if (fd < 0) {
		supervise_answer(s, req->id, 0, errno, 0);
		return;
	}
	supervise_give(s, req->id, fd, arg[1]);
	close(fd);
}

/* The caller is not like us: a child becomes like it, and opens the socket. */
static void supervise_open_as(struct supervisor *s, const struct seccomp_notif *req,
			      const int arg[3])
{
	pid_t pid = fork();

	if (pid < 0)
		supervise_answer(s, req->id, 0, ENOMEM, 0);
	if (pid)
		return;
	if (run_identity_assume((pid_t)req->pid, &s->own) ||
	    ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id))
		supervise_answer(s, req->id, 0, EACCES, 0);
	else
		supervise_open(s, req, arg);
	_exit(0);
}

/* i386's socketcall(2) has its arguments in the caller's memory: three 32-bit words. */
static int supervise_socketcall_args(const struct seccomp_notif *req, int arg[3])
{
	char path[32];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/mem", req->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = pread(fd, arg, 3 * sizeof(arg[0]), (off_t)(__u32)req->data.args[1]);
	close(fd);
	return len == 3 * sizeof(arg[0]) ? 0 : -1;
}

static bool supervise_wants(struct supervisor *s, const struct seccomp_notif *req, int arg[3])
{
	if (req->data.arch != AUDIT_ARCH_I386 || req->data.nr != I386_NR_SOCKETCALL) {
		arg[0] = (int)req->data.args[0];
		arg[1] = (int)req->data.args[1];
		arg[2] = (int)req->data.args[2];
		return true;
	}
	if (supervise_socketcall_args(req, arg)) {
		supervise_answer(s, req->id, 0, EFAULT, 0);
		return false;
	}
	if (arg[0] == AF_INET && (arg[1] & 0xf) != SOCK_PACKET)
		return true;
	if (arg[0] == AF_INET6 && s->ipv4_only)
		supervise_answer(s, req->id, 0, EAFNOSUPPORT, 0);
	else
		supervise_answer(s, req->id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	return false;
}

static void supervise_one(struct supervisor *s, const struct seccomp_notif *req)
{
	struct run_identity id;
	int arg[3];

	if (!supervise_wants(s, req, arg))
		return;
	/* What was read of a task counts only if it is still the one that waits. */
	if (run_identity_get((pid_t)req->pid, &id) ||
	    ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id))
		supervise_answer(s, req->id, 0, EACCES, 0);
	else if (run_identity_same(&id, &s->own))
		supervise_open(s, req, arg);
	else
		supervise_open_as(s, req, arg);
}

static void __attribute__((noreturn)) supervise_serve(struct supervisor *s)
{
	struct pollfd p = { .fd = s->listener, .events = POLLIN };
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		_exit(1);
	s->req = calloc(1, sizes.seccomp_notif > sizeof(*s->req) ?
			sizes.seccomp_notif : sizeof(*s->req));
	if (!s->req)
		_exit(1);
	for (;;) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			_exit(1);
		if (p.revents & POLLIN) {
			memset(s->req, 0, sizes.seccomp_notif);
			if (!ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, s->req))
				supervise_one(s, s->req);
		} else if (p.revents) {
			_exit(0);	/* POLLHUP: nobody is left below the filter */
		}
	}
}

static int supervise_fd_send(int to, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (char[]){ 'L' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : -1;
}

static int supervise_fd_recv(int from)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/*
 * Lets go of whatever of the program's would be held: its files (a pipe must end when the program
 * does), its working directory, its terminal, its signals.
 */
static int supervise_detach(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	if (null < 0 || setsid() < 0 || chdir("/"))
		return -1;
	for (i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			return -1;
	if (keep > 3)
		syscall(SYS_close_range, 3u, (unsigned int)keep - 1, 0);
	syscall(SYS_close_range, (unsigned int)keep + 1, ~0u, 0);
	signal(SIGCHLD, SIG_IGN);	/* children reap themselves */
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "plumb-run");
	return 0;
}

static void __attribute__((noreturn)) supervise_main(int sock, int family, bool ipv4_only)
{
	struct supervisor s = { .family = family, .ipv4_only = ipv4_only };

	if (supervise_detach(sock) || run_identity_get(0, &s.own))
		_exit(1);
	s.listener = supervise_fd_recv(sock);
	if (s.listener < 0 || write(sock, "R", 1) != 1)
		_exit(1);
	close(sock);
	supervise_serve(&s);
}

/* Starts the supervisor as nobody's child; our end of the socket to it, or -1. */
static int supervise_spawn(int family, bool ipv4_only)
{
	int pair[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	pid = fork();
	if (!pid) {
		close(pair[0]);
		pid = fork();
		if (!pid)
			supervise_main(pair[1], family, ipv4_only);
		_exit(pid < 0);
	}
	close(pair[1]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && !status)
		return pair[0];
	close(pair[0]);
	return -1;
}

int run_supervise_start(int family, bool ipv4_only)
{
	int sock, listener;
	char ready;

	sock = supervise_spawn(family, ipv4_only);
	if (sock < 0) {
		fprintf(stderr, "plumb: cannot start the supervisor: %s\n", strerror(errno));
		return -1;
	}
	listener = run_filter_install(ipv4_only);
	if (listener < 0) {
		int err = errno;

		close(sock);		/* the supervisor sees it and ends */
		if (err == EBUSY)
			return 0;
		fprintf(stderr, "plumb: seccomp: %s\n", strerror(err));
		return -1;
	}
	if (supervise_fd_send(sock, listener) || read(sock, &ready, 1) != 1) {
		fprintf(stderr, "plumb: the supervisor did not come up\n");
		return -1;
	}
	close(listener);
	close(sock);
	return 0;
}
