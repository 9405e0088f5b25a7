"""Makes sessions/demo/files from talk.toml. Run by hand: python -m sessions.demo.make_talk

Needs festival, festvox-ru and ffmpeg of the operating system, and fpdf2 and brotli of the test
extra; the product itself needs none of them, it ships what was made.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import wave
from dataclasses import asdict
from pathlib import Path

from sessions.demo import deck, film, sample_talk, slides, speech

HERE = Path(__file__).parent
FONTS = HERE.parents[1] / "templates" / "static" / "fonts"


def make(target: Path, subsets: Path) -> None:
    """Write every file of the sample talk. subsets: the folder of Golos Text's two woff2 files."""
    script = sample_talk.read_script()
    drawn = [slides.lay_out(text) for text in script.slides]
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        fonts = deck.make_fonts(subsets, folder)
        deck.save_pdf(drawn, script.title, fonts, target / sample_talk.DECK_PDF)
        deck.save_pptx(drawn, script.title, target / sample_talk.DECK_PPTX)
        for n, picture in enumerate(
            deck.pictures((target / sample_talk.DECK_PDF).read_bytes()), start=1
        ):
            picture.quantize(128).save(target / f"slide-{n}.png", optimize=True)
        sound, said = speech.record(script, folder)
        with wave.open(str(sound), "rb") as file:
            length_s = file.getnframes() / file.getframerate()
        shown = json.dumps(asdict(film.timeline(said, length_s)), ensure_ascii=False, indent=1)
        (target / sample_talk.TIMELINE).write_text(shown + "\n", "utf-8")
        (target / sample_talk.TRANSCRIPT).write_text(film.transcript(said), "utf-8")
        film.save_film(said, drawn, sound, length_s, fonts, target / sample_talk.FILM)


def main() -> None:
    """Make the files and say how large they became."""
    parser = argparse.ArgumentParser(description="Make the recording of the sample talk.")
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of golos-*.woff2")
    parser.add_argument("--target", type=Path, default=HERE / "files")
    chosen = parser.parse_args()
    # Fonts note when they were made; a fixed moment keeps two runs alike.
    os.environ["SOURCE_DATE_EPOCH"] = str(int(deck.MADE_AT.timestamp()))
    make(chosen.target, chosen.fonts)
    for path in sorted(chosen.target.iterdir()):
        print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()
