"""Real Debian hosts: systemd, sshd and a network of their own, in containers of systemd-nspawn on a bridge.

They share one root folder, which is made once and kept in the cache; each writes into a folder of its own. Everything
but that root is gone when the context ends, unless the hosts are kept: then the next one takes them over, and
`python -m tests.support.hosts FOLDER` removes them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from riverline.settings import ROOT
from tests.support.clock import compiled, write_offset
from tests.support.stack import until

BRIDGE, NETWORK = "rltest0", "10.93.8"
GATE = f"{NETWORK}.1"  # this machine, as the hosts see it
PACKAGES = ROOT / "ops" / "riverline_stack" / "packages.txt"
INCLUDED = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "iproute2",
    "openssh-server",
    "python3",
    "ca-certificates",
    "make",
    "git",
)
MIRROR, SUITE = "http://deb.debian.org/debian", "bookworm"
TRUST = ("etc/ssl/certs/ca-certificates.crt", "etc/ssl/certs/java/cacerts", "etc/resolv.conf")
NSPAWN = ("systemd-nspawn", "--quiet", "--keep-unit", "--register=no", "--resolv-conf=off")
OFF = ("redis-server", "nginx")  # Debian's own
FILES, LIMITS = 65_536, Path(__file__).with_name("limits.c")  # that a node of several of Elasticsearch insists on
LIBRARIES = "usr/local/lib"  # that all programs of a host are started with
CLOCK, OFFSET = f"{LIBRARIES}/clock.so", f"{LIBRARIES}/clock.offset"
BOOTED = 120.0  # seconds in which a host has booted


def lacking() -> str:
    """What this machine lacks for hosts, in words; nothing where it has all."""
    if os.geteuid() != 0:
        return "hosts need root"
    missing = [name for name in ("systemd-nspawn", "debootstrap", "iptables", "ip") if not shutil.which(name)]
    if missing:
        return f"hosts need {', '.join(missing)}: apt-get install systemd-container debootstrap iptables iproute2"
    try:
        socket.getaddrinfo("deb.debian.org", 80)
    except OSError:
        return "hosts need the package registries, and there is no way to them from here"
    return ""


@dataclass
class Host:
    """One of them. Its folder outlives a power-off, as a disk does."""

    name: str
    address: str
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def container(self) -> psutil.Process | None:
        """Its systemd-nspawn while it is on, whoever started it."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int((self.folder / "pid").read_text()))
            if process.name() == NSPAWN[0] and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def boot(self) -> None:
        """Switches it on, and waits until systemd has started everything that starts with the host."""
        log = (self.folder / "console.log").open("ab")
        command = [*NSPAWN, "-M", self.name, "-D", str(self.root), f"--network-bridge={BRIDGE}", "--boot"]
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        (self.folder / "pid").write_text(str(started.pid))
        assert until(lambda: self.container is not None and self._is_up(), BOOTED), (
            self.folder / "console.log"
        ).read_text()[-2000:]

    def _is_up(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection((self.address, 22), timeout=1).close()
            return self.container is not None
        return False

    @property
    def leader(self) -> psutil.Process:
        """Its first process, as this machine numbers it."""
        container = self.container
        assert container is not None, f"{self.name} is off"
        return container.children()[0]

    def run(self, *command: str, check: bool = True) -> str:
        """What a command on the host prints."""
        inside = ["nsenter", "--target", str(self.leader.pid), "--mount", "--pid", "--uts", "--net", "--ipc"]
        done = subprocess.run([*inside, "--", *command], capture_output=True, text=True)
        assert done.returncode == 0 or not check, f"{self.name}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def power_off(self) -> None:
        """All of its processes end at once; nothing is written any more."""
        container = self.container
        if container is not None:
            with contextlib.suppress(psutil.Error, IndexError):
                self.leader.send_signal(signal.SIGKILL)
            with contextlib.suppress(psutil.Error):
                container.wait(20)
            with contextlib.suppress(psutil.Error):
                container.kill()
                container.wait(20)
            # The kernel removes it a little later; a boot before that finds the one that is going away.
            assert until(lambda: not self._link.exists(), 20), f"{self.name} has ended, and its network has not"

    @property
    def _link(self) -> Path:
        return Path("/sys/class/net") / f"vb-{self.name}"

    def cut(self) -> None:
        """Nothing reaches it, and it reaches nothing; it goes on running."""
        _call("ip", "link", "set", f"vb-{self.name}", "down")

    def join(self) -> None:
        _call("ip", "link", "set", f"vb-{self.name}", "up")

    def ignore(self, others: Sequence[Host], ignored: bool = True) -> None:
        """Nothing that those send reaches it, and nobody is told; what it sends goes out."""
        for other in others:
            self._in_network("iptables", "-I" if ignored else "-D", "INPUT", "-s", other.address, "-j", "DROP")

    def _in_network(self, *command: str) -> None:
        """This machine's command, in the host's network."""
        _call("nsenter", "--target", str(self.leader.pid), "--net", "--", *command)

    def set_clock(self, ahead: int) -> None:
        """All its programs' clocks are so many seconds ahead at once; the one that all hosts share is not."""
        write_offset(self.root / OFFSET, ahead)


@contextlib.contextmanager
def hosts(folder: Path, cache: Path, names: Sequence[str], key: str, keep: bool = False) -> Iterator[list[Host]]:
    """So many hosts that are up, whose root may be entered with an SSH key. `keep`: those that the folder has already,
    if it has any, and they stay."""
    made = [Host(name, f"{NETWORK}.{number}", folder / name) for number, name in enumerate(names, 11)]
    try:
        if keep and all(host.root.is_mount() for host in made):
            for host in made:
                if host.container is None:
                    host.boot()
        else:
            _begin(made, root_folder(cache), key)
        yield made
    finally:
        if not keep:
            remove(made)


def _begin(made: Sequence[Host], base: Path, key: str) -> None:
    _open_network()
    for host in made:
        _furnish(host, base, key)
    for host in made:
        host.boot()


def remove(made: Sequence[Host]) -> None:
    """Powers them off and deletes all they have, and their network."""
    for host in made:
        host.power_off()
        subprocess.run(["umount", "--lazy", str(host.root)], capture_output=True)
    _close_network()
    for host in made:
        shutil.rmtree(host.folder, ignore_errors=True)


def _furnish(host: Host, base: Path, key: str) -> None:
    """Its root, as a layer above the one that all share, its name, address and key."""
    for name in ("root", "written", "work"):
        (host.folder / name).mkdir(parents=True)
    layers = f"lowerdir={base},upperdir={host.folder / 'written'},workdir={host.folder / 'work'}"
    _call("mount", "-t", "overlay", "overlay", "-o", layers, str(host.root))
    network = f"[Match]\nName=host0\n[Network]\nAddress={host.address}/24\nGateway={GATE}\n"
    wanted = host.root / "etc" / "systemd" / "system" / "multi-user.target.wants"
    for path, text in (
        ("etc/hostname", f"{host.name}\n"),
        ("etc/hosts", "127.0.0.1 localhost\n"),
        ("etc/systemd/network/80-container-host0.network", network),
        ("root/.ssh/authorized_keys", key),
    ):
        file = host.root / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if "ssh" in path else 0o755)
        file.write_text(text)
    host.set_clock(0)
    compiled(host.root / CLOCK, f"/{OFFSET}")
    preloaded = [CLOCK]
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < FILES:
        _call("cc", "-O2", "-shared", "-fPIC", "-o", str(host.root / LIBRARIES / "limits.so"), str(LIMITS))
        preloaded.append(f"{LIBRARIES}/limits.so")
    (host.root / "etc" / "ld.so.preload").write_text("".join(f"/{library}\n" for library in preloaded))
    wanted.mkdir(parents=True, exist_ok=True)
    for unit in ("systemd-networkd.service", "ssh.service"):
        (wanted / unit).unlink(missing_ok=True)
        (wanted / unit).symlink_to(f"/lib/systemd/system/{unit}")


# --- the network ------------------------------------------------------------------------------------------------------

OUT = ("POSTROUTING", "-s", f"{NETWORK}.0/24", "!", "-d", f"{NETWORK}.0/24", "-j", "MASQUERADE")
PASSING = (("FORWARD", "-i", BRIDGE, "-j", "ACCEPT"), ("FORWARD", "-o", BRIDGE, "-j", "ACCEPT"))  # Docker forbids it


def _open_network() -> None:
    """Refuses where hosts of another run are on it; what is left of one that ended is removed."""
    there = list(Path(f"/sys/class/net/{BRIDGE}/brif").glob("*"))
    assert not there, f"{BRIDGE} is in use: {', '.join(sorted(one.name for one in there))}"
    _close_network()
    _call("ip", "link", "add", BRIDGE, "type", "bridge")
    _call("ip", "address", "add", f"{GATE}/24", "dev", BRIDGE)
    _call("ip", "link", "set", BRIDGE, "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    _call("iptables", "-t", "nat", "-A", *OUT)
    for rule in PASSING:
        _call("iptables", "-I", *rule)


def _close_network() -> None:
    """What of it there is."""
    subprocess.run(["iptables", "-t", "nat", "-D", *OUT], capture_output=True)
    for rule in PASSING:
        subprocess.run(["iptables", "-D", *rule], capture_output=True)
    subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True)


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


# --- the root that all share ------------------------------------------------------------------------------------------


def root_folder(cache: Path) -> Path:
    """A Debian with the packages that the stack runs on, and the jars that this machine has fetched."""
    digest = hashlib.sha256(PACKAGES.read_bytes() + repr((INCLUDED, SUITE)).encode()).hexdigest()[:8]
    target = cache / "hosts" / f"{SUITE}-{digest}"
    if not target.exists():
        draft = target.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _make_root(draft)
        draft.rename(target)
    jars = target / "var" / "cache" / "riverline" / "jars"
    if (cache / "jars").exists() and not jars.exists():
        shutil.copytree(cache / "jars", jars, symlinks=True)
    return target


def _make_root(target: Path) -> None:
    _call("debootstrap", "--variant=minbase", f"--include={','.join(INCLUDED)}", SUITE, str(target), MIRROR)
    for name in TRUST:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path("/") / name, target / name)
    (target / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
    policy = target / "usr" / "sbin" / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    lines = (line.partition("#")[0].split() for line in PACKAGES.read_text().splitlines())
    packages = " ".join(line[0] for line in lines if line)
    install = "DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends"
    inside = f"apt-get -q update && {install} {packages} && systemctl disable {' '.join(OFF)}"
    _call(*NSPAWN, "-D", str(target), "sh", "-c", inside)
    policy.unlink()
    for name in TRUST:
        shutil.copy(Path("/") / name, target / name)


if __name__ == "__main__":
    remove([Host(path.name, "", path) for path in Path(sys.argv[1]).iterdir() if (path / "root").is_dir()])
