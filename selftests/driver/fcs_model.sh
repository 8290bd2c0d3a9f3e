#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The frame check sequence and bad frames, as fcs.sh, on the modelled adapter. (All of the folder on it: make check-driver.)
# timeout: 120
# kernel: 6.12
NIC_ON=model exec "${0%/*}/fcs.sh" "$@"
