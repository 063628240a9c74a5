"""nginx's configuration before the API: the local stack's, the site of a host that faces the world, and the container's
template. One text of how requests are passed on serves all; `python -m riverline_stack.servers.nginx_config` writes
the last two.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from riverline.security_headers import HEADERS
from riverline.settings import ROOT, Settings
from riverline_stack.servers import guide

REQUEST_BYTES = "2m"  # the largest request that is passed on
LINE_BYTES = "48k"  # and its longest line: a search may have 4000 characters, each three bytes as `%xx`
SITE = ROOT / "ops" / "nginx" / "riverline.conf"
TEMPLATE = ROOT / "ops" / "docker" / "nginx" / "riverline.conf.template"
DOMAIN = "riverline.example"
BUILT = "/srv/riverline/artefacts/guide"  # by `make docs` in the checkout
POLICY_NAME = "Content-Security-Policy"
ZONE = "limit_conn_zone $binary_remote_addr zone=connections:10m;\n"
CONNECTIONS = "limit_conn connections 64;\n"  # of one address that are being answered
CIPHERS = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")  # of TLS 1.2; those of 1.3 are all good

LIMITS = f"""server_tokens off;
client_max_body_size {REQUEST_BYTES};
large_client_header_buffers 4 {LINE_BYTES};
client_header_timeout 10s;
client_body_timeout 5s;
send_timeout 10s;
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
    404 "Not Found";
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
    default "the request is not valid";
    404 "there is no such page";
    408 "the request took too long to arrive";
    413 "the request is too large";
    414 "the address is too long";
    429 "too many requests at once";
    431 "the headers of the request are too large";
    500 "an internal error; it has been logged";
    503 "the API does not answer; try again";
}
map $status $problem_korean {
    default "올바르지 않은 요청입니다.";
    404 "페이지를 찾을 수 없습니다.";
    408 "요청 시간이 초과되었습니다.";
    413 "요청이 너무 큽니다.";
    414 "주소가 너무 깁니다.";
    429 "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.";
    431 "요청의 헤더가 너무 큽니다.";
    500 "서버 오류가 발생했습니다.";
    503 "서버가 응답하지 않습니다. 잠시 후 다시 시도해 주세요.";
}
map $status $problem_pause {
    default "";
    429 1;
    503 2;
}
"""

# Where a block has headers of its own, nginx leaves out those of the blocks around it: so each has all of them.
SECURITY = "".join(f'add_header {name} "{value}" always;\n' for name, value in HEADERS.items() if name != POLICY_NAME)
HSTS = 'add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;\n'
PROBLEM_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"

ALWAYS = f"""add_header X-Request-Id $request_id always;
add_header Retry-After $problem_pause always;
add_header Cache-Control no-store always;
add_header {POLICY_NAME} "{PROBLEM_POLICY}" always;
{SECURITY}"""

PROBLEMS = """error_page 400 404 405 408 411 413 414 415 416 429 500 501 503 505 /problem$problem_form;
error_page 494 =431 /problem$problem_form;
error_page 497 =400 /problem$problem_form;
error_page 502 504 =503 /problem$problem_form;
error_page 403 =404 /problem$problem_form;
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
    return 200 '<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>Riverline</title>\
<meta name="viewport" content="width=device-width"><style>:root{color-scheme:light dark}\
body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style></head>\
<body><h1>$problem_korean</h1><p lang="en">$problem_title: $problem_detail.</p>\
<p><small>$request_id</small></p></body></html>';
}
""".replace("\\\n", "")


# MkDocs' theme writes short scripts and styles into its pages; everything it loads is local.
GUIDE = """location = /guide {
HEADERS
    return 308 /guide/;
}
location /guide/ {
    alias FOLDER/;
    charset utf-8;
    types {
        text/html html;
        text/css css;
        text/javascript js;
        application/json json map;
        application/xml xml;
        image/svg+xml svg;
        image/png png;
    }
    add_header Content-Security-Policy "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' \
'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'" always;
HEADERS
    add_header Cache-Control no-cache always;
}
""".replace("\\\n", "")


def upstream(*addresses: str) -> str:
    """The hosts of the API. One that is starting again is asked again, not taken out."""
    servers = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
    return f"upstream api {{\n{servers}    keepalive 32;\n}}\n"


def local(settings: Settings, folder: Path) -> str:
    """All that the local stack's nginx reads: nothing of /etc/nginx is used."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {folder / 'scratch' / kind};\n" for kind in kinds)
    own = f"listen {settings.api.site};\nserver_name _;\nlimit_conn_status 429;\n"
    server = _server(own + _guide(str(guide.folder(settings)), SECURITY), ALWAYS, CONNECTIONS)
    rest = f"access_log off;\ndefault_type application/octet-stream;\n{ZONE}"
    inner = indent(scratch + rest + KINDS + LIMITS + upstream(settings.api.bind) + server, "    ")
    head = f"daemon off;\npid {folder / 'nginx.pid'};\nerror_log stderr warn;\nworker_processes 2;\n"
    return f"{head}events {{ worker_connections 4096; }}\nhttp {{\n{inner}}}\n"


def template() -> str:
    """The site of the container, with its ports as variables."""
    return upstream("127.0.0.1:${API_PORT}") + KINDS + LIMITS + _server("listen 127.0.0.1:${SITE_PORT};\n", ALWAYS)


def site() -> str:
    """For /etc/nginx/sites-available: TLS, the plain port only to be sent on, and limits for each address."""
    head = f"""# Written by `python -m riverline_stack.servers.nginx_config`; for nginx 1.22 or newer.
# Set the domain's name, its certificate, and a server line for each API host.
{upstream("127.0.0.1:8000")}
{KINDS}
limit_req_zone $binary_remote_addr zone=requests:10m rate=40r/s;
{ZONE}
# The address of a login link opens an account.
map $uri $logged {{
    default 1;
    ~^/login/ 0;
}}
server {{
    listen 80;
    listen [::]:80;
    server_name {DOMAIN};
    location /.well-known/acme-challenge/ {{
        root /var/www/acme;
    }}
    location / {{
        return 308 https://{DOMAIN}$request_uri;
    }}
}}

"""
    own = SECURE + _guide(BUILT, SECURITY + HSTS) + LIMITS
    first = f"limit_req zone=requests burst=80 nodelay;\n{CONNECTIONS}"
    return head + _server(own, ALWAYS + HSTS, first)


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
{HSTS}access_log /var/log/nginx/access.log combined if=$logged;
limit_req_status 429;
limit_conn_status 429;
location = /metrics {{
    return 404;
}}
"""


def _guide(folder: str, headers: str) -> str:
    return GUIDE.replace("FOLDER", folder).replace("HEADERS\n", indent(headers, "    "))


def _server(own: str, headers: str, first: str = "") -> str:
    """`headers`: of what nginx itself answers; `first`: what stands before a request is passed on."""
    problems = PROBLEMS.replace("HEADERS\n", indent(headers, "    "))
    inside = f"absolute_redirect off;\n{own}{problems}location / {{\n{indent(first + PASS_ON, '    ')}}}\n"
    return f"server {{\n{indent(inside, '    ')}}}\n"


if __name__ == "__main__":
    for path, text in ((SITE, site()), (TEMPLATE, template())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
