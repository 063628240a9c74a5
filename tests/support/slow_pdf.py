"""A small file that takes many seconds to read."""

import zlib

from riverline.model import Page


def slow_pdf(url: str, operators: int = 400_000) -> Page:
    """A PDF of some kB whose one page draws so many letters."""
    content = zlib.compress(b"BT /F1 9 Tf " + b"(lighthouse ) Tj " * operators + b"ET", 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%b endobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF" % len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n" + table + end
    return Page(url, url, body, content_type="application/pdf", keywords=("lighthouse",))
