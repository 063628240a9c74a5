"""The main text of an HTML page, a paragraph a line."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.html.block_outline import Outline, Run, outline
from riverline.parsing.html.named import Named
from riverline.parsing.html.not_shown import hidden_by_sheets
from riverline.parsing.language.normalization import visible
from riverline.parsing.limits import MAX_TEXT

# What holds no running text of its own, whatever it is called; `rt` and `rp` repeat a ruby's text in another script.
SILENT = "script,style,svg,iframe,noscript,template,button,select,textarea,canvas,object,head,title,rt,rp"


def readable(tree: LexborHTMLParser, named: Named | None = None) -> Outline:
    """The outline of a page. It takes the tree apart: what else stands in it must have been read before."""
    hidden = hidden_by_sheets(tree, named or Named(tree))
    for element in tree.css(SILENT):
        element.decompose()
    root = tree.body or tree.root
    return outline(root, hidden) if root else Outline([], [])


def joined(runs: list[Run]) -> str:
    """The runs of a main text as text, in composed characters, without those that nobody sees."""
    return visible("\n".join(run.text for run in runs))[:MAX_TEXT]
