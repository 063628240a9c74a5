"""What nginx before the API is told: the local stack's configuration, the site of a host that faces the world, and the
container's template. One text of how requests are passed on serves all; `python -m stack.front` writes the last two.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from riverline.settings import ROOT, Settings

REQUEST_BYTES = "2m"  # the largest request that is passed on
SITE = ROOT / "deploy" / "nginx" / "riverline.conf"
TEMPLATE = ROOT / "docker" / "nginx" / "riverline.conf.template"
DOMAIN = "riverline.example"
CIPHERS = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")  # of TLS 1.2; those of 1.3 are all good

LIMITS = f"""server_tokens off;
client_max_body_size {REQUEST_BYTES};
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
    inner = indent(scratch + rest + LIMITS + upstream(settings.api.bind) + server, "    ")
    head = f"daemon off;\npid {folder / 'nginx.pid'};\nerror_log stderr warn;\nworker_processes 2;\n"
    return f"{head}events {{ worker_connections 1024; }}\nhttp {{\n{inner}}}\n"


def template() -> str:
    """The site of the container, with its ports as variables."""
    return upstream("127.0.0.1:${API_PORT}") + LIMITS + _server("listen 127.0.0.1:${SITE_PORT};\n")


def site() -> str:
    """For /etc/nginx/sites-available: TLS, the plain port only to be sent on, and limits for each address."""
    head = f"""# Written by `python -m stack.front`; for nginx 1.22 or newer.
# Put in the domain's name, its certificate, and a server line for each API host.
{upstream("127.0.0.1:8000")}
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
    return f"server {{\n{indent(own, '    ')}    location / {{\n{indent(first + PASS_ON, '        ')}    }}\n}}\n"


if __name__ == "__main__":
    for path, text in ((SITE, site()), (TEMPLATE, template())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
