"""How wide words become in a font, and where their lines break."""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTFont

UNKNOWN = 0.62  # of the type size: a letter the font lacks comes from some other one


class TypeWidth:
    """Measures text set in a regular and a bold font."""

    def __init__(self, regular: Path, bold: Path) -> None:
        self._widths = {False: _advances(regular), True: _advances(bold)}

    def of(self, text: str, size: float, *, bold: bool = False) -> float:
        """The width of the text's longest line, in the unit of `size`."""
        widths = self._widths[bold]
        lines = text.split("\n")
        return max(sum(widths.get(ord(c), UNKNOWN) for c in line) for line in lines) * size

    def broken(self, text: str, wide: float, size: float, *, bold: bool = False) -> str:
        """The text in lines no wider than that, as even as their number allows."""
        lines = self._filled(text, wide, size, bold=bold)
        count, narrow = len(lines), wide
        while count > 1 and narrow > size:
            narrow -= size / 2
            tighter = self._filled(text, narrow, size, bold=bold)
            if len(tighter) > count or self.of("\n".join(tighter), size, bold=bold) > wide:
                break
            lines = tighter
        return "\n".join(lines)

    def _filled(self, text: str, wide: float, size: float, *, bold: bool) -> list[str]:
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.of(longer, size, bold=bold) <= wide and word:
                lines[-1] = longer
            elif lines and word == "—":
                lines[-1] = longer  # a dash does not begin a line
            else:
                lines.append(word)
        return lines


def _advances(path: Path) -> dict[int, float]:
    font = TTFont(path)
    per_em, table = font["head"].unitsPerEm, font["hmtx"]
    return {code: table[name][0] / per_em for code, name in font.getBestCmap().items()}
