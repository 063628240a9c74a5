"""compose.yaml: a container for every program, from one image, on a network of their own.

`python -m riverline_stack.supervision.compose` writes it; with `folders`, in the image, it makes the folders of data.
A container is a host of the same settings as one of ops/ansible: its program listens on its own address alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from riverline.secret_files import SECRETS
from riverline.settings import ROOT, Settings
from riverline_stack.servers import application_programs, storm_cluster
from riverline_stack.servers.addresses import port_of
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.units import all_programs, applications, memory

FILE = ROOT / "compose.yaml"
HOME, NETWORK = "/var/lib/riverline", "${RIVERLINE_NETWORK:-10.93.9}"  # the first three numbers of its addresses
FIRST = 10  # the last number of the first program's address
UI, SUPERVISOR, NGINX = application_programs.STORM_UI, storm_cluster.SUPERVISOR, application_programs.NGINX
# Settings with addresses, and the programs whose they are.
ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "RIVERLINE_KAFKA__BOOTSTRAP": ("kafka-1", "kafka-2", "kafka-3"),
    "RIVERLINE_MYSQL__PRIMARY": ("mysql-primary",),
    "RIVERLINE_MYSQL__REPLICAS": ("mysql-replica",),
    "RIVERLINE_REDIS__NODES": tuple(f"redis-{number}" for number in range(1, 7)),
    "RIVERLINE_CELERY__BROKER": ("redis-celery",),
    "RIVERLINE_STORM__ZOOKEEPER": ("zookeeper",),
    "RIVERLINE_STORM__NIMBUS": ("storm-nimbus",),
    "RIVERLINE_STORM__UI": (UI,),
    "RIVERLINE_API__BIND": ("api",),
    "RIVERLINE_API__SITE": (NGINX,),
    "RIVERLINE_MONITOR__BIND": ("monitor",),
    "RIVERLINE_DEMO__ADDRESS": ("demo",),
    "RIVERLINE_CRAWL__PRIVATE": ("demo",),
}
# Folders below the home that outlive a container. The supervisor's are those of its pages, too, which show its logs.
DATA: Mapping[str, tuple[str, ...]] = {
    **{f"kafka-{number}": (f"kafka/{number}",) for number in range(1, 4)},
    **{f"redis-{number}": (f"redis/{number}",) for number in range(1, 7)},
    "redis-celery": ("redis/celery",),
    "elasticsearch": ("elasticsearch",),
    "zookeeper": ("zookeeper",),
    "storm-nimbus": ("storm",),
    SUPERVISOR: ("storm", "state"),
    "mysql-primary": ("mysql/primary",),
    "mysql-replica": ("mysql/replica",),
    "celery": ("backups",),
    "topology": ("topology",),
}
DEMO_CONTACT = "${RIVERLINE_CRAWL__CONTACT:-crawl@riverline.example}"  # seen by the demo web alone
CRAWL_PROFILE = "\n    profiles: [crawl]\n\n"
HEALTHY, DONE = "service_healthy", "service_completed_successfully"


def composed(programs: Sequence[Program]) -> str:
    """The file's text."""
    hosts = {program.name: f"{NETWORK}.{number}" for number, program in enumerate(programs, FIRST)}
    hosts[UI] = hosts[SUPERVISOR]  # links to logs lead to the workers' host
    names, needing = {program.name for program in programs}, applications(programs)
    servers = dict.fromkeys(sorted(names - needing - {NGINX, UI, "demo"}), HEALTHY)
    services = [_service(program, hosts, program.name in needing, names) for program in programs]
    services += [
        _once("schema", "prepare", servers),
        _once("topology", "submit", {"storm-nimbus": HEALTHY, SUPERVISOR: HEALTHY, "schema": DONE}),
        _once("crawl", "first-crawl", {}, f', RIVERLINE_CRAWL__CONTACT: "{DEMO_CONTACT}"').rstrip() + CRAWL_PROFILE,
    ]
    volumes = "".join(f"  {name}: {{}}\n" for name in sorted({SECRETS, *map(_volume, _folders())}))
    addresses = (
        f'{{subnet: "{NETWORK}.0/24", ip_range: "{NETWORK}.128/25"}}'  # what is done once takes any of the range
    )
    network = f"networks:\n  riverline:\n    ipam: {{config: [{addresses}]}}\n"
    return HEADER.format(settings=_settings(programs, hosts)) + "".join(services) + f"{network}\nvolumes:\n{volumes}"


def _settings(programs: Sequence[Program], hosts: Mapping[str, str]) -> str:
    at = {one.name: f"{hosts[one.name]}:{port_of(one.addresses[0])}" for one in programs if one.addresses}
    found = {name: ",".join(at[one] for one in whose) for name, whose in ADDRESSES.items()}
    found |= {
        "RIVERLINE_ELASTICSEARCH__URLS": f"http://{at['elasticsearch']}",
        "RIVERLINE_MYSQL__CLIENTS": f"{NETWORK}.%",
    }
    return "".join(f'    {name}: "{value}"\n' for name, value in found.items())


def _service(program: Program, hosts: Mapping[str, str], needs_tables: bool, names: set[str]) -> str:
    name = program.name
    waited = {one: HEALTHY for one in program.after if one in names} | ({"schema": DONE} if needs_tables else {})
    if (
        name == application_programs.MONITOR
    ):  # so that `up --wait` waits for the topology: something has to depend on it
        waited["topology"] = DONE
    network = f'    networks: {{riverline: {{ipv4_address: "{hosts[name]}"}}}}\n'
    if name == UI:
        network, waited = f"    network_mode: service:{SUPERVISOR}\n", {"storm-nimbus": HEALTHY, SUPERVISOR: HEALTHY}
    published = "    ports: ['127.0.0.1:${SITE_PORT:-8080}:8080']\n" if name == NGINX else ""
    return f"""  {name}:
    <<: *program
    command: [run, {name}]
    environment: {{<<: *settings, RIVERLINE_STACK__HOST: "{hosts[name]}"}}
{_depends({"passwords": DONE, **waited})}{network}{published}    mem_limit: {memory(name).lower()}
    stop_grace_period: {program.stop_seconds}s
{_volumes(name)}
"""


def _once(name: str, command: str, waited: Mapping[str, str], more: str = "") -> str:
    return f"""  {name}: # once
    <<: *once
    command: [{command}]
    environment: {{<<: *settings, RIVERLINE_STACK__HOST: "{NETWORK}.9"{more}}}
{_depends({"passwords": DONE, **waited})}    networks: [riverline]
{_volumes(name)}
"""


def _depends(waited: Mapping[str, str]) -> str:
    lines = "".join(f"      {name}: {{condition: {condition}}}\n" for name, condition in waited.items())
    return f"    depends_on:\n{lines}"


def _volumes(name: str) -> str:
    own = DATA[SUPERVISOR][:1] if name == UI else DATA.get(name, ())
    mounted = [f"{_volume((SUPERVISOR if name == UI else name, folder))}:{HOME}/{folder}" for folder in own]
    return f"    volumes: [{', '.join([f'{SECRETS}:{HOME}/{SECRETS}', *mounted])}]\n"


def _volume(place: tuple[str, str]) -> str:
    """The name of a volume: that of its program, with that of the folder where one has several."""
    name, folder = place
    return name if DATA[name][0] == folder else f"{name}-{folder}"


def _folders() -> Iterable[tuple[str, str]]:
    return ((name, folder) for name, folders in DATA.items() for folder in folders)


HEADER = """# Written by `python -m riverline_stack.supervision.compose`.
# Every program of the stack in a container of its own, from one image that is built here, on a network of their own.
# Only the site is published, at http://127.0.0.1:8080 (SITE_PORT). See docs/how-to/deploy.md.
#
#   docker compose build && docker compose up --detach --wait && docker compose run --rm crawl

name: ${{COMPOSE_PROJECT_NAME:-riverline}}

x-program: &program
  image: riverline
  pull_policy: never
  init: true
  restart: unless-stopped
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  healthcheck:
    test: [CMD, test, -e, /tmp/ready]
    interval: 5s # each check costs the engine 43 ms of processor time: 24 every 2 s were half a core
    timeout: 5s
    retries: 180

x-once: &once
  image: riverline
  pull_policy: never
  restart: "no"
  cap_drop: [ALL]

x-settings:
  environment: &settings
{settings}
services:
  passwords: # once; the image that it builds is that of all
    <<: *once
    build: {{context: ., dockerfile: ops/docker/riverline/Dockerfile, network: host}}
    entrypoint: [.venv/bin/python, -m, riverline_stack.servers.passwords]
    networks: [riverline]
    volumes: ["secrets:/var/lib/riverline/secrets"]

"""


def make_folders(settings: Settings) -> None:
    """Those of data, so that the volumes that are mounted there belong to who owns them."""
    for folder in (SECRETS, *(folder for _, folder in _folders())):
        (settings.home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)


if __name__ == "__main__":
    if sys.argv[1:] == ["folders"]:
        make_folders(Settings.load())
    else:
        FILE.write_text(composed(all_programs()))
