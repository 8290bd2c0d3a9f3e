# SPDX-License-Identifier: GPL-2.0
# For a topic's Makefile:
#	TEST_PROGS := handshake.sh close.sh	scripts, in the order they run
#	TEST_FILES := common.sh			what they source
#	TEST_GEN_FILES := echo_server		programs from echo_server.c, in the scripts' PATH
#	include ../lib/lib.mk

TOPIC := $(notdir $(CURDIR))
SELFTESTS := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
GEN := $(SELFTESTS)/../build/selftests/$(TOPIC)

CFLAGS ?= -O2 -g -Wall -Wextra
CPPFLAGS += -D_GNU_SOURCE -I$(SELFTESTS)/../include/uapi -I$(SELFTESTS)/lib

.PHONY: all clean
all: $(addprefix $(GEN)/,$(TEST_GEN_FILES))

$(GEN)/%: %.c
	@mkdir -p $(GEN)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS) $(LDLIBS) $(LDLIBS_$*)

clean:
	rm -rf $(GEN)
