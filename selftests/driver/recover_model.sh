#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The adapter fails, as recover.sh, on the modelled adapter. (All of the folder on it: make check-driver.)
# timeout: 120
# kernel: 6.12
# allow: transmitter hangs|NETDEV WATCHDOG|transmit queue 0 timed out|the adapter is gone|the PHY does not answer|dev_watchdog
NIC_ON=model exec "${0%/*}/recover.sh" "$@"
