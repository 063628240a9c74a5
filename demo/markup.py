"""The markup of the stored articles: a small Markdown dialect, to HTML and to plain paragraphs.

Blocks are separated by blank lines: `## ` and `### ` headings, `- ` and `1. ` lists, `> ` quotes, `| ` tables whose
first row is the head, fenced code with an optional language, and paragraphs. Inline: `**strong**`, `` `code` ``,
`[text](href)`, and `![alt](src)`.
"""

import re
from collections.abc import Callable
from html import escape

FENCE = re.compile(r"^```(\w*)\n(.*?)\n```$", re.S | re.M)
INLINE = [
    (re.compile(r"!\[([^\]]*)\]\(([^)]+)\)"), r'<img src="\2" alt="\1" width="640" height="360">'),
    (re.compile(r"\[([^\]]+)\]\(([^)]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
]
MARKED = re.compile(r"[`\[*{]")
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def blocks(source: str) -> list[str]:
    """The blocks of a source, in order; fenced code stays whole even where it holds blank lines."""
    found: list[str] = []
    position = 0
    for fence in FENCE.finditer(source):
        found += _split(source[position : fence.start()])
        found.append(fence.group())
        position = fence.end()
    return found + _split(source[position:])


def _split(text: str) -> list[str]:
    return [block.strip("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]


def html(source: str) -> str:
    """The HTML fragment of a source."""
    return "\n".join(_block(block) for block in blocks(source))


def _block(block: str) -> str:
    for start, write in WRITERS:
        if re.match(start, block):
            return write(block)
    return f"<p>{_inline(' '.join(block.splitlines()))}</p>"


def _inline(text: str) -> str:
    written = escape(text, quote=False)
    for pattern, replacement in INLINE:
        written = pattern.sub(replacement, written)
    return written


def _heading(block: str) -> str:
    marks, text = block.split(" ", 1)
    return f"<h{len(marks)}>{_inline(text)}</h{len(marks)}>"


def _code(block: str) -> str:
    opening, *lines, _ = block.split("\n")
    language = opening.removeprefix("```") or "text"
    code = escape("\n".join(lines), quote=False)
    return f'<pre><code class="language-{language}">{code}</code></pre>'


def _list(tag: str) -> Callable[[str], str]:
    def write(block: str) -> str:
        items = "".join(f"<li>{_inline(item)}</li>" for item in items_of(block))
        return f"<{tag}>{items}</{tag}>"

    return write


def items_of(block: str) -> list[str]:
    """The items of a list block, without their bullets."""
    return [re.sub(r"^(- |\d+\. )", "", line) for line in block.splitlines()]


def _quote(block: str) -> str:
    text = " ".join(line.removeprefix(">").strip() for line in block.splitlines())
    return f"<blockquote><p>{_inline(text)}</p></blockquote>"


def _table(block: str) -> str:
    head, *rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in block.splitlines()]
    lines = [_row(head, "th")] + [_row(row, "td") for row in rows]
    return f"<table><thead>{lines[0]}</thead><tbody>{''.join(lines[1:])}</tbody></table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in cells) + "</tr>"


WRITERS: list[tuple[str, Callable[[str], str]]] = [
    (r"```", _code),
    (r"#{2,3} ", _heading),
    (r"- ", _list("ul")),
    (r"\d+\. ", _list("ol")),
    (r"> ", _quote),
    (r"\| ", _table),
]


def paragraphs(source: str) -> list[str]:
    """The paragraphs without inline marks, each on one line: text that an extractor must give back unchanged."""
    plain = (block for block in blocks(source) if not any(re.match(start, block) for start, _ in WRITERS))
    return [" ".join(block.splitlines()) for block in plain if not MARKED.search(block)]


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, split after `.`, `?` and `!`."""
    return SENTENCE_END.split(paragraph)


def first_list(source: str) -> list[str]:
    """The items of the first bulleted list: the ingredients, where the page is a recipe."""
    return next((items_of(block) for block in blocks(source) if block.startswith("- ")), [])
