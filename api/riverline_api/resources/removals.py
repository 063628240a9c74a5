"""Taking down posts, users, documents and sites, and who did what: `/api/v1/removals`, `/api/v1/audit-log`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from flask import Response, jsonify, make_response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from riverline.accounts.contracts import AuditEntry, TakenDown
from riverline.feed import cursor
from riverline.parsing.language.blank import is_blank
from riverline.pipeline.take_down import DOCUMENT, SITE
from riverline_api.context import send, services
from riverline_api.dependencies import MOST_ID, Id, feed, writer
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, link_next
from riverline_api.http.signing import signer
from riverline_api.http.trail import note
from riverline_api.resources.posts import PageQuery

removals = APIBlueprint(
    "removals", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="removals", description="Take-down, and its trail")]
)

POST, USER = "post", "user"
HOST = re.compile(r"^(?=.{1,253}$)[^\W_](?:[\w-]*\w)?(?:\.[^\W_](?:[\w-]*\w)?)*$")


def _said(text: str) -> str:
    if is_blank(text):
        raise ValueError("it is empty")
    return text


class NewRemoval(Parameters):
    """What is to go, and why."""

    kind: Literal["post", "user", "document", "site"]
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)] = Field(
        description="the id of a post or user, the address of a document, or the host of a site"
    )
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_said)
    ] = Field(description="for the audit log", examples=["the author asked for it"])

    @model_validator(mode="after")
    def _fits(self) -> NewRemoval:
        if self.kind in (POST, USER):
            if not (self.subject.isascii() and self.subject.isdigit() and 0 < int(self.subject) <= MOST_ID):
                raise ValueError(f"subject must be the id of a {self.kind}")
        elif self.kind == DOCUMENT:
            if not self.subject.startswith(("http://", "https://")):
                raise ValueError("subject must be an http or https address")
        elif not HOST.match(self.site):
            raise ValueError("subject must be a host, such as example.org")
        return self

    @property
    def site(self) -> str:
        """The host as documents have it."""
        return self.subject.lower().removeprefix("www.")


class RemovalPath(Parameters):
    removal_id: Id


class RemovalAnswer(BaseModel):
    """What was done."""

    kind: str
    subject: str
    removed: int | None = Field(description="documents that were removed at once; null: they are being removed")


class RemovalItem(BaseModel):
    """What stays out of the index."""

    id: int
    kind: str
    subject: str
    reason: str
    at: str


class RemovalsAnswer(BaseModel):
    """What stays out, the newest first."""

    items: list[RemovalItem]


class AuditQuery(PageQuery):
    """Which entries."""

    action: str = Field("", max_length=64, description="the beginning of an action")


class AuditItem(BaseModel):
    """Who did what."""

    at: str
    actor: str = Field(examples=["user 7"])
    action: str = Field(examples=["remove.post"])
    subject: str
    reason: str


class AuditAnswer(BaseModel):
    """One page, the newest first."""

    items: list[AuditItem]
    next_cursor: str | None


@removals.post("/removals", responses={201: RemovalAnswer, **described(404, 422, 503)})
def remove(body: NewRemoval) -> Response:
    """Takes something down. Posts and users are deleted; documents and sites stay out until that is lifted."""
    return make_response(jsonify(kind=body.kind, subject=body.subject, removed=take_down(body)), 201)


@removals.get("/removals", responses={200: RemovalsAnswer, **described(503)})
def held() -> Response:
    """Documents and sites that stay out of the index."""
    return jsonify(items=[removal_item(one) for one in services().take_downs.all()])


@removals.delete("/removals/<int:removal_id>", responses={204: None, **described(404, 422, 503)})
def lift(path: RemovalPath) -> Response:
    """Lets a document or site in again, when it is crawled the next time."""
    let_in(path.removal_id)
    return make_response("", 204)


@removals.get("/audit-log", responses={200: AuditAnswer, **described(422, 503)})
def trail(query: AuditQuery) -> Response:
    """Who did what, the newest first."""
    of = f"audit:{query.action}"
    found = services().audit_log.newest(query.before(of), query.limit + 1, query.action)
    shown = found[: query.limit]
    following = signer().signed(cursor.encoded(shown[-1].id, of)) if len(found) > query.limit else None
    link_next(following)
    return jsonify(items=[audit_item(one) for one in shown], next_cursor=following)


def take_down(wanted: NewRemoval) -> int | None:
    """Does it, after it was written down. Returns how many documents were removed; None: they are being removed."""
    subject, action = wanted.site if wanted.kind == SITE else wanted.subject, f"remove.{wanted.kind}"
    if wanted.kind == POST:
        post = feed().repository.post(int(subject))
        note(action, subject, wanted.reason)
        writer().delete_post(post.id)
        return None
    if wanted.kind == USER:
        user = feed().repository.user(int(subject), fresh=True)
        note(action, subject, wanted.reason)
        writer().delete_user(user.id)
        return None
    office = services().take_down_office
    office.check(wanted.kind, subject)
    note(action, subject, wanted.reason)
    removed = office.take_down(wanted.kind, subject, wanted.reason)
    send()("tasks.keep_down")  # what searches do not see yet
    return removed


def let_in(removal_id: int) -> None:
    """Lifts a take-down. Raises NotFound."""
    lifted = services().take_downs.remove(removal_id)
    note(f"lift.{lifted.kind}", lifted.subject)


def removal_item(one: TakenDown) -> dict[str, Any]:
    """A take-down as the API shows it."""
    return {"id": one.id, "kind": one.kind, "subject": one.subject, "reason": one.reason, "at": rfc3339(one.at)}


def audit_item(one: AuditEntry) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "at": rfc3339(one.at),
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "reason": one.reason,
    }
