"""A one-file writer of plain PDF (ISO 32000-1): a title and paragraphs in Helvetica on A4, Latin-1 text only."""

import textwrap

COLUMNS, LINES, LEADING = 88, 48, 15


def lines_of(title: str, paragraphs: list[str]) -> list[str]:
    """The lines as they are set, a blank one after the title and after each paragraph."""
    lines = [title, ""]
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(paragraph, COLUMNS), ""]
    return lines


def pdf(title: str, paragraphs: list[str]) -> bytes:
    """The document's bytes. Raises UnicodeEncodeError for text outside Latin-1."""
    lines = lines_of(title, paragraphs)
    sheets = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({_escaped(title)}) >>".encode("latin-1"),
    ]
    for number, sheet in enumerate(sheets):
        objects += [_sheet(6 + 2 * number), _stream(sheet)]
    return _file(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _sheet(content: int) -> bytes:
    resources = "/Resources << /Font << /F1 3 0 R >> >>"
    return f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} /Contents {content} 0 R >>".encode()


def _stream(lines: list[str]) -> bytes:
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    content = f"BT /F1 11 Tf {LEADING} TL 60 780 Td\n{shown}\nET".encode("latin-1")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _file(objects: list[bytes]) -> bytes:
    written = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
