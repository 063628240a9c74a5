"""Dates that stand in a page and are not the page's: of other stories, of its readers, of offers."""

from __future__ import annotations

import re
from functools import lru_cache

import lxml.etree
import lxml.html
from selectolax.lexbor import LexborNode

from riverline.parsing.html.lxml_tree import writable

ASIDE = frozenset(("aside", "nav", "footer"))
OTHERS = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|similar|sidebar|teasers?|popular|trending|latest|most-?read|"
    r"more-(?:stories|posts|articles|news)|read-?(?:more|next)|see-?also|also-?read|comments?|repl(?:y|ies)|"
    r"(?:next|prev(?:ious)?)-(?:post|article)|promo|author-?(?:bio|box)|member(?:-?since)?|join(?:ed|-?date)|userinfo|"
    r"user-?stats|offers?|price|coupon|expires?|valid|recent[_-]?(?:posts?|entries|comments?)|comment-?list|post-?profile|"
    r"poster|author-?statistics)(?=$|[\s_-])",
    re.I,
)
# The same of what lists other pages or comments: the names of these leave no doubt.
LISTS = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|similar|popular|trending|most-?read|recent[_-]?(?:posts?|entries)|"
    r"comment-?list|see-?also|also-?read|read-?next|(?:next|prev(?:ious)?)-(?:post|article))(?=$|[\s_-])",
    re.I,
)
BEGINNING = 40  # characters of a text in which such a name stands
# What names a date of a reader, of a birth, or the end of an offer, in small letters: words of alphabets, then others.
WORDS = (
    r"\b(?:join(?:ed)?(?: date| on)?|(?:member|user) since|registered(?: on| since)?|last (?:visit(?:ed)?|seen|active"
    r"|login)|registriert(?: seit)?|mitglied seit|beigetreten(?: am)?|dabei seit|inscription|inscrit(?: le| depuis)"
    r"|membre depuis|miembro desde|registra?do(?: el| em| desde)?|iscritto (?:dal|il)|membro (?:dal|desde)"
    r"|lid (?:sinds|geworden)|dołączył|zarejestrowan\w|rejestracja|medlem (?:sedan|siden)|blev medlem|tilmeldt"
    r"|liittynyt|registrován|registrace|člen od|csatlakozott|membru din|kat[ıi]l[ıi]m|kay[ıi]t|üyelik|bergabung|born"
    r"|date of birth|geboren|née? le|valid (?:until|through|thru|till)|(?:offer|sale|deal|promotion|registration"
    r"|auction|contest)s? (?:ends?|closes?)|until|deadline|clos(?:es|ing date)|(?:register|apply|rsvp|order|submit) by"
    r"|expire[sd]?(?: on)?|ends(?: on|:)|good through|gültig bis|läuft bis|anmeldeschluss|valable jusqu|válido hasta"
    r"|valido fino|geldig tot|due (?:date|by))\b"
)
PARTS = (
    r"регистрация|зарегистрирован|на форуме с|участник с|реєстрація"
    r"|действ\w{1,9} до|εγγραφή|가입|생년 ?월일|기간|마감 ?일|신청 ?마감|만료 ?일|登録日|生年月日|有効期限|期間"
    r"|注册|註冊|加入(?:时间|時間|日期|于)|有效期|截止"
)
# Two searches in small letters: together, or for letters of any case, they would take ten times as long.
OF_OTHERS = re.compile(WORDS), re.compile(rf"{PARTS}|까지|まで")
ABOVE = "\u0307"  # the dot that stays when a Turkish capital becomes small
# What names the day of a copyright, of a foundation or of an event.
OF_RIGHTS = re.compile(
    r"©|ⓒ|\(c\)\s{0,3}(?=[12]\d{3})|\bcopyright|\ball rights reserved|\b(?:founded|established|incorporated)\b"
    r"|저작권|무단 ?전재|(?<![가-힣])일시|행사 ?(?:일|기간)|설립|창간"
    r"|\b(?:event|concert|meeting) date|\bdate of (?:the )?(?:event|concert|meeting)",
    re.I,
)
DIGITS = re.compile(r"\d\d")  # of a year at least
CLOCK = re.compile(r"\d:\d\d")  # a moment beside a copyright is when a page was made
# The line at the foot of Korean papers and shops, in which they say when they were registered.
IMPRINT = re.compile("발행인|편집인|등록 ?번호|사업자|통신 ?판매")
NAMES_NEXT = re.compile(rf"(?:{WORDS}|{PARTS})\W*$", re.I)  # the text before a date that stands by itself
# What a search of the whole page must not read: times, which were looked at before it, programs, and ends of offers.
NOT_SEARCHED = lxml.etree.XPath(
    "//time | //aside | //nav | //style | //script[not(contains(@type, 'ld+json'))]"
    " | //*[contains(' priceValidUntil validThrough availabilityEnds expires endDate birthDate ',"
    " concat(' ', @itemprop, ' ')) and @itemprop]"
)
CALLED = lxml.etree.XPath("//body//*[@class or @id]")
OFFERS = ("priceValidUntil", "validThrough", "availabilityEnds", "birthDate")
OFFERED = ",".join(f"[itemprop~={name}]" for name in OFFERS)
LINE = 160  # characters of a line that may name such a date


def is_offer(element: LexborNode) -> bool:
    """Whether an element is the end of an offer, or a birth, by its name."""
    return not frozenset(OFFERS).isdisjoint((element.attributes.get("itemprop") or "").split())


def is_of_others(text: str) -> bool:
    """Whether a line names a date that is none of the page's publication."""
    if _names_others(text):
        return True
    return bool(DIGITS.search(text) and OF_RIGHTS.search(text) and not CLOCK.search(text))


def _names_others(text: str) -> bool:
    small = text.lower().replace(ABOVE, "")
    return any(names.search(small) for names in OF_OTHERS)


def drop_beside(tree: lxml.html.HtmlElement) -> None:
    """Takes out of a tree what its search for a date must not read."""
    for element in tree.iter(lxml.etree.Element):
        for name in ("text", "tail"):
            written = getattr(element, name)
            if written and len(written) <= LINE and (is_of_others(written) or IMPRINT.search(written)):
                setattr(element, name, "")
    around = {element for headline in tree.iter("h1") for element in headline.iterancestors()}
    called = (element for element in CALLED(tree) if _speaks_of_others(element.get("class"), element.get("id")))
    for element in (*NOT_SEARCHED(tree), *called):
        if element not in around and (parent := element.getparent()) is not None:
            _drop(element, parent)


@lru_cache(8192)
def _speaks_of_others(called: str | None, name: str | None) -> bool:
    """Whether an element's names say so; remembered, for the elements of a page share theirs."""
    return OTHERS.search(f"{called} {name}") is not None


def _drop(element: lxml.html.HtmlElement, parent: lxml.html.HtmlElement) -> None:
    """Takes an element out and leaves the text behind it, without the controls that libxml2 reads and lxml refuses."""
    before = element.getprevious()
    text = (parent.text if before is None else before.tail) or ""
    text = writable(text + (element.tail or ""))
    parent.remove(element)
    if before is None:
        parent.text = text
    else:
        before.tail = text


def is_beside(element: LexborNode, headline: LexborNode | None) -> bool:
    """Whether an element speaks of something else than its page: what it stands in is called so and has no headline."""
    parent = element.parent
    if parent is not None and _names_others((parent.text() or "")[:BEGINNING]):
        return True
    story = _story(headline) if headline else None
    node: LexborNode | None = element
    article = True
    while node is not None and node.tag not in ("body", "html"):
        attributes = node.attributes
        called = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if (node.tag in ASIDE or OTHERS.search(called)) and not _holds(node, headline):
            return True
        if article and node.tag == "article":
            article = False
            if story is not None and node.mem_id != story.mem_id and not _holds(node, headline):
                return True
        node = node.parent
    return False


def _story(headline: LexborNode) -> LexborNode | None:
    """The article that the page's headline stands in."""
    node = headline.parent
    while node is not None and node.tag != "article":
        node = node.parent
    return node


def _holds(node: LexborNode, headline: LexborNode | None) -> bool:
    while headline is not None:
        if headline.mem_id == node.mem_id:
            return True
        headline = headline.parent
    return False
