#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unmodified servers on Plumb, clients on Linux's stack: python's http.server and nginx
# (processes that share a listening socket, sendfile, keep-alive). Hosts: common.sh.
# timeout: 240
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

serve_size()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" "$1"
	web B plumb "$LIB_TMP/www"
	fetch A linux http://10.0.0.102/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

test_serve__empty_file() { serve_size 0; }
test_serve__one_byte() { serve_size 1; }
test_serve__large_file() { serve_size "$LARGE"; }

test_take__large_file()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/file" "$LARGE"
	web B plumb "$LIB_TMP/www"
	on A curl -sS --fail --max-time 120 -T "$LIB_TMP/file" http://10.0.0.102/file
	expect_same "$LIB_TMP/file" "$LIB_TMP/www/file"
}

# start_nginx: two workers on B's Plumb, files from $LIB_TMP/www.
start_nginx()
{
	mkdir -p "$LIB_TMP/www" "$LIB_TMP/nginx"
	chmod 755 "$LIB_TMP" "$LIB_TMP/www"
	cat >"$LIB_TMP/nginx.conf" <<-TEXT
		user root;
		daemon off;
		worker_processes 2;
		pid $LIB_TMP/nginx/pid;
		error_log $LIB_TMP/nginx/error.log;
		events { worker_connections 1024; }
		http {
			access_log off;
			sendfile on;
			tcp_nopush on;
			client_body_temp_path $LIB_TMP/nginx/body;
			proxy_temp_path $LIB_TMP/nginx/proxy;
			fastcgi_temp_path $LIB_TMP/nginx/fastcgi;
			uwsgi_temp_path $LIB_TMP/nginx/uwsgi;
			scgi_temp_path $LIB_TMP/nginx/scgi;
			server { listen 10.0.0.102:80; root $LIB_TMP/www; }
		}
	TEXT
	background_plumb B nginx -p "$LIB_TMP/nginx" -c "$LIB_TMP/nginx.conf" -e "$LIB_TMP/nginx/error.log"
	wait_listen_plumb B 80
}

test_nginx__large_file_by_sendfile()
{
	need nginx
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" "$LARGE"
	start_nginx
	fetch A linux http://10.0.0.102/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

test_nginx__hundred_requests_on_one_connection()
{
	local i opens args=()
	need nginx
	two_hosts
	mkdir "$LIB_TMP/www"
	echo hello >"$LIB_TMP/www/file"
	start_nginx
	for ((i = 0; i < 100; i++)); do
		args+=(http://10.0.0.102/file)
	done
	opens=$(plumb_counter B TcpPassiveOpens)
	expect_eq "answers" 100 "$(on A curl -sS --fail --max-time 60 "${args[@]}" | grep -c hello)"
	expect_eq "connections" $((opens + 1)) "$(plumb_counter B TcpPassiveOpens)"
}

test_nginx__fifty_clients()
{
	local i args=()
	need nginx
	two_hosts
	mkdir "$LIB_TMP/www" "$LIB_TMP/got"
	make_file "$LIB_TMP/www/file" 100k
	start_nginx
	for ((i = 0; i < 50; i++)); do
		args+=(-o "$LIB_TMP/got/$i" "http://10.0.0.102/file?$i")
	done
	on A curl -sS --fail --no-progress-meter --max-time 100 --parallel --parallel-immediate \
		--parallel-max 50 "${args[@]}"
	expect_eq "copies" 50 "$(find "$LIB_TMP/got" -type f | wc -l)"
	expect_eq "sums of all" 1 "$(sha256sum "$LIB_TMP/www/file" "$LIB_TMP/got/"* | cut -d ' ' -f 1 | sort -u | wc -l)"
}

# A client that goes away in the middle must not hurt the next one.
test_nginx__client_aborts()
{
	need nginx
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" $((50 / LIB_FILE_PART))M
	start_nginx
	expect_rc 23 on A curl -sS --max-time 60 -o /dev/full http://10.0.0.102/file
	fetch A linux http://10.0.0.102/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

# The listening socket goes with its processes: the port answers with RST, and is free again.
test_server_ends_and_starts_again()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	echo hello >"$LIB_TMP/www/file"
	web B plumb "$LIB_TMP/www"
	fetch A linux http://10.0.0.102/file "$LIB_TMP/got"
	lib_background_gone "$BG_PID"
	expect_rc 7 on A curl -sS --max-time 20 http://10.0.0.102/file
	web B plumb "$LIB_TMP/www"
	fetch A linux http://10.0.0.102/file "$LIB_TMP/got"
}

run_tests "$@"
