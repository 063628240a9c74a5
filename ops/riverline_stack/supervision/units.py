"""systemd's units of the programs: `python -m riverline_stack.supervision.units FOLDER` writes them.

A unit starts its program by `riverline stack run NAME`, which takes command, folders and configuration from the same
place as `riverline stack up`; so units need not change when a program's options do. Before it, one-shot units install
what the programs run from and prepare tables, indices and topics; after it, one submits the topology.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.servers import application_programs, servers, storm_cluster
from riverline_stack.supervision.program import Program

CHECKOUT, ENVIRONMENT = "/srv/riverline", "/etc/riverline/riverline.env"
COMMAND = f"{CHECKOUT}/.venv/bin/riverline stack"
# nginx is the system's, with ops/nginx/riverline.conf; the demo web is for trying
ELSEWHERE = (application_programs.NGINX, application_programs.DEMO)
OPEN_FILES = 65_536
MEMORY = {"elasticsearch": "2G", "kafka": "2G", "mysql": "2G", "redis": "1G", "storm-supervisor": "8G", "celery": "2G"}
USUAL_MEMORY = "1G"

SANDBOX = """NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077"""

ACCOUNT = f"""User=riverline
Group=riverline
WorkingDirectory={CHECKOUT}
EnvironmentFile={ENVIRONMENT}
StateDirectory=riverline
StateDirectoryMode=0700
CacheDirectory=riverline
LogsDirectory=riverline"""


def units(programs: Sequence[Program]) -> Mapping[str, str]:
    """File name -> text, for those programs that systemd is to run, the one-shot units and the target."""
    own = [program for program in programs if program.name not in ELSEWHERE]
    names = {program.name for program in own}
    needing = applications(own)
    files = {_file(program.name): _program(program, names, program.name in needing) for program in own}
    files["riverline-install.service"] = _once("what the programs run from", "install", "network-online.target", 3600)
    prepared_after = " ".join(_file(name) for name in sorted(names - needing))
    files["riverline-schema.service"] = _once("tables, indices and topics", "prepare", prepared_after, 600)
    storm = [_file(name) for name in sorted(names) if name.startswith("storm-")]
    submitted_after = " ".join([*storm, "riverline-schema.service"])
    files["riverline-topology.service"] = _once("the topology", "submit", submitted_after, 600)
    files["riverline.target"] = _target(sorted(names))
    return files


def applications(programs: Sequence[Program]) -> set[str]:
    """Those that need tables, indices and topics: the project's own programs, but for Storm's."""
    python = {program.name for program in programs if program.command[0] == sys.executable}
    return python - {application_programs.STORM_UI, application_programs.DEMO, storm_cluster.SUPERVISOR}


def _program(program: Program, names: set[str], application: bool) -> str:
    before = [*(_file(name) for name in program.after if name in names), "riverline-install.service"]
    if application:
        before.append("riverline-schema.service")
    children = "KillMode=process\n" if program.leaves_children else ""
    return f"""# Written by `python -m riverline_stack.supervision.units`; settings are in {ENVIRONMENT}.
[Unit]
Description=Riverline: {program.name}
Documentation=file:{CHECKOUT}/docs/how-to/operate.md
After=network-online.target {" ".join(before)}
Wants=network-online.target
Requires=riverline-install.service
PartOf=riverline.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={COMMAND} run {program.name}
ExecStartPost={COMMAND} wait {program.name}
Restart=always
RestartSec=1
TimeoutStartSec={program.start_seconds}
TimeoutStopSec={program.stop_seconds}
KillSignal=SIG{program.stop_signal}
{children}SuccessExitStatus=143
LimitNOFILE={OPEN_FILES}
TasksMax=4096
MemoryMax={memory(program.name)}
{ACCOUNT}
{SANDBOX}{_calls(program.name)}

[Install]
WantedBy=riverline.target
"""


def _once(what: str, command: str, after: str, seconds: int) -> str:
    return f"""# Written by `python -m riverline_stack.supervision.units`; settings are in {ENVIRONMENT}.
[Unit]
Description=Riverline: {what}
Documentation=file:{CHECKOUT}/docs/how-to/operate.md
After={after}
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={COMMAND} {command}
ExecReload={COMMAND} {command}
TimeoutStartSec={seconds}
{ACCOUNT}
{SANDBOX}
"""


def _target(names: Sequence[str]) -> str:
    wanted = " ".join(_file(name) for name in names)
    return f"""# Written by `python -m riverline_stack.supervision.units`.
# A host of only some of the programs enables those units alone.
[Unit]
Description=Riverline: everything
Documentation=file:{CHECKOUT}/docs/how-to/operate.md
Wants={wanted} riverline-schema.service riverline-topology.service

[Install]
WantedBy=multi-user.target
"""


def _file(name: str) -> str:
    return f"riverline-{name}.service"


def _calls(name: str) -> str:
    """System calls beyond those of a service: Elasticsearch forbids itself others, and as one of several it has to."""
    return "\nSystemCallFilter=seccomp" if name == "elasticsearch" else ""


def memory(name: str) -> str:
    """How much a program may take, as systemd writes it."""
    return next((limit for start, limit in MEMORY.items() if name.startswith(start)), USUAL_MEMORY)


def write(folder: Path) -> None:
    """The units of all programs, in place of those that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.service"), *folder.glob("*.target")):
        old.unlink()
    for name, text in units(all_programs()).items():
        (folder / name).write_text(text)


def all_programs() -> list[Program]:
    """The programs as the default settings have them. What they write on the way goes to a folder that is gone then."""
    with tempfile.TemporaryDirectory() as home:
        return servers.programs(Settings.model_validate({"home": home}))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
