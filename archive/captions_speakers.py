"""Who speaks, where the words themselves begin with a name: `Анна Петрова: Добрый день`.

Zoom and many hand-made transcripts write so. A colon alone proves nothing ("10:30 Meeting: room
5", «Например: школа»), hence the decision is taken over the whole file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LABEL = re.compile(r"(?:[-–—]\s*|>>\s*)?([^\s:<>\[\]][^:<>\[\]]{0,59}?)\s?:\s+(?=\S)")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.\-]*|\([^()]{1,30}\)")
_NUMBERED = re.compile(r"[^\W\d_]+[ _]?\d{1,3}")
_SMALL_WORDS = {"из", "де", "фон", "ван", "оглы", "кызы", "von", "van", "de", "da", "of", "the"}
_LEAD_IN_WORDS = (
    "например итак внимание важно вывод вопрос ответ тема слайд цель задача задачи пример итог "
    "первое второе третье справка адрес почта телефон время дата место сайт ссылка прим "
    "примечание note notes question answer example topic warning summary conclusion result "
    "step time date place http https ftp re ps nb"
)
_LEAD_INS = set(_LEAD_IN_WORDS.split())
MOST_CUES = 0.6


def speakers_in(cue_texts: Sequence[str]) -> set[str]:
    """The labels that name speakers in this file.

    Where most cues bear a label, every likely one counts; else only those that recur: single
    words three times, full names twice.
    """
    labels = Counter(label for line in cue_texts if (label := _label(line)))
    likely = {label: times for label, times in labels.items() if _is_like_a_name(label)}
    labelled = sum(likely.values())
    if len(cue_texts) > 1 and labelled >= MOST_CUES * len(cue_texts):
        return set(likely)
    return {label for label, times in likely.items() if times >= (2 if " " in label else 3)}


def split_label(line: str, speakers: set[str]) -> tuple[str | None, str]:
    """The speaker, if the line begins with one of them, and the words that are left."""
    label = _label(line)
    if label not in speakers:
        return None, line
    found = _LABEL.match(line)
    return label, line[found.end() :] if found else line


def _label(line: str) -> str | None:
    found = _LABEL.match(line)
    return found.group(1) if found else None


def _is_like_a_name(label: str) -> bool:
    if _NUMBERED.fullmatch(label):
        return True  # "Speaker 1", «Участник 3», "SPEAKER_00"
    words = label.split()
    if not 1 <= len(words) <= 6 or words[0].lower().strip(".") in _LEAD_INS:
        return False
    if not all(_NAME_WORD.fullmatch(word) for word in words):
        return False
    proper = [word for word in words if word.lower() not in _SMALL_WORDS and word[0] != "("]
    return bool(proper) and all(word[0].isupper() for word in proper)
