"""Makes the decks of the long talks, and with --film the film of those that have one.

Run by hand: python -m sessions.demo.make_talks. Needs what make_talk.py needs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from sessions.demo import deck, odp_deck, talk_slides
from sessions.demo.make_talk import FONTS, HERE
from sessions.demo.talk_files import deck_name
from sessions.demo.talk_text import TalkText, read_talks
from sessions.demo.type_width import TypeWidth


def make_deck(talk: TalkText, fonts: tuple[Path, Path], target: Path) -> Path:
    """Write the talk's deck in its format into the folder; the same file on every run."""
    slides = talk_slides.lay_out(talk, TypeWidth(*fonts))
    path = target / deck_name(talk)
    title = talk.title_en if talk.language == "en" else talk.title
    match talk.deck:
        case "pdf":
            language = "en" if talk.language == "en" else "ru"
            deck.save_pdf(slides, title, fonts, path, language)
        case "pptx":
            deck.save_pptx(slides, title, path)
        case _:
            odp_deck.save_odp(slides, title, path)
    return path


def main() -> None:
    """Make the files and say how large they became."""
    parser = argparse.ArgumentParser(description="Make the decks of the long talks.")
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of golos-*.woff2")
    parser.add_argument("--target", type=Path, default=HERE / "files")
    chosen = parser.parse_args()
    # Fonts note when they were made; a fixed moment keeps two runs alike.
    os.environ["SOURCE_DATE_EPOCH"] = str(int(deck.MADE_AT.timestamp()))
    with tempfile.TemporaryDirectory() as scratch:
        fonts = deck.make_fonts(chosen.fonts, Path(scratch))
        made = [make_deck(talk, fonts, chosen.target) for talk in read_talks()]
    for path in made:
        print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()
