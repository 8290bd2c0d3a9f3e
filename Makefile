# SPDX-License-Identifier: GPL-2.0
# Plumb is built outside its sources, a folder a kernel release (build/<release>),
# through a tree of links, so that objects for several kernels stand side by side.
#
# KVER: a release (6.1.0-13-amd64) or a series that scripts/kernel knows (6.1, 6.12, debug, kcsan).
# KDIR: the folder to build against, when it is not the usual one of KVER.

TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
KERNELS := 6.1 6.12

ifneq ($(KDIR),)
  RELEASE := $(or $(KVER),$(shell cat $(KDIR)/include/config/kernel.release))
else ifneq ($(filter $(KERNELS) debug kcsan,$(KVER)),)
  RELEASE := $(shell $(TOP)/scripts/kernel release $(KVER))
  KDIR := $(shell $(TOP)/scripts/kernel headers $(KVER))
else ifneq ($(KVER),)
  RELEASE := $(KVER)
else ifneq ($(wildcard /lib/modules/$(shell uname -r)/build/Makefile),)
  RELEASE := $(shell uname -r)
else
  RELEASE := $(shell $(TOP)/scripts/kernel newest)
endif
ifeq ($(KDIR),)
  KDIR := $(firstword $(wildcard /lib/modules/$(RELEASE)/build /usr/src/linux-headers-$(RELEASE)))
endif

OUT := $(TOP)/build/$(RELEASE)
SOURCES = $(shell cd $(TOP) && find Kbuild include kmod net drivers examples \
	-name '*.[chS]' -o -name Kbuild 2>/dev/null)
KMAKE = $(MAKE) --no-print-directory -C $(KDIR) M=$(OUT) CONFIG_DEBUG_INFO_BTF_MODULES=
# What is built against plumb.ko, as modules of others are.
EXAMPLES = $(MAKE) --no-print-directory -C $(KDIR) M=$(OUT)/examples/cc PLUMB=$(TOP) \
	PLUMB_SYMBOLS=$(OUT)/Module.symvers CONFIG_DEBUG_INFO_BTF_MODULES=
# Modules for tests; for a kernel with KUnit and kprobes also those that test plumb.ko from within.
INSIDE = power $(if $(shell grep -sx CONFIG_KUNIT=y $(KDIR)/.config),kunit faults)
KINSIDE = $(MAKE) --no-print-directory -C $(KDIR) PLUMB=$(TOP) PLUMB_SYMBOLS=$(OUT)/Module.symvers \
	CONFIG_DEBUG_INFO_BTF_MODULES=

.PHONY: all module links tools tests run check check-quick check-long check-smp check-debug check-driver fuzz-kernel soak style \
	unit sim sim-long coverage coverage-engine bench goodput picture packetdrill docs-check install modules_install clean help \
	headers-there

all: module tools

headers-there:
	@[ -f "$(KDIR)/Makefile" ] || { echo "no kernel headers for '$(RELEASE)': run scripts/deps" >&2; exit 1; }

# A link for each source of this tree (build/ may be a copy of another's), none for one that is gone.
links: headers-there
	@mkdir -p $(OUT)
	@cd $(OUT) && find . -xtype l -delete && mkdir -p $(sort $(dir $(SOURCES)))
	@cd $(OUT) && for f in $(SOURCES); do [ $$f -ef $(TOP)/$$f ] || ln -sf $(TOP)/$$f $$f; done

module: links
	+@$(KMAKE) modules
	+@$(EXAMPLES) modules
	+@for d in $(INSIDE); do mkdir -p $(OUT)/$$d; \
		ln -sf $(TOP)/selftests/$$d/Kbuild $(TOP)/selftests/$$d/*.[ch] $(OUT)/$$d/; \
		$(KINSIDE) M=$(OUT)/$$d modules || exit 1; done

# Any object of the module alone: make net/ip/input.o
kmod/%.o net/%.o drivers/%.o: links
	+@$(KMAKE) $@

tools:
	@$(MAKE) --no-print-directory -C tools
	@$(MAKE) --no-print-directory -C selftests/bench

# The programs of all test folders.
TEST_DIRS := $(patsubst %/Makefile,%,$(wildcard $(TOP)/selftests/*/Makefile))
tests:
	+@for d in $(TEST_DIRS); do $(MAKE) --no-print-directory -C $$d all || exit 1; done

run:
	@$(TOP)/scripts/run
check:
	@$(TOP)/scripts/check
check-quick:
	@$(TOP)/scripts/check --quick
check-long:
	@$(TOP)/scripts/check --long
check-smp:
	@$(TOP)/scripts/check --smp
check-debug:
	@$(TOP)/scripts/check --debug
check-driver:
	@$(TOP)/scripts/check-driver
fuzz-kernel:
	@$(TOP)/scripts/fuzz-kernel
soak:
	@$(TOP)/scripts/soak
style:
	@$(TOP)/scripts/style
unit:
	@$(MAKE) --no-print-directory -C selftests/unit run
sim:
	@$(MAKE) --no-print-directory -C selftests/sim run
sim-long:
	@$(MAKE) --no-print-directory -C selftests/sim run-long N=$(N)
coverage:
	@$(TOP)/scripts/coverage --write
coverage-engine:
	@$(TOP)/scripts/coverage-engine
bench:
	@$(TOP)/scripts/bench
goodput:
	@$(TOP)/scripts/goodput
picture:
	@$(TOP)/scripts/picture
packetdrill:
	@$(TOP)/scripts/packetdrill

modules_install: module
	+@$(KMAKE) modules_install
install: modules_install
	@$(MAKE) --no-print-directory -C tools install

clean:
	rm -rf $(TOP)/build
	@[ ! -f tools/Makefile ] || $(MAKE) --no-print-directory -C tools clean
	@for d in $(TEST_DIRS); do $(MAKE) --no-print-directory -C $$d clean; done

help:
	@echo 'make               plumb.ko (in build/<release>) and the tools, for Linux $(RELEASE)'
	@echo '     KVER=6.1|6.12|<release>, KDIR=<folder>, W=1, C=2 as in the kernel,'
	@echo '     DEBUG_INFO=1 with what gdb and perf probe want to know'
	@echo 'make run           see it work: a page, a server and 100 MiB each way, in a VM'
	@echo 'make check         every test on Linux 6.1 and 6.12 (VMs; about half an hour)'
	@echo 'make check-quick   the same on 6.12 alone'
	@echo 'make check-long    kselftests, with 200 cycles of loading and 100 MiB through each impairment'
	@echo 'make check-smp     the kselftests where two processors meet, on two vCPUs'
	@echo 'make check-debug   the same on a kernel with KASAN, lockdep, kmemleak ... (built once)'
	@echo 'make check-driver  the driver'"'"'s tests on QEMU'"'"'s adapters and on the modelled one, one after the other'
	@echo 'make fuzz-kernel   a million calls and ten million packets of a fuzzer, on the sanitizer kernel'
	@echo 'make soak          50,000 connections at once; overflow, pressure, and what comes and goes under load'
	@echo 'make style         compiler, sparse, checkpatch, kernel-doc, shellcheck: findings only'
	@echo 'make unit, sim     the TCP engine in user space: unit tests, simulator (sim-long N=seeds)'
	@echo 'make coverage      which lines the tests reach (gcov, on the sanitizer kernel)'
	@echo 'make coverage-engine   the same of the TCP engine, by unit tests, simulator and fuzzer'
	@echo 'make bench         against Linux'"'"'s own TCP: throughput, instructions, memory'
	@echo 'make goodput       the same by loss, delay and rate (half an hour); writes docs/goodput.md and .svg'
	@echo 'make packetdrill  PACKETDRILL=<folder>: Google'"'"'s packetdrill scripts on both stacks; writes docs/packetdrill.md'
	@echo 'make picture       docs/frame.svg: the frame of an HTTP request, from its bytes to the signal'
	@echo 'make tools         the plumb command and its launcher'
	@echo 'make install       module and tools on this machine'
	@echo 'make clean'
