#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""httpd.py ADDRESS PORT DIRECTORY: serves the files of a directory, and takes PUT of new ones."""
import http.server
import os
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        with open(self.translate_path(self.path), "wb") as file:
            while left:
                data = self.rfile.read(min(left, 65536))
                if not data:
                    break
                file.write(data)
                left -= len(data)
        self.send_response(500 if left else 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


os.chdir(sys.argv[3])
Server((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
