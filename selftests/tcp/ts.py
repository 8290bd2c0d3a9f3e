#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Does a connection of this host with itself use timestamps (TCPI_OPT_TIMESTAMPS)? 1 or 0."""
import socket

listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen()
client = socket.create_connection(listening.getsockname())
print(client.getsockopt(socket.SOL_TCP, 11, 8)[5] & 1)
