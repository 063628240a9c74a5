"""`riverline synonyms`: the words that a query is widened by."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.console import Json, out, print_json, table
from riverline.search.syntax import words
from riverline.settings import Settings
from riverline.stores.lexicon import Lexicon

app = typer.Typer(help="The words that a query is widened by (docs/search.md).", no_args_is_help=True)


@app.command()
def check(json: Json = False) -> None:
    """Reads the file of synonyms. A changed file needs no more: searches use it within a second."""
    lexicon = Lexicon(Settings.load().search)
    rules = lexicon.read().rules
    if json:
        print_json({"file": str(lexicon.synonyms_path), "words": len(rules)})
    else:
        out.print(f"{len(rules)} words have synonyms in {lexicon.synonyms_path}", markup=False)


@app.command()
def of(query: Annotated[str, typer.Argument(help="What somebody might search for.")], json: Json = False) -> None:
    """Shows what a query is widened by."""
    found = Lexicon(Settings.load().search).read().alternatives(words(query).words)
    if json:
        print_json(found)
    else:
        table(("word", "and"), [(word, ", ".join(others)) for word, others in found.items()])
