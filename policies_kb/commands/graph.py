"""`graph`: the programmes as a picture: which facts each reads, where it holds, what ties it to others."""

from __future__ import annotations

import argparse
from pathlib import Path

from policies_kb import knowledge
from policies_kb.commands.common import BadInputError, Outcome, add_folder, knowledge_of, programme_of

NAME = "graph"
HELP = "a picture of programmes, areas and facts (SVG or PNG)"
DEFAULT = knowledge.FOLDER.parent / "var" / "reports" / "knowledge.svg"
ENDINGS = (".svg", ".png")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to draw what."""
    parser.add_argument("--out", metavar="FILE", help="the picture, .svg or .png (var/reports/knowledge.svg)")
    parser.add_argument("--programme", metavar="ID", help="one programme with what it hangs together with")
    parser.add_argument("--language", choices=("zh", "en", "both"), default="both")
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """Draws the picture and says where it is. Raises BadInputError, KnowledgeError."""
    out = DEFAULT if chosen.out is None else Path(chosen.out)
    if out.suffix not in ENDINGS:
        raise BadInputError(f"--out: {out} must end in {' or '.join(ENDINGS)}")
    kb = knowledge_of(chosen.folder)
    programme = None if chosen.programme is None else programme_of(kb, chosen.programme)
    try:
        from policies_kb.commands import picture  # noqa: PLC0415 (drawing is the only thing that needs it)
    except ImportError:
        raise BadInputError(
            "drawing needs matplotlib, which is not installed: make test (or make lint) installs it"
        ) from None
    drawn = (
        picture.overview(kb, chosen.language)
        if programme is None
        else picture.neighbourhood(kb, programme, chosen.language)
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        picture.save(drawn, out)
    except OSError as error:
        raise BadInputError(f"--out: {out} cannot be written: {error.strerror or error}") from None
    return Outcome(str(out))
