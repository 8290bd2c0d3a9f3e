# SPDX-License-Identifier: GPL-2.0
"""The standard library's signal without its enumerations, as socket.py."""
# pylint: disable=wildcard-import,unused-wildcard-import
from _signal import *
