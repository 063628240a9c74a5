"""JSON-LD (schema.org) of a page, by the kind of its site."""

import json
from typing import Any

from demo import markup
from demo.pages import Page
from demo.sites import Site


def json_ld(site: Site, page: Page, dated: bool) -> str:
    """The script's text for a page; `dated` says whether the dates stand in it."""
    kind = page.fields.get("schema", site.schema)
    described = {"@context": "https://schema.org", "@type": kind, **SHAPES.get(kind, _article)(site, page)}
    if dated and page.published:
        described["datePublished"] = page.published.isoformat()
        described["dateModified"] = (page.modified or page.published).isoformat()
    # "</" would end the script element early.
    return json.dumps(described, ensure_ascii=False, indent=1).replace("</", "<\\/")


def _article(site: Site, page: Page) -> dict[str, Any]:
    return {
        "headline": page.title,
        "description": page.description,
        "image": [f"http://{site.host}{page.image}"],
        "author": [{"@type": "Person", "name": page.fields.get("author", site.name)}],
        "publisher": {"@type": "Organization", "name": site.name},
        "mainEntityOfPage": page.url,
        "keywords": ", ".join(page.words("tags")),
    }


def _recipe(site: Site, page: Page) -> dict[str, Any]:
    described = _article(site, page)
    described["name"] = described.pop("headline")
    described["recipeIngredient"] = markup.first_list(page.source)
    described["recipeYield"] = page.fields.get("serves", "2")
    described["totalTime"] = f"PT{page.fields.get('minutes', '30')}M"
    return described


def _product(site: Site, page: Page) -> dict[str, Any]:
    offer = {"@type": "Offer", "price": page.fields.get("price", "0"), "priceCurrency": "USD", "url": page.url}
    return {
        "name": page.title,
        "description": page.description,
        "sku": page.fields.get("sku", page.slug),
        "image": f"http://{site.host}{page.image}",
        "brand": {"@type": "Brand", "name": site.name},
        "offers": offer | {"availability": "https://schema.org/InStock"},
    }


def _question(site: Site, page: Page) -> dict[str, Any]:
    asked = {"@type": "Question", "name": page.title, "text": page.description, "answerCount": 1}
    return {"mainEntity": asked | {"author": {"@type": "Person", "name": page.fields.get("author", site.name)}}}


SHAPES = {"Recipe": _recipe, "Product": _product, "QAPage": _question}
