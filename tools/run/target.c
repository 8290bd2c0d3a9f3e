// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the head of a program file: an ELF file's class, its PT_INTERP and its
 * notes, or a script's first line, whose interpreter is then looked at instead.
 */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "target.h"

#define SCRIPT_DEPTH	5	/* as many as the kernel follows */
#define SCRIPT_LINE	256	/* as much as the kernel reads */
#define NOTES_MAX	4096

#if defined(__x86_64__)
#define OUR_MACHINE	EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE	EM_AARCH64
#else
#error "plumb run knows x86_64 and aarch64"
#endif

static bool target_elevates(int fd)
{
	struct stat st;

	if (!getuid() || fstat(fd, &st))
		return false;
	if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
		return true;
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && st.st_gid != getgid())
		return true;
	return fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

/* A Go program carries a note with the owner "Go"; its runtime calls the kernel without libc. */
static bool target_note_is_go(int fd, const Elf64_Phdr *ph)
{
	_Alignas(Elf64_Nhdr) char buf[NOTES_MAX];
	size_t want = ph->p_filesz < sizeof(buf) ? ph->p_filesz : sizeof(buf);
	ssize_t len = pread(fd, buf, want, ph->p_offset);
	size_t at = 0;

	while (len > 0 && at + sizeof(Elf64_Nhdr) + 4 <= (size_t)len) {
		const Elf64_Nhdr *nh = (const void *)(buf + at);
		size_t namesz = ((size_t)nh->n_namesz + 3) & ~(size_t)3;
		size_t descsz = ((size_t)nh->n_descsz + 3) & ~(size_t)3;

		if (nh->n_namesz == 4 && !memcmp(buf + at + sizeof(*nh), "Go\0", 4))
			return true;
		at += sizeof(*nh) + namesz + descsz;
	}
	return false;
}

static enum run_kind target_elf_kind(int fd, const Elf64_Ehdr *eh)
{
	bool interp = false, go = false;
	Elf64_Phdr ph;
	int i;

	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != OUR_MACHINE)
		return RUN_FOREIGN;
	if (eh->e_phentsize != sizeof(ph))
		return RUN_UNKNOWN;
	for (i = 0; i < eh->e_phnum; i++) {
		off_t at = (off_t)eh->e_phoff + (off_t)i * (off_t)sizeof(ph);

		if (pread(fd, &ph, sizeof(ph), at) != sizeof(ph))
			return RUN_UNKNOWN;
		if (ph.p_type == PT_INTERP)
			interp = true;
		else if (ph.p_type == PT_NOTE && target_note_is_go(fd, &ph))
			go = true;
	}
	if (!interp)
		return RUN_STATIC;
	return go ? RUN_DIRECT : RUN_DYNAMIC;
}

/* Writes the interpreter named by "#! /path [argument]" to @path; false if there is none. */
static bool target_script_interp(const char *line, char *path)
{
	size_t len;

	if (line[0] != '#' || line[1] != '!')
		return false;
	line += 2;
	line += strspn(line, " \t");
	len = strcspn(line, " \t\n");
	if (!len)
		return false;
	memcpy(path, line, len);
	path[len] = '\0';
	return true;
}

/* True if @path was a script; @path then names its interpreter. */
static bool target_look_once(char *path, struct run_target *t)
{
	union {
		Elf64_Ehdr eh;
		char line[SCRIPT_LINE + 1];
	} head = { 0 };
	bool script = false;
	int fd;

	t->kind = RUN_UNKNOWN;
	t->elevates = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, head.line, SCRIPT_LINE, 0) >= (ssize_t)sizeof(head.eh) &&
	    !memcmp(head.eh.e_ident, ELFMAG, SELFMAG)) {
		t->kind = target_elf_kind(fd, &head.eh);
		t->elevates = target_elevates(fd);
	} else {
		script = target_script_interp(head.line, path);
	}
	close(fd);
	return script;
}

void run_target_look(const char *path, struct run_target *t)
{
	char at[PATH_MAX];
	int depth = 0;

	if (strlen(path) >= sizeof(at)) {
		t->kind = RUN_UNKNOWN;
		t->elevates = 0;
		return;
	}
	strcpy(at, path);
	while (target_look_once(at, t) && depth++ < SCRIPT_DEPTH)
		;
}
