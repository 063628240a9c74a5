"""`riverline audit`: whether every record that was produced is committed and has its fate."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from riverline.pipeline.audit import Account, accounts, vanished
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, table

SHOWN = 20  # vanished documents, at most

Topic = Annotated[list[str] | None, typer.Option(help="Only this topic; can be given several times. Default: all.")]
Documents = Annotated[bool, typer.Option(help="Also look up every document whose fate says that it is indexed.")]


def audit(topic: Topic = None, documents: Documents = True, json: Json = False) -> None:
    """Compares records, commits and fates of each partition. Exit code 1 if they differ."""
    services = assemble(Settings.load())
    found = accounts(services.log, services.index, topic or None)
    gone = list(islice(vanished(services.index), SHOWN)) if documents and not topic else []
    clean = all(account.balanced for account in found) and not gone
    if json:
        print_json({"clean": clean, "partitions": found, "vanished": gone})
    else:
        _print(found, gone, clean)
    raise typer.Exit(0 if clean else 1)


def _print(found: list[Account], gone: list[str], clean: bool) -> None:
    if wrong := [account for account in found if not account.balanced]:
        columns = ("topic", "partition", "records", "fates", "missing", "lag")
        table(columns, [(a.topic, a.partition, a.records, a.fated, a.missing, a.lag) for a in wrong])
    for url in gone:
        out.print(f"no document: {url}", markup=False)
    records, fates = sum(a.records for a in found), sum(a.fated for a in found)
    out.print(f"{records} records in {len(found)} partitions, {fates} fates.")
    out.print("The account adds up." if clean else "The account does not add up.")
