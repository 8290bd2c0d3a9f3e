# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What the kernel says when it is not well (grep -E). The head lines of reports
# only: one that is allowed by its head shall not fail by its own call trace.
# Sourced by scripts/vm and selftests/run.
REPORTS='BUG: |kernel BUG at|WARNING: |Oops|Kernel panic|general protection fault|unable to handle'
REPORTS+='|KASAN: |UBSAN: |KCSAN: |KFENCE: |kmemleak: [1-9][0-9]* new suspected|unreferenced object'
REPORTS+='|refcount_t: |ODEBUG: |list_(add|del) corruption|stack-protector: |Bad page'
REPORTS+='|rcu: INFO: |rcu_(sched|preempt) .*stall|INFO: task .* blocked|soft lockup|hard LOCKUP'
REPORTS+='|unregister_netdevice: waiting|scheduling while atomic|sleeping function called'
REPORTS+='|INFO: trying to register non-static key|possible recursive locking|DMA-API: .*(error|leak|device driver)'
