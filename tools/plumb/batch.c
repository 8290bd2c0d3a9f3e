// SPDX-License-Identifier: GPL-2.0
/* plumb -batch FILE: a command a line, as ip(8) has it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"

#define WORDS	100

/* A line that ends in a backslash goes on in the next. Return: octets, or -1 at the end. */
static ssize_t line_get(char **line, size_t *size, FILE *from, unsigned int *number)
{
	char *more = NULL;
	size_t space = 0;
	ssize_t len, n;

	len = getline(line, size, from);
	while (len >= 0) {
		++*number;
		if (len && (*line)[len - 1] == '\n')
			(*line)[--len] = '\0';
		if (!len || (*line)[len - 1] != '\\')
			break;
		(*line)[--len] = '\0';
		n = getline(&more, &space, from);
		if (n < 0)
			break;
		if (len + n + 1 > (ssize_t)*size) {
			*size = len + n + 1;
			*line = realloc(*line, *size);
			if (!*line) {
				perror("plumb");
				exit(EXIT_USAGE);
			}
		}
		memcpy(*line + len, more, n + 1);
		len += n;
	}
	free(more);
	return len;
}

/* Cuts @line into words; quotes keep spaces, # begins a comment. Return: how many, or -1. */
static int words_of(char *line, char **words)
{
	int n = 0;

	for (;;) {
		char end;

		line += strspn(line, " \t");
		if (!*line || *line == '#')
			break;
		if (n == WORDS)
			return -1;
		if (*line == '"' || *line == '\'') {
			end = *line++;
			words[n++] = line;
			line = strchr(line, end);
			if (!line)
				return -1;
		} else {
			words[n++] = line;
			line += strcspn(line, " \t");
		}
		if (*line)
			*line++ = '\0';
	}
	words[n] = NULL;
	return n;
}

/* In a process of its own: a command may end it, and leaves nothing behind for the next. */
static int one(int argc, char **argv, FILE *from)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* Its exit() must not set back where we read. */
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, fileno(from)) < 0) {
			perror("/dev/null");
			_exit(EXIT_USAGE);
		}
		exit(cmd_line(argc, argv));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("plumb");
		return EXIT_USAGE;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int cmd_batch(const char *name, bool force)
{
	FILE *from = strcmp(name, "-") ? fopen(name, "re") : stdin;
	char *words[WORDS + 1], *line = NULL;
	unsigned int number = 0;
	size_t size = 0;
	int n, ret = 0;

	if (!from) {
		fprintf(stderr, "Cannot open file \"%s\" for reading: %s\n", name, strerror(errno));
		return EXIT_USAGE;
	}
	while (line_get(&line, &size, from, &number) >= 0) {
		n = words_of(line, words);
		if (!n)
			continue;
		if (n < 0)
			fputs("A quote has no end, or there are too many words.\n", stderr);
		if (n < 0 || one(n, words, from)) {
			fprintf(stderr, "Command failed %s:%u\n", name, number);
			ret = EXIT_USAGE;
			if (!force)
				break;
		}
	}
	free(line);
	if (from != stdin)
		fclose(from);
	return ret;
}
