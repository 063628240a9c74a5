"""What nginx before the API is told: the local stack's configuration, the site of a host that faces the world, and the
container's template. One text of how requests are passed on serves all; `python -m stack.front` writes the last two.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from riverline.settings import ROOT, Settings

REQUEST_BYTES = "2m"  # the largest request that is passed on
LINE_BYTES = "32k"  # and its longest line: an address in a parameter may have 8191 characters, each `%xx`
SITE = ROOT / "deploy" / "nginx" / "riverline.conf"
TEMPLATE = ROOT / "docker" / "nginx" / "riverline.conf.template"
DOMAIN = "riverline.example"
CIPHERS = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")  # of TLS 1.2; those of 1.3 are all good

LIMITS = f"""server_tokens off;
client_max_body_size {REQUEST_BYTES};
large_client_header_buffers 4 {LINE_BYTES};
client_header_timeout 10s;
client_body_timeout 10s;
send_timeout 30s;
keepalive_timeout 65s;
gzip on;
gzip_proxied any;
gzip_min_length 1024;
gzip_types application/json application/problem+json text/css text/javascript application/javascript image/svg+xml;
"""

PASS_ON = """proxy_pass http://api;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $http_host;
proxy_set_header X-Request-Id $request_id;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Host $http_host;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_connect_timeout 3s;
proxy_read_timeout 60s;
"""


# What nginx itself refuses, or the API is not there to answer, is a problem too (RFC 9457); for browsers, a page.
KINDS = """map $http_accept $problem_form {
    default .json;
    ~*text/html .html;
}
map $status $problem_title {
    default "Bad Request";
    405 "Method Not Allowed";
    408 "Request Timeout";
    411 "Length Required";
    413 "Content Too Large";
    414 "URI Too Long";
    429 "Too Many Requests";
    431 "Request Header Fields Too Large";
    500 "Internal Server Error";
    501 "Not Implemented";
    503 "Service Unavailable";
    505 "HTTP Version Not Supported";
}
map $status $problem_detail {
    default "the request is not one that is understood here";
    408 "the request took too long to arrive";
    413 "the request is too large";
    414 "the address is too long";
    429 "too many requests at once";
    431 "the headers of the request are too large";
    500 "an error on our side; it has been logged";
    503 "the API does not answer; try again";
}
map $status $problem_korean {
    default "이해할 수 없는 요청입니다.";
    408 "요청이 너무 늦게 도착했습니다.";
    413 "요청이 너무 큽니다.";
    414 "주소가 너무 깁니다.";
    429 "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.";
    431 "요청의 헤더가 너무 큽니다.";
    500 "서버에 오류가 있었습니다.";
    503 "서버가 답하지 않습니다. 잠시 후 다시 시도해 주세요.";
}
map $status $problem_pause {
    default "";
    429 1;
    503 2;
}
"""

ALWAYS = """    add_header X-Request-Id $request_id always;
    add_header Retry-After $problem_pause always;
    add_header Cache-Control no-store always;
    add_header X-Content-Type-Options nosniff always;
"""

PROBLEMS = """error_page 400 405 408 411 413 414 415 416 429 500 501 503 505 /problem$problem_form;
error_page 494 =431 /problem$problem_form;
error_page 502 504 =503 /problem$problem_form;
location = /problem.json {
    internal;
    default_type application/problem+json;
HEADERS
    return 200 '{"type":"about:blank","title":"$problem_title","status":$status,"detail":"$problem_detail",\
"instance":"urn:uuid:$request_id"}';
}
location = /problem.html {
    internal;
    types {}
    default_type "text/html; charset=utf-8";
HEADERS
    add_header Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'" always;
    return 200 '<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>Riverline</title>\
<meta name="viewport" content="width=device-width"><style>:root{color-scheme:light dark}\
body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style></head>\
<body><h1>$problem_korean</h1><p lang="en">$problem_title: $problem_detail.</p>\
<p><small>$request_id</small></p></body></html>';
}
""".replace("HEADERS\n", ALWAYS).replace("\\\n", "")


def upstream(*addresses: str) -> str:
    """The hosts of the API. One that is starting again is asked again, not taken out."""
    servers = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
    return f"upstream api {{\n{servers}    keepalive 32;\n}}\n"


def local(settings: Settings, folder: Path) -> str:
    """All that the local stack's nginx reads: nothing of /etc/nginx is used."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {folder / 'scratch' / kind};\n" for kind in kinds)
    server = _server(f"listen {settings.api.site};\nserver_name _;\n")
    rest = "access_log off;\ndefault_type application/octet-stream;\n"
    inner = indent(scratch + rest + KINDS + LIMITS + upstream(settings.api.bind) + server, "    ")
    head = f"daemon off;\npid {folder / 'nginx.pid'};\nerror_log stderr warn;\nworker_processes 2;\n"
    return f"{head}events {{ worker_connections 1024; }}\nhttp {{\n{inner}}}\n"


def template() -> str:
    """The site of the container, with its ports as variables."""
    return upstream("127.0.0.1:${API_PORT}") + KINDS + LIMITS + _server("listen 127.0.0.1:${SITE_PORT};\n")


def site() -> str:
    """For /etc/nginx/sites-available: TLS, the plain port only to be sent on, and limits for each address."""
    head = f"""# Written by `python -m stack.front`; for nginx 1.22 or newer.
# Put in the domain's name, its certificate, and a server line for each API host.
{upstream("127.0.0.1:8000")}
{KINDS}
limit_req_zone $binary_remote_addr zone=requests:10m rate=40r/s;
limit_conn_zone $binary_remote_addr zone=connections:10m;

server {{
    listen 80;
    listen [::]:80;
    server_name {DOMAIN};
    location /.well-known/acme-challenge/ {{
        root /var/www/acme;
    }}
    location / {{
        return 308 https://$host$request_uri;
    }}
}}

"""
    return head + _server(SECURE + LIMITS, "limit_req zone=requests burst=80 nodelay;\nlimit_conn connections 64;\n")


SECURE = f"""listen 443 ssl http2;
listen [::]:443 ssl http2;
server_name {DOMAIN};
ssl_certificate /etc/letsencrypt/live/{DOMAIN}/fullchain.pem;
ssl_certificate_key /etc/letsencrypt/live/{DOMAIN}/privkey.pem;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers {":".join(f"ECDHE-{key}-{cipher}" for cipher in CIPHERS for key in ("ECDSA", "RSA"))};
ssl_prefer_server_ciphers off;
ssl_session_cache shared:TLS:10m;
ssl_session_timeout 1d;
ssl_session_tickets off;
add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
limit_req_status 429;
limit_conn_status 429;
location = /metrics {{
    return 404;
}}
"""


def _server(own: str, first: str = "") -> str:
    inside = f"{own}{PROBLEMS}location / {{\n{indent(first + PASS_ON, '    ')}}}\n"
    return f"server {{\n{indent(inside, '    ')}}}\n"


if __name__ == "__main__":
    for path, text in ((SITE, site()), (TEMPLATE, template())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
