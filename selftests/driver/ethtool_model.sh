#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What ethtool(8) shows and sets, as ethtool.sh, on the modelled adapter. (All of the folder on it: make check-driver.)
# timeout: 240
# kernel: 6.12
NIC_ON=model exec "${0%/*}/ethtool.sh" "$@"
