"""`riverline synonyms`: synonyms that queries are expanded with."""

from __future__ import annotations

from typing import Annotated

import typer

from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.search.syntax import words
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, table

app = typer.Typer(help="Synonyms that queries are expanded with (docs/how-to/tune-search.md).", no_args_is_help=True)


@app.command()
def check(json: Json = False) -> None:
    """Checks the file of synonyms. Searches use a changed file within a second."""
    lexicon = Lexicon(Settings.load().search)
    rules = lexicon.read().rules
    if json:
        print_json({"file": str(lexicon.synonyms_path), "words": len(rules)})
    else:
        out.print(f"{len(rules)} words have synonyms in {lexicon.synonyms_path}", markup=False)


@app.command()
def of(query: Annotated[str, typer.Argument(help="Query, as a user might type it.")], json: Json = False) -> None:
    """Shows what a query is expanded to."""
    found = Lexicon(Settings.load().search).read().alternatives(words(query).words)
    if json:
        print_json(found)
    else:
        table(("word", "and"), [(word, ", ".join(others)) for word, others in found.items()])
