"""The channels for notifications: a webhook, e-mail, the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from zlib import crc32

import httpx
import structlog

from riverline.adapters.smtp import hand_over
from riverline.errors import Transient
from riverline.monitoring.contracts import Incident
from riverline.settings import Settings
from riverline_monitor.rule_evaluation import Kind, Notification

log = structlog.get_logger(__name__)

SECONDS = 10.0  # for a connection and each answer
SIGNS = {"critical": "🔴", "warning": "🟠", "info": "🔵"}
HEADINGS = {Kind.BEGINS: "", Kind.GOES_ON: "still open: ", Kind.OVER: "resolved: "}


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    def send(self, notification: Notification) -> None:
        """Raises when it was not taken."""


def headline(notification: Notification) -> str:
    """One line: how bad, what, of whom."""
    incident = notification.incident
    sign = "🟢" if notification.kind is Kind.OVER else SIGNS.get(incident.severity, "")
    return f"{sign} {HEADINGS[notification.kind]}{incident.rule}{f' {incident.subject}' if incident.subject else ''}"


def body(notification: Notification) -> str:
    """What happened, in both languages, and when."""
    return f"{notification.incident.sentence}\n{_span(notification.incident)}"


def _span(incident: Incident) -> str:
    if incident.until is None:
        return f"since {_clock(incident.since)}"
    return f"from {_clock(incident.since)} to {_clock(incident.until)}, {(incident.until - incident.since) // 1000} s"


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


class Log:
    """The monitor's own log, as structured lines."""

    name = "log"

    def send(self, notification: Notification) -> None:
        incident = notification.incident
        say = log.info if notification.kind is Kind.OVER else log.warning
        say(
            "alert",
            kind=notification.kind.value,
            rule=incident.rule,
            subject=incident.subject,
            severity=incident.severity,
            value=incident.value,
            sentence=incident.sentence.split("\n")[0],
        )


@dataclass(frozen=True)
class Webhook:
    """A Slack-compatible address: a POST of JSON with `text`."""

    url: str
    name: str = "webhook"

    def send(self, notification: Notification) -> None:
        text = f"*{headline(notification)}*\n{body(notification)}"
        try:
            answer = httpx.post(self.url, json={"text": text}, timeout=SECONDS)
        except httpx.HTTPError as error:
            # Not the error's own text: the address is a secret.
            raise Transient(f"the webhook does not answer: {type(error).__name__}") from None
        if answer.status_code >= 300:
            raise Transient(f"the webhook answers {answer.status_code}")


@dataclass(frozen=True)
class Mail:
    """E-mail by SMTP."""

    address: str
    sender: str
    recipients: Sequence[str]
    user: str = ""
    password: str = ""
    encrypted: bool = False
    name: str = "mail"

    def send(self, notification: Notification) -> None:
        hand_over(self.message(notification), self.address, self.user, self.password, self.encrypted)

    def message(self, notification: Notification) -> EmailMessage:
        """The mails of one incident answer to its first: a reader's program shows them together."""
        incident = notification.incident
        thread = f"<{incident.rule}.{incident.since}.{crc32(incident.subject.encode()):08x}@riverline>"
        made = EmailMessage()
        made["Subject"] = f"[Riverline] {headline(notification)}"
        made["From"], made["To"] = self.sender, ", ".join(self.recipients)
        made["Date"] = formatdate()
        made["Message-ID"] = thread if notification.kind is Kind.BEGINS else make_msgid(domain="riverline")
        if notification.kind is not Kind.BEGINS:
            made["In-Reply-To"] = made["References"] = thread
        made.set_content(body(notification))
        return made


def channels_of(settings: Settings) -> list[Channel]:
    """The log, and what is set."""
    wanted = settings.monitor
    made: list[Channel] = [Log()]
    if settings.monitor_webhook:
        made.append(Webhook(settings.monitor_webhook))
    if wanted.smtp and wanted.recipients:
        mail = Mail(
            wanted.smtp, wanted.mail_from, wanted.recipients, wanted.smtp_user, settings.smtp_password, wanted.smtp_tls
        )
        made.append(mail)
    return made
