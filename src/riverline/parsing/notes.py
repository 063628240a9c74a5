"""Lines that stand among a text and are none of it: labels of buttons, captions and credits, who owns what."""

from __future__ import annotations

import re

LONGEST = 200  # characters of such a line
LABEL = re.compile(
    r"\W*(?:drucken|e-?mail|facebook|flipboard|google\+?|instagram|linkedin|pdf|pinterest|pocket|print|qq|reddit|twitter|x"
    r"|wechat|weibo|whatsapp|xing|kakao\w{0,9}|tweet|share(?: this)?|teilen(?: mit| sie dies mit)?|like|gefällt mir"
    r"|kommentare?|comments?|tags?|advertisement|anzeige|werbung|(?:lesen sie )?mehr zum thema.{0,30}|schon gelesen\??"
    r"|more on this.{0,8}|read more|you (?:might|may) (?:also )?like|vous aimerez aussi|à lire aussi|lesen sie auch"
    r"|zurück|weiter|loading\W*|wird geladen\W*|permalink|permalien|공유|공유하기|인쇄|인쇄하기|스크랩|목록|광고"
    r"|댓글|이전|다음|관련 ?기사|관련 ?글)\W*(?:\d+\W*)?$",
    re.I,
)
CREDIT = re.compile(
    r"\W{0,3}(?:(?:credits?|photos?|fotos?|bild(?:er)?|titelbild|image|quelle|sources?|crédits? photos?"
    r"|(?:foto|photo) ?credit|bild ?nachweis|abbildung|사진|출처|자료|그래픽|영상|그림) ?[:=/]|©|ⓒ|\(c\) ?\d"
    r"|copyright\b|저작권자|무단 ?전재|(?:abbildung|abb\.|fig(?:ure|\.)|그림|사진) ?\d{1,3} ?[:.])",
    re.I,
)
FILED = re.compile(
    r"(?:this (?:entry|post) was (?:posted|written)|filed under|posted (?:in|on|by) |dieser (?:eintrag|beitrag) wurde"
    r"|der (?:eintrag|beitrag) wurde am|veröffentlicht (?:in|unter|am) |publié (?:dans|le) |categor(?:y|ies):"
    r"|이 글은 .{1,20}에 게시)",
    re.I,
)


def is_note(text: str) -> bool:
    """Whether a line is no part of the text that it stands in, by how it begins; long ones always are."""
    if len(text) > LONGEST:
        return False
    return bool(LABEL.match(text) or CREDIT.match(text) or FILED.match(text))


def without_notes(text: str) -> str:
    """A text, a paragraph a line, without such lines."""
    return "\n".join(line for line in text.split("\n") if not is_note(line))
