"""`/targets`, for administrators: what is crawled and when, how the rounds went, and what to crawl next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, current_app, redirect, request

from riverline.crawl.addresses import require_contact, user_agent, visited_hosts
from riverline.crawl.contracts import StoredTarget
from riverline.crawl.targets import PLACE, target_of
from riverline.errors import Conflict, Fatal, Invalid, Transient
from riverline.model import Target
from riverline.pipeline.contracts import topic_of
from riverline_api.context import services
from riverline_api.http.trail import note_done
from riverline_api.resources.target_preview import client_of, preview
from riverline_api.resources.targets import allowed, shown_urls
from riverline_api.web import i18n
from riverline_api.web.layout import page
from riverline_api.web.session import require_admin

targets_pages = Blueprint("targets_pages", __name__)

CLIENT = "riverline-preview-client"  # in an application's extensions: makes the client that fetches for a preview
LIMITS = ("rate", "concurrency", "max_pages", "depth", "interval", "priority")  # that are changed here
LISTS = ("start_urls", "keywords", "allowed_hosts", "allowed_paths")
SEARCHES_DAYS, MOST_WORDS = 30, 20
DAY_MS = 86_400_000
FIRST_LIMITS = {"rate": 1.0, "max_pages": 500, "depth": 3, "interval": 86_400}  # of an address that is added here


@targets_pages.before_request
def administrators_alone() -> None:
    """Nothing of it is anybody else's."""
    require_admin()


@targets_pages.get("/targets")
def every() -> Response:
    """All targets, and the searches that found nothing."""
    return _all("")


def _all(wrong: str) -> Response:
    now = services().now_ms()
    entries = services().targets.all()
    return page(
        "targets.html",
        422 if wrong else 200,
        wrong=wrong,
        place=PLACE,
        targets=[_shown(entry, now) for entry in entries],
        words=_in_vain(entries),
        takers=[entry.target.name for entry in entries if entry.target.kind in ("search", "youtube")],
        note=_note(),
    )


@targets_pages.get("/targets/new")
def offered() -> Response:
    """What is at an address, and the form to add it."""
    url = request.args.get("url", "").strip()[:2048]
    crawl = services().settings.crawl
    try:
        with current_app.extensions.get(CLIENT, partial(client_of, crawl))() as client:
            found = preview(url, client, user_agent(crawl))
    except Invalid:
        return page("target_new.html", 422, url=url, found=None, given={}, wrong=_say("targets.wrong_url"))
    host = urlsplit(found.url).hostname or ""
    given = {"name": host.removeprefix("www."), "start_urls": found.url, **FIRST_LIMITS}
    return page("target_new.html", url=url, found=found, given=given, wrong="", why=_why(found.problem))


@targets_pages.post("/targets")
def add() -> Response:
    """Adds a target, due at once."""
    given = request.form.to_dict()
    try:
        entry = services().targets.add(allowed(target_of(_fields(given))))
    except (Invalid, Conflict) as error:
        return page("target_new.html", 422, url=given.get("start_urls", ""), found=None, given=given, wrong=str(error))
    note_done("target.add", entry.target.name)
    return _to(entry.target.name, "added")


@targets_pages.get("/targets/<name>")
def one(name: str) -> Response:
    """A target: its limits, how its rounds went, and what to do with it."""
    return _page_of(services().targets.get(name), {}, "")


@targets_pages.post("/targets/<name>")
def change(name: str) -> Response:
    """Pauses a target, lets it go on, makes it due, changes its limits, or removes it."""
    entry, act = services().targets.get(name), request.form.get("act", "")
    if act == "remove":
        services().targets.remove(name)
        note_done("target.remove", name)
        return redirect("/targets?note=removed", 303)  # type: ignore[return-value]
    try:
        wanted = _changed(entry.target, act)
        services().targets.replace(name, wanted)
    except (Invalid, Conflict) as error:
        return _page_of(entry, request.form.to_dict(), str(error))
    note_done("target.change", wanted.name)
    return _to(wanted.name, act if act in ("pause", "resume", "run") else "saved")


@targets_pages.post("/targets/keywords")
def keywords() -> Response:
    """Takes searches that found nothing over as keywords of a target, or of a new one that asks a site's search."""
    name, words = request.form.get("target", ""), tuple(dict.fromkeys(request.form.getlist("word")))[:MOST_WORDS]
    address = request.form.get("address", "").strip() if request.form.get("act") == "new" else ""
    if not words or not (name or address):
        return redirect("/targets?note=nothing", 303)  # type: ignore[return-value]
    if address:
        return _search_target(address, words)
    held = services().targets.get(name).target
    more = tuple(word for word in words if word not in held.keywords)
    services().targets.replace(name, target_of(asdict(replace(held, keywords=held.keywords + more))))
    note_done("target.change", name)
    return _to(name, "saved")


def _search_target(address: str, words: tuple[str, ...]) -> Response:
    """Adds a target that puts the words into the address."""
    given = {"kind": "search", "start_urls": [address], "keywords": words, **FIRST_LIMITS}
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
        entry = services().targets.add(allowed(target_of({"name": f"{host} search", **given})))
    except (Invalid, Conflict, ValueError) as error:
        return _all(str(error))
    return _to(entry.target.name, "added")


def _changed(target: Target, act: str) -> Target:
    """Raises Invalid."""
    if act in ("pause", "resume"):
        return replace(target, enabled=act == "resume")
    return target if act == "run" else allowed(target_of(asdict(target) | _fields(request.form.to_dict())))


def _page_of(entry: StoredTarget, given: Mapping[str, str], wrong: str) -> Response:
    target = entry.target
    lists = {name: "\n".join(getattr(target, name)) for name in LISTS}
    shown = asdict(target) | lists | {"start_urls": "\n".join(shown_urls(target))}
    hosts = sorted(visited_hosts(target, services().settings.crawl)) if target.start_urls else []
    return page(
        "target.html",
        422 if wrong else 200,
        entry=entry,
        shown=_shown(entry, services().now_ms()),
        given={**shown, **given},
        limits=LIMITS,
        lists=LISTS,
        reasons=_reasons(entry.progress.get("reasons", {})),
        topics=[topic_of(host) for host in hosts],
        wrong=wrong,
        note=_note(),
    )


def _shown(entry: StoredTarget, now_ms: int) -> dict[str, Any]:
    """A target as its row says it."""
    target, rounds = entry.target, entry.progress.get("rounds", [])
    state = "paused" if not target.enabled else "held" if entry.worker else "now" if entry.due_at <= now_ms else "due"
    read = sum(one["fetched"] + one["unchanged"] for one in rounds)
    return {
        "name": target.name,
        "address": f"/targets/{quote(target.name, safe='')}",
        "kind": target.kind,
        "first": (shown_urls(target) or target.keywords or ("",))[0],
        "state": state,
        "due_at": entry.due_at,
        "due": i18n.until(i18n.language(), entry.due_at, now_ms),
        "worker": entry.worker,
        "progress": entry.progress,
        "problem": entry.progress.get("problem", "") or _without_contact(target),
        "rounds": list(reversed(rounds)),
        "changed": sum(one["fetched"] for one in rounds) / read if read else None,
    }


def _without_contact(target: Target) -> str:
    """Why nobody crawls it, where the crawler has no contact address."""
    try:
        require_contact([target], services().settings.crawl)
    except Fatal:
        return _say("targets.no_contact")
    except Invalid as error:
        return str(error)
    return ""


def _reasons(found: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(_why(reason), said) for reason, said in found.items()]


def _why(reason: str) -> str:
    """A reason of the crawler in words."""
    if reason.startswith("status_"):
        return _say("crawl.status", status=reason.removeprefix("status_"))
    return _say(f"crawl.{reason}") if reason else ""


def _in_vain(entries: list[StoredTarget]) -> list[tuple[str, int]]:
    """Searches that found nothing, without those that a target looks for already."""
    known = {word for entry in entries for word in entry.target.keywords}
    try:
        since = services().now_ms() - SEARCHES_DAYS * DAY_MS
        found = services().index.zero_result_searches(since, MOST_WORDS + len(known))
    except (Transient, Fatal):
        return []
    return [(word, count) for word, count in found if word not in known][:MOST_WORDS]


def _fields(given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a form; lists have a line each. What is no number is left to the form of a target to refuse."""
    texts = {name: given[name].strip() for name in ("name", "kind", "proxy") if name in given}
    lists = {name: [one.strip() for one in given[name].splitlines() if one.strip()] for name in LISTS if name in given}
    return {**texts, **lists, **{name: given[name].strip() for name in LIMITS if given.get(name, "").strip()}}


def _note() -> str:
    note = request.args.get("note", "")
    known = ("added", "saved", "pause", "resume", "run", "removed", "nothing")
    return _say(f"targets.note_{note}") if note in known else ""


def _to(name: str, note: str) -> Response:
    return redirect(f"/targets/{quote(name, safe='')}?note={note}", 303)  # type: ignore[return-value]


def _say(name: str, **values: object) -> str:
    return i18n.translate(i18n.language(), name, **values)
