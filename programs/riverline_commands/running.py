"""What `riverline doctor` finds of a stack that runs: whether it keeps up, and whether crawls can leave the machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable

from riverline.crawl.addresses import asked_hosts, require_contact
from riverline.errors import Fatal, Invalid, Transient
from riverline.model import Target
from riverline.monitoring.runbooks import runbook
from riverline.services import Services
from riverline_commands.console import said
from riverline_commands.status import StatusLine, gathered
from riverline_stack.doctor import Finding

MOST_NAMES = 20  # that are looked up
PAGES = {  # of docs/, by what a line of the status is about
    "processing": "runbooks/lag-grows",
    "dead letters": "runbooks/dead-letters",
    "replica": "runbooks/replica-broken",
    "replication": "how-to/watch",
    "disk": "runbooks/disk-full",
}
ALERT = "alert "
Look = Callable[[str], object]


def examine_running(services: Services, look: Look = lambda name: socket.getaddrinfo(name, None)) -> list[Finding]:
    """The lines of `riverline status`, each with the page that helps, then names and the contact address. `look` looks
    a name up and raises OSError where it has no address."""
    lines = [_finding(line) for line in gathered(services)]
    try:
        targets = [entry.target for entry in services.targets.all() if entry.target.enabled]
    except (Transient, Fatal) as error:
        return [*lines, Finding("names", False, f"not known: {said(error)}")]
    return [*lines, *_names(services, targets, look), _contact(services, targets)]


def _finding(line: StatusLine) -> Finding:
    well = line.state != "bad"
    return Finding(line.what, well, line.said, "" if well else _advice(line.what))


def _advice(what: str) -> str:
    page = runbook(what.removeprefix(ALERT)) if what.startswith(ALERT) else PAGES.get(what, PAGES.get(what.split()[0]))
    return f"docs/{page}.md" if page else ""


def _names(services: Services, targets: Iterable[Target], look: Look) -> list[Finding]:
    """A finding for each host of a target that has no address; one good one when there is none."""
    hosts = {host for target in targets for host in _hosts(services, target)}
    wanted = sorted(host for host in hosts if not _is_address(host))[:MOST_NAMES]
    lost = [host for host in wanted if not _resolves(host, look)]
    mend = "check the spelling in the target, and the resolver (/etc/resolv.conf)"
    well = f"{len(wanted)} hosts of targets have addresses" if wanted else "no target names a host by its name"
    return [Finding(f"name {host}", False, "has no address", mend) for host in lost] or [Finding("names", True, well)]


def _hosts(services: Services, target: Target) -> frozenset[str]:
    crawl = services.settings.crawl
    try:
        proxy = target.proxy or crawl.proxy  # which looks the names up in our place
        return frozenset() if proxy else asked_hosts(target, crawl)
    except Invalid:
        return frozenset()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _resolves(host: str, look: Look) -> bool:
    try:
        look(host)
    except (OSError, UnicodeError):
        return False
    return True


def _contact(services: Services, targets: list[Target]) -> Finding:
    crawl = services.settings.crawl
    if crawl.contact:
        return Finding("contact", True, f"site owners can write to {crawl.contact}")
    try:
        require_contact(targets, crawl)
    except (Fatal, Invalid) as error:
        return Finding("contact", False, said(error), "set RIVERLINE_CRAWL__CONTACT, then: riverline stack up")
    return Finding("contact", True, "none is set, and no target goes beyond this machine")
