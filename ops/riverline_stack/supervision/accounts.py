"""Accounts without rights, as which programs run that root starts.

Each has folders of its own, given to it before the program starts, and is in the groups of those that read the
passwords with which it logs in.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from riverline.errors import Fatal
from riverline.secret_files import ACCOUNTS_SMTP_FILE, API_SECRET_FILE, AUTHORITY_FILE
from riverline_stack.supervision.closed_folders import capability_options, permitted, view

STORM, CRAWLER, KAFKA, DEMO = "riverline-storm", "riverline-crawler", "riverline-kafka", "riverline-demo"
API, TASKS, MONITOR = "riverline-api", "riverline-tasks", "riverline-monitor"
MYSQL, REDIS = "riverline-mysql", "riverline-redis"
ELASTICSEARCH, NGINX = "riverline-elasticsearch", "riverline-nginx"
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
    MYSQL: (MYSQL,),
    REDIS: (REDIS,),
    ELASTICSEARCH: (ELASTICSEARCH,),
    NGINX: (NGINX,),
}
REFUSE_ROOT = (MYSQL, ELASTICSEARCH)  # servers that do not start as root; no page reaches them as its author made it
PASSWORDS: Mapping[str, Sequence[str]] = {  # the files that a group may read
    GROUP: ("elasticsearch", "kafka", "redis", AUTHORITY_FILE),
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
TRY = """readable=$1; own=$2; shift 2
for path; do
  if [ "$readable" -gt 0 ]; then [ -r "$path" ] || exec echo "$path cannot be read"
  else [ "$own" "$path" ] || exec echo "$path cannot be written"; fi
  readable=$((readable - 1))
done"""
WRITES, SEES = "-w", "-e"  # what is tried with folders that are the account's, and with those that are yet to be


def lowered(account: str, own: Sequence[Path], reads: Sequence[Path]) -> list[str]:
    """What a command begins with to run as the account, under the same process id; nothing for who is not root.

    `own` are folders that it writes: they are made, and given to it. Of `reads` it needs those that are there. Raises
    Fatal, also when a trial shows that the account does not reach one of these.
    """
    return _lowered(account, own, reads, WRITES)


def examine(account: str, own: Sequence[Path], reads: Sequence[Path]) -> None:
    """Raises Fatal where `lowered` would. It gives nothing away: a server of an earlier version may still be writing
    there, as another account."""
    _lowered(account, own, reads, SEES)


def _lowered(account: str, own: Sequence[Path], reads: Sequence[Path], tried: str) -> list[str]:
    if not account:
        return []
    if os.geteuid() != 0:
        for folder in own:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return []
    user = _made(account)
    for folder in own:
        if tried == WRITES:
            give(folder, user.pw_uid, user.pw_gid)
        else:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed = [path for path in dict.fromkeys(reads) if path.exists()]
    paths = [str(len(needed)), tried, *map(str, [*needed, *own])]
    problems = []
    for command in _ways(user, [*needed, *own]):
        run = subprocess.run([*command, "sh", "-c", TRY, "sh", *paths], capture_output=True, text=True)
        if run.returncode == 0 and not run.stdout:
            return command
        said = (run.stdout or run.stderr).strip()
        problems.append(f"{said} by the account {account}" if run.stdout else f"{account}: {said[-300:]}")
    raise Fatal(problems[0])


def _ways(user: pwd.struct_passwd, paths: Sequence[Path]) -> list[list[str]]:
    """What such a command may begin with: the first that reaches everything is the one."""
    who = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups", "--no-new-privs"]
    seeing = [*view(paths), *who, "--inh-caps=-all", "--"]
    passing = [[*who, *options, "--"]] if (options := capability_options(permitted())) else []
    return [seeing, *(passing if user.pw_name in REFUSE_ROOT else [])]


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
