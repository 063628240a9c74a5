"""`riverline alerts`: incidents, rules and silences of the monitor."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from riverline.errors import Fatal, Invalid
from riverline.monitoring.contracts import Incident, Incidents, Silence
from riverline.monitoring.runbooks import runbook
from riverline.services import assemble
from riverline.settings import Settings
from riverline.times import rfc3339_seconds
from riverline_commands.console import Json, duration, out, print_json, progress, table

app = typer.Typer(help="Shows, tests and silences alerts of the monitor.", no_args_is_help=True)
MINUTE_MS = 60_000

RuleName = Annotated[str, typer.Argument(help="A rule, as `riverline alerts rules` lists it; * for all.")]
Subject = Annotated[str, typer.Option(help="Only for this stage, server or program.")]
Minutes = Annotated[int, typer.Option(min=1, max=525_600, help="How long.")]
Reason = Annotated[str, typer.Option(help="Why: shown in `riverline alerts list`.")]
Every = Annotated[bool, typer.Option("--all", help="Include incidents that are over.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]


@app.command("list")
def list_(every: Every = False, limit: Limit = 100, json: Json = False) -> None:
    """Lists open incidents, the newest first, and silences."""
    store, now = _incidents(), _now()
    found = [incident for _, incident in store.page(limit, going_on=not every)]
    silences = store.silences(now)
    if json:
        print_json({"items": [plain(one) for one in found], "silences": [_plain_silence(one) for one in silences]})
        return
    table(("severity", "rule", "subject", "since", "lasts", "what"), [_row(one, now) for one in found])
    if not found:
        out.print("Nothing is wrong.")
    if silences:
        rows = [(one.id, one.rule, one.subject or "all", rfc3339_seconds(one.until), one.reason) for one in silences]
        table(("id", "rule", "subject", "until", "reason"), rows, title="\nSilences")


@app.command()
def rules(json: Json = False) -> None:
    """Lists the rules and their messages."""
    from riverline_monitor.rules import load

    found = load().rules
    if json:
        print_json([rule.model_dump() for rule in found])
        return
    rows = [
        (one.name, one.severity, f"{'>' if one.above is not None else '<'} {one.above or one.below or 0:g}", one.en)
        for one in found
    ]
    table(("rule", "severity", "limit", "what"), rows)


@app.command()
def test(json: Json = False) -> None:
    """Sends a test alert through every channel. Exit code 1 if one failed."""
    from riverline_monitor.notification_channels import channels_of
    from riverline_monitor.rule_evaluation import Kind, Notification

    now, results = _now(), {}
    text = "This is a test: nothing is wrong.\n시험입니다. 아무 문제 없습니다."
    incident = Incident("test", "", "info", now, 0.0, text)
    over = Incident("test", "", "info", now, 0.0, text, until=now)
    for channel in channels_of(Settings.load()):
        try:
            channel.send(Notification(Kind.BEGINS, incident))
            channel.send(Notification(Kind.OVER, over))
            results[channel.name] = "ok"
        except Exception as error:  # each channel has errors of its own; all are shown
            results[channel.name] = str(error) or type(error).__name__
    print_json(results) if json else table(("channel", "result"), results.items())
    if failed := [name for name, result in results.items() if result != "ok"]:
        raise Fatal(f"not sent by {', '.join(failed)}")
    if set(results) == {"log"}:
        progress.print("neither a webhook nor mail is set, so alerts only go to the log: see docs/how-to/watch.md")


@app.command()
def silence(
    rule: RuleName, subject: Subject = "", minutes: Minutes = 60, reason: Reason = "", json: Json = False
) -> None:
    """Silences a rule for a while. Incidents are still recorded."""
    from riverline_monitor.rules import load

    known = {one.name for one in load().rules}
    if rule not in known | {"*"}:
        raise Invalid(f"there is no rule {rule}. Rules: {', '.join(sorted(known))}")
    made = _incidents().silence(rule, subject, _now() + minutes * MINUTE_MS, reason)
    print_json(_plain_silence(made)) if json else out.print(f"silence {made.id} until {rfc3339_seconds(made.until)}")


@app.command()
def unsilence(
    silence_id: Annotated[int, typer.Argument(help="Id, as `riverline alerts list` shows it.")], json: Json = False
) -> None:
    """Ends a silence."""
    _incidents().unsilence(silence_id)
    print_json({"id": silence_id, "ended": True}) if json else out.print(f"silence {silence_id} is over")


def plain(incident: Incident) -> dict[str, object]:
    """An incident as `alerts list` shows it."""
    english, _, korean = incident.sentence.partition("\n")
    return {
        "rule": incident.rule,
        "severity": incident.severity,
        "subject": incident.subject,
        "since": rfc3339_seconds(incident.since),
        "until": None if incident.until is None else rfc3339_seconds(incident.until),
        "value": incident.value,
        "sentence": english,
        "sentence_ko": korean,
        "runbook": f"docs/{runbook(incident.rule)}.md",
    }


def _row(incident: Incident, now: int) -> tuple[str, ...]:
    lasts = duration(((incident.until or now) - incident.since) // 1000)
    state = f"{lasts}, over" if incident.until else lasts
    what = incident.sentence.partition("\n")[0]
    return incident.severity, incident.rule, incident.subject, rfc3339_seconds(incident.since), state, what


def _plain_silence(one: Silence) -> dict[str, object]:
    return {
        "id": one.id,
        "rule": one.rule,
        "subject": one.subject,
        "until": rfc3339_seconds(one.until),
        "reason": one.reason,
    }


def _incidents() -> Incidents:
    return assemble(Settings.load()).incidents


def _now() -> int:
    return time.time_ns() // 1_000_000
