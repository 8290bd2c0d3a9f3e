#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As netem.sh, with 100 MiB a stream: 2% loss, 10% reordering, 1% duplication, 1%
# corruption and 20 ms delay, both ways. Hosts: common.sh.
# slow
# timeout: 900
# shellcheck source=selftests/e2e/impair.sh
. "${0%/*}/impair.sh"

test_100_mib__plumb_to_linux() { over_bad_cable plumb linux 100M 8000; }
test_100_mib__linux_to_plumb() { over_bad_cable linux plumb 100M 8000; }
test_100_mib__plumb_to_plumb() { over_bad_cable plumb plumb 100M 8000; }

run_tests "$@"
