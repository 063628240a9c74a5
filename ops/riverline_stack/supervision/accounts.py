"""Accounts without rights, as which programs run that root starts.

Each has folders of its own, given to it before the program starts, and is in the groups of those that read the
passwords with which it logs in. Where what it reads lies below a folder that only root may enter (`/root` has mode
700), the program gets a view of the file system of its own, in which that folder holds nothing but what it needs.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from riverline.errors import Fatal
from riverline.settings import ACCOUNTS_SMTP_FILE, API_SECRET_FILE
from riverline_stack.supervision.unprivileged import closed

STORM, CRAWLER, KAFKA, DEMO = "riverline-storm", "riverline-crawler", "riverline-kafka", "riverline-demo"
API, TASKS, MONITOR = "riverline-api", "riverline-tasks", "riverline-monitor"
GROUP, DATABASE_GROUP, TOPOLOGY_GROUP = "riverline-servers", "riverline-database", "riverline-topology"
QUEUE_GROUP = "riverline-queue"
GROUPS: Mapping[str, Sequence[str]] = {  # the first is the account's own; a group of its name is of it alone
    CRAWLER: (GROUP, DATABASE_GROUP),
    STORM: (GROUP, TOPOLOGY_GROUP),
    API: (GROUP, DATABASE_GROUP, QUEUE_GROUP, API),
    TASKS: (GROUP, DATABASE_GROUP, QUEUE_GROUP, TASKS),
    MONITOR: (GROUP, DATABASE_GROUP, QUEUE_GROUP, MONITOR),
    KAFKA: (KAFKA,),
    DEMO: (DEMO,),
}
PASSWORDS: Mapping[str, Sequence[str]] = {  # the files that a group may read
    GROUP: ("elasticsearch", "kafka", "redis"),
    DATABASE_GROUP: ("mysql-application",),
    TOPOLOGY_GROUP: ("storm-ui",),
    QUEUE_GROUP: ("redis-celery",),
    API: (API_SECRET_FILE,),
    TASKS: (ACCOUNTS_SMTP_FILE,),
    MONITOR: ("monitor-webhook", "monitor-smtp"),
}
NOWHERE = "/nonexistent"  # the home of an account that needs none
ATTEMPTS = 20  # another process may be changing the list of accounts
NO_LOGIN = ["--no-create-home", "--home-dir", NOWHERE, "--shell", "/usr/sbin/nologin"]
TRY = """readable=$1; shift
for path; do
  if [ "$readable" -gt 0 ]; then [ -r "$path" ] || exec echo "$path cannot be read"
  else [ -w "$path" ] || exec echo "$path cannot be written"; fi
  readable=$((readable - 1))
done"""


def lowered(account: str, own: Sequence[Path], reads: Sequence[Path]) -> list[str]:
    """What a command begins with to run as the account, under the same process id; nothing for who is not root.

    `own` are folders that it writes: they are made, and given to it. Of `reads` it needs those that are there. Raises
    Fatal, also when a trial shows that the account does not reach one of these.
    """
    if os.geteuid() != 0 or not account:
        return []
    user = _made(account)
    for folder in own:
        give(folder, user.pw_uid, user.pw_gid)
    needed = [path for path in dict.fromkeys(reads) if path.exists()]
    who = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups", "--inh-caps=-all", "--no-new-privs"]
    command = [*_view([*needed, *own]), "setpriv", *who, "--"]
    trial = [*command, "sh", "-c", TRY, "sh", str(len(needed)), *map(str, [*needed, *own])]
    run = subprocess.run(trial, capture_output=True, text=True)
    if run.returncode != 0 or run.stdout:
        said = (run.stdout or run.stderr).strip()
        raise Fatal(f"{said} by the account {account}" if run.stdout else f"{account}: {said[-300:]}")
    return command


def uid_of(account: str) -> int:
    """Raises KeyError where there is no such account."""
    return pwd.getpwnam(account).pw_uid


def environment_of(account: str) -> dict[str, str]:
    """What the account has in place of root's."""
    return {"HOME": NOWHERE, "USER": account, "LOGNAME": account}


def _made(account: str) -> pwd.struct_passwd:
    for _ in range(ATTEMPTS):
        with suppress(KeyError):
            return _joined(pwd.getpwnam(account))
        try:
            _make_groups()
            first, *more = GROUPS[account]
            groups = ["--gid", first, "--groups", ",".join(more)]
            command = ["useradd", "--system", *NO_LOGIN, *groups, account]
            run = subprocess.run(command, capture_output=True, text=True)
        except OSError as error:
            raise Fatal(f"the account {account} cannot be made: {error}") from error
        time.sleep(0.1)
    raise Fatal(f"the account {account} cannot be made: {run.stderr.strip()}")


def _joined(user: pwd.struct_passwd) -> pwd.struct_passwd:
    """The account, in all groups that it is to be in: an earlier version may have made it for fewer."""
    in_groups = {grp.getgrgid(gid).gr_name for gid in os.getgrouplist(user.pw_name, user.pw_gid)}
    if lacking := set(GROUPS[user.pw_name]) - in_groups:
        _make_groups()
        command = ["usermod", "--append", "--groups", ",".join(sorted(lacking)), user.pw_name]
        subprocess.run(command, capture_output=True)  # what it cannot read then, the trial says
    return user


def give(folder: Path, uid: int, gid: int) -> None:
    """Makes the folder where it is not there, and gives it to the account with all that it holds.

    What stands in it may be the account's doing: no link is followed, and a file with several names is left alone,
    since another one may be anybody's.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _, folders, files, here in os.fwalk(folder, follow_symlinks=False):
        for name in (".", *folders, *files):
            with suppress(FileNotFoundError):  # a running program removes files meanwhile
                _give_one(name, here, uid, gid)


def _give_one(name: str, here: int, uid: int, gid: int) -> None:
    one = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=here)  # what is looked at is what is given
    try:
        found = os.fstat(one)
        shared = not stat.S_ISDIR(found.st_mode) and found.st_nlink > 1
        if found.st_uid != uid and not (shared or stat.S_ISLNK(found.st_mode)):
            os.chown(f"/proc/self/fd/{one}", uid, gid)
    finally:
        os.close(one)


def share(folder: Path) -> None:
    """Lets the groups read the passwords in the folder, which is root's, that are theirs to read, and no others."""
    with suppress(OSError):
        _make_groups()
    open_to(folder, GROUP, 0o710)
    for group, names in PASSWORDS.items():
        for name in names:
            open_to(folder / name, group, 0o640)


def open_to(path: Path, group: str, mode: int) -> None:
    """Gives what is there to a group, with these rights; without such a group it stays as it is."""
    with suppress(KeyError):
        if path.exists():
            os.chown(path, -1, grp.getgrnam(group).gr_gid)
            path.chmod(mode)


def _make_groups() -> None:
    for name in dict.fromkeys(group for groups in GROUPS.values() for group in groups):
        subprocess.run(["groupadd", "--system", "--force", name], capture_output=True)


def _view(paths: Sequence[Path]) -> list[str]:
    """What a command begins with to see these paths although folders above them are closed."""
    wanted = sorted({form for path in paths for form in (path.absolute(), path.resolve())})
    doors = {door: [path for path in wanted if door in path.parents] for door in filter(None, map(_door, wanted))}
    if not doors:
        return []
    steps = ["umask 066"]
    for door, inside in doors.items():
        steps += _opened(door, [path for path in inside if not set(path.parents) & set(inside)])
    script = f'({" && ".join(steps)}) && cd "$PWD" && exec "$@"'
    return ["unshare", "--mount", "--propagation=slave", "--", "sh", "-c", script, "sh"]


def _door(path: Path) -> Path | None:
    """The uppermost folder on the way to the path that keeps others out."""
    return next((folder for folder in reversed(path.parents) if closed(folder)), None)


def _opened(door: Path, inside: Iterable[Path]) -> list[str]:
    """Lays an empty folder over the closed one, and the paths into it. The old one is still there as the shell's."""
    empty = "mount -t tmpfs -o mode=0711,nosuid,nodev riverline"
    steps = [f"cd {shlex.quote(str(door))}", f"{empty} {shlex.quote(str(door))}"]
    for path in inside:
        place, source = shlex.quote(str(path)), shlex.quote(f"./{path.relative_to(door)}")
        made = f"mkdir -p {place}" if path.is_dir() else f"mkdir -p {shlex.quote(str(path.parent))} && touch {place}"
        steps += [made, f"mount --no-canonicalize --rbind {source} {place}"]
    return steps
