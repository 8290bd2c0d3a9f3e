// SPDX-License-Identifier: GPL-2.0
/* sockdom without a dynamic linker: a preloaded library cannot enter it. */
#include "sockdom.c"
