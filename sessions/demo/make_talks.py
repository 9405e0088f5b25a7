"""Makes the decks of the long talks, and with --film the film of those that have one.

Run by hand: python -m sessions.demo.make_talks. Needs what make_talk.py needs.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from sessions.demo import deck, film, odp_deck, talk_slides, talk_speech
from sessions.demo.make_talk import FONTS, HERE
from sessions.demo.talk_files import FILMED, deck_name, film_name, timeline_name, transcript_name
from sessions.demo.talk_text import TalkText, read_talks
from sessions.demo.talk_times import timeline_of_cues, transcript_of_cues
from sessions.demo.type_width import TypeWidth

# Small before fine: half an hour is to weigh 3 MB, and what is on the slides is to be read.
SMALL = film.Encoding(
    wide=960, frames_a_second=2, crf=34, frames_between_keys=600, sound_hz=16_000, sound_bits=11_000
)


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


def make_film(talk: TalkText, fonts: tuple[Path, Path], target: Path) -> list[Path]:
    """Write the talk's film, its timeline and its transcript with the times of the film."""
    slides = talk_slides.lay_out(talk, TypeWidth(*fonts))
    paths = [target / name(talk) for name in (film_name, timeline_name, transcript_name)]
    with tempfile.TemporaryDirectory() as scratch:
        sound, cues, length_s = talk_speech.record(talk, Path(scratch))
        said = talk_speech.as_spoken(talk, cues)
        film.save_film(said, slides, sound, length_s, fonts, paths[0], SMALL)
    shown = asdict(timeline_of_cues(talk, cues, length_s))
    paths[1].write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", "utf-8")
    paths[2].write_text(transcript_of_cues(talk, cues), "utf-8")
    return paths


def main() -> None:
    """Make the files and say how large they became."""
    parser = argparse.ArgumentParser(description="Make the decks of the long talks.")
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of golos-*.woff2")
    parser.add_argument("--target", type=Path, default=HERE / "files")
    parser.add_argument("--film", action="store_true", help="make the films too: many minutes")
    chosen = parser.parse_args()
    # Fonts note when they were made; a fixed moment keeps two runs alike.
    os.environ["SOURCE_DATE_EPOCH"] = str(int(deck.MADE_AT.timestamp()))
    with tempfile.TemporaryDirectory() as scratch:
        fonts = deck.make_fonts(chosen.fonts, Path(scratch))
        made = [make_deck(talk, fonts, chosen.target) for talk in read_talks()]
        for talk in read_talks():
            if chosen.film and talk.slug in FILMED:
                made += make_film(talk, fonts, chosen.target)
    for path in made:
        print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()
