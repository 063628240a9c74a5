"""Mail by SMTP: `accounts.contracts.Mailer`."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from riverline.errors import Invalid, Transient

SECONDS = 10.0  # for a connection and each answer
NEVER = range(550, 560)  # answers to an address that will be the same the next time


@dataclass(frozen=True)
class SmtpMailer:
    """A connection for each mail."""

    address: str
    sender: str
    user: str = ""
    password: str = ""
    encrypted: bool = False

    def send(self, to: str, subject: str, text: str) -> None:
        made = message(self.sender, to, subject, text)
        try:
            hand_over(made, self.address, self.user, self.password, self.encrypted, [to])
        except smtplib.SMTPNotSupportedError:
            raise Invalid("the mail server cannot send to an address with such letters") from None
        except smtplib.SMTPRecipientsRefused as error:
            if all(code in NEVER for code, _ in error.recipients.values()):
                raise Invalid("the mail server refuses the address") from None
            raise Transient("the mail server does not take the address now") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Transient(f"the mail server takes no mail: {type(error).__name__}") from error


def hand_over(
    made: EmailMessage, address: str, user: str, password: str, encrypted: bool, to: Sequence[str] | None = None
) -> None:
    """Gives a mail to a server, for `to` or those whom it names. Raises OSError, as smtplib's exceptions are."""
    host, port = address.rsplit(":", 1)
    with smtplib.SMTP(host, int(port), timeout=SECONDS) as server:
        if encrypted:
            server.starttls()
        if user:
            server.login(user, password)
        server.send_message(made, to_addrs=to)


def message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """A mail to one address. Raises Invalid for what is none, or several."""
    made = EmailMessage()
    try:
        made["To"] = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError):
        raise Invalid("mail cannot be sent to such an address") from None
    made["Subject"], made["From"], made["Date"] = subject, sender, formatdate()
    made["Message-ID"] = make_msgid(domain="riverline")
    made["Auto-Submitted"] = "auto-generated"  # nobody's absence answers it (RFC 3834)
    made.set_content(text)
    return made
