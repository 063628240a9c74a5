"""TLS to servers: whose certificates are trusted, and what a failure means.

Where a server speaks no TLS nothing here runs, but for one look at a switch for each new connection.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CA_FILE = "RIVERLINE_TLS__CA_FILE"
EXPIRED, NOT_YET, OTHER_NAME, OTHER_ADDRESS = 10, 9, 62, 64  # of X509_verify_cert_error_string(3)
NO_TLS = "it speaks no TLS: unset {switch}, or turn TLS on there"
ENDED = "it ends the greeting of TLS ({reason}): it is stopping, or " + NO_TLS
WANTS_TLS = "it ends what does not begin as TLS does: if it speaks TLS, set {switch}"


@cache
def context(ca_file: Path | None) -> ssl.SSLContext:
    """For connections to servers whose certificates these authorities signed; None: this machine's. TLS 1.2 or newer.

    Raises FileNotFoundError: made once a process, it is made anew when the file is there.
    """
    if ca_file and not ca_file.is_file():
        raise FileNotFoundError(f"{CA_FILE}: there is no file {ca_file}; `make up` makes that of a stack of one host")
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise ConnectionError(f"{CA_FILE}: {ca_file} holds no certificates in PEM ({error.reason})") from error


@contextlib.contextmanager
def explaining(switch: str, ca_file: Path | None) -> Iterator[None]:
    """Gives failures of a handshake words that say what to do. `switch` is the setting that turns TLS on.

    Raises ConnectionError in the place of an SSLError, and of a server that says nothing to a greeting.
    """
    try:
        yield
    except ssl.SSLError as error:
        raise ConnectionError(meaning(error, switch, ca_file)) from error
    except (ConnectionResetError, BrokenPipeError, EOFError) as error:
        raise ConnectionError(ENDED.format(reason=error, switch=switch)) from error


def meaning(error: ssl.SSLError, switch: str, ca_file: Path | None) -> str:
    """What is wrong, and the next step."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        reason = error.reason or str(error)
        if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return ENDED.format(reason=reason, switch=switch)
        return f"it refuses TLS ({reason})" if "ALERT" in reason else f"{NO_TLS.format(switch=switch)} ({reason})"
    if error.verify_code == EXPIRED:
        return "its certificate has expired: `make up` renews those of the stack, and whoever made another one that"
    if error.verify_code == NOT_YET:
        return "its certificate is not valid yet: compare the clocks of both machines"
    if error.verify_code in (OTHER_NAME, OTHER_ADDRESS):
        return f"its certificate is of another name: {error.verify_message}"
    trusted = f"{ca_file}, the file of {CA_FILE}" if ca_file else f"this machine ({CA_FILE} is not set)"
    return f"its certificate is of an authority that {trusted}, does not trust ({error.verify_message})"
