"""What a Content-Type header says of a body, and whether it says anything (WHATWG MIME Sniffing and Fetch).

Several values in one header count as browsers count them: the last that is a type, with the charset of an earlier value
of the same type. What is no type (`html`, `text/html charset=utf-8`), and what stands for any type, says nothing: the
body is looked at instead.
"""

from __future__ import annotations

import re

READ = frozenset(
    (
        "text/html", "application/xhtml+xml", "text/xml", "application/xml", "text/plain", "text/markdown",
        "application/json", "application/pdf", "application/x-pdf",
    )
)  # fmt: skip
PACKED = frozenset(("application/gzip", "application/x-gzip"))
# What servers call a body of which they know nothing, or the program that made it.
SAYS_NOTHING = re.compile(
    r"\*/\*$|(?:unknown|content|none|null|inode|httpd)/|[a-z-]+/(?:unknown|none|null|empty)$"
    r"|application/(?:x-)?(?:octet-?(?:stream)?|binary|download|force-download|empty|unknown|text|txt|x?html?|feed|rss|atom"
    r"|rdf|(?:httpd-)?(?:php\d?|asp|aspx|jsp|cgi))$|binary/"
)
# Texts that are no pages; whatever else calls itself a text, such as `text/htm`, is looked at.
NO_PAGES = re.compile(
    r"text/(?:css|(?:x-)?(?:java|ecma|live|j)script[\d.]*|calendar|csv|(?:x-)?vcard|event-stream|vtt)$"
)
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TYPE = re.compile(rf"[ \t\r\n]*({TOKEN}/{TOKEN})[ \t\r\n]*$")
VALUES = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
CHARSET = re.compile(r"""(?:^|[;\s,:])charset\s*[=:]\s*["']?\s*([^\s"';,]{1,40})""", re.I)


def media_type(content_type: str) -> str:
    """The type that a header declares, in small letters, "" where it declares none or any."""
    return _read(content_type)[0]


def charset(content_type: str) -> str:
    """The charset that a header declares, "" where there is none; one is believed where the type is not well-formed."""
    return _read(content_type)[1]


def is_read(content_type: str) -> bool:
    """Whether bodies of a header's type are read: pages, feeds, texts, PDF files, and what the header does not tell."""
    kind = media_type(content_type)
    if kind in READ or kind in PACKED or kind.endswith("+xml"):
        return True
    return not kind or (kind.startswith("text/") and not NO_PAGES.match(kind))


def _read(content_type: str) -> tuple[str, str]:
    kind = label = ""
    for value in VALUES.findall(content_type[:1_000]):
        essence, _, parameters = value.partition(";")
        found = TYPE.match(essence)
        if found and not SAYS_NOTHING.match(named := found[1].lower()):
            label = _charset(parameters) or (label if named == kind or not kind else "")
            kind = named
        else:
            label = _charset(value) or label
    return kind, label


def _charset(parameters: str) -> str:
    found = CHARSET.search(parameters)
    return found[1] if found else ""
