// SPDX-License-Identifier: GPL-2.0
/*
 * A session is a process that makes a sequence of calls and ends. Each call draws its choices from
 * a seed of its own, so a session is a list of seeds; what reached new code in the module (KCOV)
 * is kept, and later sessions are made of pieces of it. The list is written into the kernel's log
 * before it runs, as runs "SEED.FIRST.COUNT,...": with that, --replay does the same calls again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcov.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kfuzz.h"

#define MAX_CALLS	400
#define MAX_RUNS	20		/* the text of that many goes into one line of the log */
#define CORPUS		256
#define SESSIONS_EACH	40		/* in one pair of namespaces */
#define COVER		(1 << 16)	/* places noted a call */
#define SEEN		(1 << 20)	/* places known, at most */
#define LIMIT_S		120		/* a session that lasts longer hangs */
#define NOTES		48
#define NOTE		160

struct call_seed {
	uint32_t seed;
	uint16_t index;
};

struct session {
	unsigned int n;
	bool race;			/* two threads */
	struct call_seed call[MAX_CALLS];
};

static const struct {
	void (*call)(struct rng *r);
	unsigned int weight;
} calls[] = {
	{ call_pair, 40 }, { call_socket, 40 }, { call_bind, 30 }, { call_connect, 30 },
	{ call_listen, 20 }, { call_accept, 30 }, { call_name, 20 }, { call_send, 60 },
	{ call_sendmsg, 60 }, { call_sendmmsg, 15 }, { call_recv, 50 }, { call_recvmsg, 60 },
	{ call_recvmmsg, 15 }, { call_readwrite, 40 }, { call_shutdown, 12 }, { call_close, 30 },
	{ call_ioctl, 30 }, { call_fcntl, 10 }, { call_poll, 20 }, { call_epoll, 20 },
	{ call_splice, 30 }, { call_sendfile, 15 }, { call_map, 8 }, { call_inject, 20 },
	{ call_setsockopt, 160 }, { call_getsockopt, 100 }, { call_netlink, 50 },
	{ call_sysctl, 25 }, { call_proc, 15 }, { call_device, 2 },
	/* Those of the modelled adapter, and then only in some namespaces: it costs time. */
	{ call_netlink_lan, 20 }, { call_ethtool, 20 },
};

#define LAN_CALLS	2

/* What a session's process hands back. */
static struct shared {
	char note[2][NOTES][NOTE];
	unsigned int notes[2];
	unsigned long fresh;		/* places that no session before has reached */
	unsigned long known;
	unsigned long failed, made;	/* calls */
	uint64_t seen[SEEN];
} *shared;

static int kcov = -1;
static uint64_t *cover;
static bool lan, loud;
static __thread unsigned int thread;
static struct session corpus[CORPUS];
static unsigned int n_corpus;

/* ---- notes ---- */

void trace(const char *format, ...)
{
	char *note = shared->note[thread][shared->notes[thread]++ % NOTES];
	va_list args;

	va_start(args, format);
	vsnprintf(note, NOTE, format, args);
	va_end(args);
	if (loud)
		reports_note("%u: %s", thread, note);
}

long traced(long result)
{
	char *note = shared->note[thread][(shared->notes[thread] - 1) % NOTES];
	size_t len = strlen(note);

	__atomic_add_fetch(&shared->made, 1, __ATOMIC_RELAXED);
	if (result < 0)
		__atomic_add_fetch(&shared->failed, 1, __ATOMIC_RELAXED);
	snprintf(note + len, NOTE - len, " = %ld", result < 0 ? -(long)errno : result);
	return result;
}

static void print_notes(void)
{
	unsigned int t, i, n;

	for (t = 0; t < 2; t++) {
		n = shared->notes[t];
		if (n)
			printf("# last calls of thread %u:\n", t);
		for (i = n > NOTES ? n - NOTES : 0; i < n; i++)
			printf("#   %s\n", shared->note[t][i % NOTES]);
	}
}

/* ---- coverage ---- */

void cover_init(void)
{
	kcov = open("/sys/kernel/debug/kcov", O_RDWR);
	if (kcov < 0 || ioctl(kcov, KCOV_INIT_TRACE, COVER)) {
		puts("# no KCOV: without feedback");
		return;
	}
	cover = mmap(NULL, COVER * sizeof(*cover), PROT_READ | PROT_WRITE, MAP_SHARED, kcov, 0);
	if (cover == MAP_FAILED)
		cover = NULL;
}

static bool cover_new(uint64_t pc)
{
	uint64_t at = (pc * 0x9e3779b97f4a7c15ull) >> 44;

	while (shared->seen[at] && shared->seen[at] != pc)
		at = (at + 1) % SEEN;
	if (shared->seen[at])
		return false;
	if (shared->known > SEEN / 2)
		return false;
	shared->seen[at] = pc;
	shared->known++;
	return true;
}

static void cover_start(void)
{
	if (cover)
		__atomic_store_n(cover, 0, __ATOMIC_RELAXED);
}

static void cover_stop(void)
{
	uint64_t n, i;

	if (!cover)
		return;
	n = __atomic_load_n(cover, __ATOMIC_RELAXED);
	for (i = 1; i <= n && i < COVER; i++)
		shared->fresh += cover_new(cover[i]);
}

/* ---- one session ---- */

static void one_call(const struct call_seed *c)
{
	unsigned int n = sizeof(calls) / sizeof(calls[0]) - (lan ? 0 : LAN_CALLS);
	unsigned int sum = 0, at, i;
	struct rng r;

	rng_seed(&r, (uint64_t)c->seed << 16 | c->index);
	for (i = 0; i < n; i++)
		sum += calls[i].weight;
	at = below(&r, sum);
	for (i = 0; at >= calls[i].weight; i++)
		at -= calls[i].weight;
	calls[i].call(&r);
}

static void *run_thread(void *arg)
{
	const struct session *s = arg;
	unsigned int i, step = s->race ? 2 : 1;

	for (i = thread; i < s->n; i += step) {
		if (!thread)
			cover_start();
		one_call(&s->call[i]);
		if (!thread)
			cover_stop();
	}
	return NULL;
}

static void tick(int signal)
{
	(void)signal;
}

/* Whatever blocks this thread is interrupted ten milliseconds later. */
static void tick_start(void)
{
	struct itimerspec each = { { 0, 10000000 }, { 0, 10000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	timer_t timer;

	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &each, NULL))
		_exit(1);
}

static void *second_thread(void *arg)
{
	thread = 1;
	tick_start();
	return run_thread(arg);
}

static void session_process(struct session *s)
{
	struct sigaction act = { .sa_handler = tick };
	pthread_t other;

	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGIO, &act, NULL);
	sigaction(SIGURG, &act, NULL);
	sigaction(SIGPIPE, &act, NULL);
	tick_start();
	if (cover && ioctl(kcov, KCOV_ENABLE, KCOV_TRACE_PC))
		cover = NULL;
	if (s->race && pthread_create(&other, NULL, second_thread, s))
		s->race = false;
	run_thread(s);
	if (s->race)
		pthread_join(other, NULL);
	objects_close();
	_exit(0);
}

/* Where the kernel holds its threads. */
static void print_stacks(pid_t pid)
{
	char command[80];

	snprintf(command, sizeof(command), "head -n 12 /proc/%d/task/*/stack", pid);
	fflush(stdout);
	if (system(command))
		puts("# (no stacks)");
}

/* session_wait() - whether the process ended in time */
static bool session_wait(pid_t pid)
{
	int i, status;

	for (i = 0; i < LIMIT_S * 100; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return true;
		usleep(i < 20 ? 1000 : 10000);
	}
	printf("# the session hangs\n");
	print_stacks(pid);
	kill(pid, SIGKILL);
	return false;
}

static bool session_run(struct session *s)
{
	pid_t pid;

	memset(shared->notes, 0, sizeof(shared->notes));
	shared->fresh = 0;
	fflush(stdout);
	pid = fork();
	if (!pid)
		session_process(s);
	return pid > 0 && session_wait(pid);
}

/* ---- sessions as text ---- */

static unsigned int runs_of(const struct session *s)
{
	unsigned int n = 1, i;

	for (i = 1; i < s->n; i++)
		n += s->call[i].seed != s->call[i - 1].seed ||
		     s->call[i].index != s->call[i - 1].index + 1;
	return n;
}

static void session_print(const struct session *s, char *text, size_t room_for)
{
	unsigned int i = 0, from;
	size_t len;

	len = (size_t)snprintf(text, room_for, "%s", s->race ? "race" : "alone");
	while (i < s->n && len < room_for) {
		from = i++;
		while (i < s->n && s->call[i].seed == s->call[from].seed &&
		       s->call[i].index == s->call[i - 1].index + 1)
			i++;
		len += (size_t)snprintf(text + len, room_for - len, ",%x.%u.%u", s->call[from].seed,
					s->call[from].index, i - from);
	}
}

static bool session_parse(struct session *s, const char *text)
{
	unsigned int seed, first, count;

	s->race = !strncmp(text, "race", 4);
	for (text = strchr(text, ','); text; text = strchr(text + 1, ',')) {
		if (sscanf(text, ",%x.%u.%u", &seed, &first, &count) != 3)
			return false;
		while (count-- && s->n < MAX_CALLS)
			s->call[s->n++] = (struct call_seed){ seed, (uint16_t)first++ };
	}
	return s->n;
}

/* ---- new sessions out of old ones ---- */

static void append(struct session *s, const struct session *from, unsigned int first,
		   unsigned int n)
{
	for (; n && first < from->n && s->n < MAX_CALLS; n--)
		s->call[s->n++] = from->call[first++];
}

static void append_fresh(struct session *s, struct rng *r, unsigned int n)
{
	uint32_t seed = (uint32_t)rng_next(r);
	uint16_t index = 0;

	for (; n && s->n < MAX_CALLS; n--)
		s->call[s->n++] = (struct call_seed){ seed, index++ };
}

static void session_make(struct session *s, struct rng *r)
{
	const struct session *a, *b;
	unsigned int cut;

	memset(s, 0, sizeof(*s));
	s->race = one_in(r, 4);
	if (!n_corpus || one_in(r, 3)) {
		append_fresh(s, r, 60 + below(r, MAX_CALLS - 60));
		return;
	}
	a = &corpus[below(r, n_corpus)];
	b = &corpus[below(r, n_corpus)];
	cut = below(r, a->n);
	append(s, a, 0, cut);
	switch (below(r, 4)) {
	case 0:		/* goes on otherwise */
		append_fresh(s, r, 60 + below(r, 200));
		break;
	case 1:		/* something happens in between */
		append_fresh(s, r, 1 + below(r, 20));
		append(s, a, cut, MAX_CALLS);
		break;
	case 2:		/* something does not */
		append(s, a, cut + 1 + below(r, 8), MAX_CALLS);
		break;
	default:
		append(s, b, below(r, b->n), MAX_CALLS);
	}
	if (!s->n)
		append_fresh(s, r, 20);
}

static void corpus_add(const struct session *s, struct rng *r)
{
	if (runs_of(s) > MAX_RUNS)
		return;
	if (n_corpus < CORPUS)
		corpus[n_corpus++] = *s;
	else
		corpus[below(r, CORPUS)] = *s;
}

/* ---- all of them ---- */

static int one_session(struct session *s, unsigned long number)
{
	char text[900];
	bool ended;

	session_print(s, text, sizeof(text));
	reports_note("session %lu: %s%s", number, lan ? "lan," : "", text);
	ended = session_run(s);
	if (ended && !reports_seen())
		return 0;
	printf("# session %lu; the same calls again: --replay %s%s\n", number, lan ? "lan," : "",
	       text);
	print_notes();
	return 1;
}

static int sessions_loop(uint64_t seed, long wanted)
{
	unsigned long number = 0;
	static struct session s;
	struct rng r;
	int err = 0;

	rng_seed(&r, seed);
	while (!err && (long)shared->made < wanted) {
		if (number % SESSIONS_EACH == 0) {
			if (number)
				hosts_down();
			if (hosts_up())
				return 1;
			lan = (number / SESSIONS_EACH) % 4 == 3;
		}
		hosts_repair();
		session_make(&s, &r);
		err = one_session(&s, number++);
		if (!err && shared->fresh)
			corpus_add(&s, &r);
		if (number % 200 == 0)
			printf("# %lu sessions, %lu calls, %lu refused, %lu places, %u kept\n",
			       number,
			       shared->made, shared->failed, shared->known, n_corpus);
	}
	printf("# seed %#llx: %lu sessions, %lu calls, %lu of them refused, %lu places reached\n",
	       (unsigned long long)seed, number, shared->made, shared->failed, shared->known);
	return err;
}

int sessions_run(uint64_t seed, long wanted, const char *replay, bool be_loud)
{
	static struct session s;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || room_init())
		return 1;
	loud = be_loud;
	if (!replay)
		return sessions_loop(seed, wanted);
	if (!strncmp(replay, "lan,", 4)) {
		lan = true;
		replay += 4;
	}
	if (!session_parse(&s, replay) || hosts_up())
		return 1;
	return one_session(&s, 0);
}

