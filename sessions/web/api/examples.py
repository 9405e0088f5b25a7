"""Examples in the description of the API."""

from __future__ import annotations

from typing import Any

SESSION: dict[str, Any] = {
    "title": "Наставничество: первые три года учителя",
    "wall_start": "2026-10-15T10:00:00",
    "tz": "Europe/Moscow",
    "duration_min": 90,
    "format": "video_conference",
    "presenting": [1],
}
SERIES: dict[str, Any] = {
    "title": "Первые три года учителя",
    "rule": {
        "kind": "monthly",
        "n": 3,
        "weekday": 3,
        "first_on": "2026-09-01",
        "last_on": "2027-05-31",
    },
    "wall_start": "10:00",
    "tz": "Europe/Moscow",
    "duration_min": 90,
    "holiday_policy": "shift",
    "format": "video_conference",
}
EDIT: dict[str, Any] = {
    "summary": "Три школы Перми показывают, как наставник ведёт молодого учителя.",
    "agenda": [
        {
            "offset_min": 0,
            "duration_min": 30,
            "title": "Пара «наставник и новичок»",
            "speakers": [{"given": "Анна", "family": "Белова", "post": "директор школы № 7"}],
        }
    ],
}
MOVE: dict[str, Any] = {"wall_start": "2026-10-22T10:00:00", "tz": "Europe/Moscow"}
