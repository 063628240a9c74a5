"""Texts as they are compared and found: characters composed (NFC), and none that nobody sees. Pure."""

from __future__ import annotations

import html
import html.entities
import re
import unicodedata

# Shown as a blank: Hangul fillers between words, the empty Braille pattern, and controls that part words.
BLANKS = re.compile("[\u3164\uffa0\u2800\x0b\x0c\x1c-\x1f]")
# Soft hyphens, joiners, fillers in syllables, marks of direction, invisible operators, annotations, controls, and what
# is no character (not NUL, which is refused where texts come in). Joiners and tags stay where they make an emoji or
# belong to a script that is written with them.
UNSEEN = re.compile(
    "[\x01-\x08\x0e-\x1b\x7f\u0080-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0001]"
    "|(?<![\u0600-\u109f\u1780-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+"
)
SUSPECT = re.compile(  # all that is in the two above, to see quickly that nothing is to be done
    "[\x01-\x08\x0b\x0c\x0e-\x1f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U000e0001-\U000e007f]"
)
ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
ELEMENTS = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|img|ins|li|mark"
    "|nobr|ol|p|q|s|section|small|span|strike|strong|sub|sup|table|tbody|td|th|tr|tt|u|ul|wbr|article|aside|audio|button"
    "|caption|details|footer|form|header|iframe|input|label|main|nav|noscript|object|picture|pre|script|source|style"
    "|summary|svg|thead|time|video|o:p|st1:[a-z]{1,20}"
)
TAG = re.compile(rf"<(/?)({ELEMENTS})(\s[^<>]{{0,2000}})?\s*/?>", re.I)
COMMENT = re.compile(r"<!--.{0,2000}?-->", re.S)
PROGRAM = re.compile(r"<(script|style)\b[^<>]{0,2000}>.{0,4000}?</\1\s*>", re.S | re.I)
CUT = re.compile(rf"<(?:(?:{ELEMENTS})\s[^<>]{{1,2000}}|/[a-z]{{0,10}})$", re.I)  # where a text was cut off
# Where a tag at the beginning of a text is markup, though its end was left out: in what is long, cut off or a sentence.
LONG = 80  # characters
SENTENCE_END = ("。", ".", "…")
VOID = frozenset(("br", "hr", "img", "wbr", "input", "source"))
INSIDE_WORDS = frozenset(
    ("a", "abbr", "b", "big", "em", "font", "i", "mark", "span", "strong", "sub", "sup", "u", "wbr")
)
MOST_TIMES = 3  # escaped in one another


def visible(text: str) -> str:
    """A text in NFC, without characters that are not seen. Doing it twice changes nothing."""
    if text.isascii() and text.isprintable():
        return text
    if not SUSPECT.search(text) and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    before = ""
    while text != before:  # what is taken out may stand between a letter and its accent
        before, text = text, unicodedata.normalize("NFC", UNSEEN.sub("", BLANKS.sub(" ", text)))
    return text


def shown(text: str) -> str:
    """A text of a declaration as readers should see it: entities that were escaped once too often are characters, and
    markup is gone. A tag that is only spoken of (`how to use <div>`), without its end, stays."""
    for _ in range(MOST_TIMES):
        if "<" not in text and "&" not in text:
            break
        text = ENTITY.sub(_character, _without_markup(text))
    return visible(text)


def _without_markup(text: str) -> str:
    if "<" not in text:
        return text
    whole = PROGRAM.sub(" ", COMMENT.sub(" ", text))
    text = CUT.sub("", whole)
    is_markup = len(whole) >= LONG or text != whole or text.endswith(SENTENCE_END)
    ended = {name.lower() for end, name, _ in TAG.findall(text) if end}

    def replaced(match: re.Match[str]) -> str:
        name = match[2].lower()
        opens = is_markup and not match.start()
        if name not in ended and name not in VOID and not match[3] and not opens:
            return match[0]
        return "" if name in INSIDE_WORDS else " "

    return TAG.sub(replaced, text)


def _character(match: re.Match[str]) -> str:
    """The character of an entity; what is none stays as it is."""
    if match[1].startswith("#"):
        return html.unescape(match[0])
    return html.entities.html5.get(f"{match[1]};", match[0])
