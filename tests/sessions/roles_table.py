"""Who may ask for what: every rule of the application, with the roles it is open to.

A kind says for each place of the world in `roles_world` who gets through there. "own" holds what is
the session host's, the participant's and the coordinator's; everything elsewhere is somebody
else's: "other" is as closed, the rest are called after who may open them. Whoever is not named is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping

Kind = Mapping[str, frozenset[str]]

NOBODY = "signed out"
ROLES = (
    NOBODY, "member", "participant", "session host", "coordinator", "editor", "host", "admin",
)  # fmt: skip
EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE - {NOBODY}
TEAM = frozenset({"host", "admin"})
ARCHIVISTS = TEAM | {"editor"}
# What does not open there is, to whoever may not open it, as if it were not.
HIDDEN_PLACES = frozenset({"draft", "withheld", "real"})

OPEN: Kind = {"own": EVERYONE}
OF_ACCOUNTS: Kind = {"own": SIGNED_IN}
OF_THE_TEAM: Kind = {"own": TEAM}
OF_ITS_HOST: Kind = {"own": TEAM | {"session host"}, "public": TEAM}
OF_ANY_HOST: Kind = {"own": TEAM | {"session host"}}
OF_ITS_ARCHIVISTS: Kind = {"own": ARCHIVISTS | {"session host"}, "public": ARCHIVISTS}
OF_ITS_COORDINATOR: Kind = {"own": TEAM | {"coordinator"}, "other": TEAM}
OF_DRAFTS: Kind = {"draft": TEAM}
OF_A_DEMO: Kind = {"real": frozenset()}
A_SESSION: Kind = {
    "own": TEAM | {"session host", "participant"},
    "other": TEAM,
    "members": SIGNED_IN,
    "public": EVERYONE,
    "draft": TEAM,
}
A_TALK: Kind = {
    "own": ARCHIVISTS | {"session host", "participant"},
    "other": ARCHIVISTS,
    "members": SIGNED_IN,
    "public": EVERYONE,
    "withheld": ARCHIVISTS,
}

_DESK = "/sessions/<int:session_id>/desk"
_FILES = "/sessions/<int:session_id>/materials"
_API = "/api/v1/sessions/<int:session_id>"
_INVITED = f"{_DESK}/people/<int:registration_id>"
_TALK = "/talks/<int:talk_id>"

_API_STEPS = (
    "PATCH /api/v1/sessions/<int:session_id>",
    *(
        f"POST /api/v1/sessions/<int:session_id>/{step}"
        for step in ("schedule", "move", "postpone", "reschedule", "cancel", "reinstate", "end")
    ),
)

_OPEN = (
    "GET /", "GET /healthz", "GET /readyz",
    "GET /static/<path:filename>", "GET /bootstrap/static/<path:filename>",
    "GET /fs-static/<path:filename>",
    "GET /language/<lang>", "GET /zone", "POST /zone",
    "GET /schedule", "GET /schedule/<int:season_id>", "GET /schedule/<int:season_id>/changes",
    "GET /topics", "GET /topics/<int:season_id>", "GET /topics/<int:season_id>/<int:topic_id>",
    "GET /cities", "GET /cities/<int:city_id>",
    "GET /talks", "GET /search",
    "GET /subscribe", "GET /feeds/programme.ics", "GET /feeds/season/<int:season_id>.ics",
    "GET /feeds/city/<int:city_id>.ics", "GET /feeds/format/<name>.ics",
    "GET /sign-in/", "POST /sign-in/", "POST /sign-in/link", "POST /sign-out",
    "GET /api/v1/docs/", "GET /api/v1/docs/<name>", "GET /api/v1/openapi.json",
    "GET /api/v1/sessions/", "GET /api/v1/talks/", "GET /api/v1/search",
    "GET /api/v1/cities/", "GET /api/v1/cities/<int:city_id>", "GET /api/v1/seasons/",
    "GET /api/v1/seasons/<int:season_id>", "GET /api/v1/seasons/<int:season_id>/series",
    "GET /api/v1/cities/", "GET /api/v1/cities/<int:city_id>", "GET /api/v1/seasons/",
    "GET /api/v1/seasons/<int:season_id>", "GET /api/v1/seasons/<int:season_id>/series",
    # The token in the address is the key: whoever has the letter may.
    "GET /sign-in/link/<token>", "POST /sign-in/link/<token>",
    "GET /j/<token>", "POST /j/<token>", "GET /feeds/my/<token>.ics",
    "GET /a/<token>", "POST /a/<token>", "GET /u/<token>", "POST /u/<token>",
    "GET /speaking/<token>", "POST /speaking/<token>",
    "GET /speaking/<token>/name", "POST /speaking/<token>/name",
)  # fmt: skip
_OF_ACCOUNTS = (
    "GET /me/calendar", "POST /me/calendar",
    "GET /me/calendar/revoke", "POST /me/calendar/revoke",
    "GET /me", "GET /me/settings", "POST /me/settings", "GET /me/tokens", "POST /me/tokens",
    "POST /me/tokens/<int:token_id>/revoke", "GET /verify", "POST /verify",
    "GET /api/v1/me/", "GET /api/v1/me/sessions",
)  # fmt: skip
_OF_THE_TEAM = (
    "GET /desk/mail", "GET /desk/mail/look", "POST /desk/mail/look",
    "GET /desk/mail/<int:mail_id>/raw",
    "GET /desk/mail/<int:mail_id>/<any(again, seen):_what>",
    "POST /desk/mail/<int:mail_id>/again", "POST /desk/mail/<int:mail_id>/seen",
    "GET /plan", "GET /plan/days-off", "POST /plan/days-off",
    "GET /plan/session", "POST /plan/session", "GET /plan/series", "POST /plan/series",
    "GET /plan/series/<int:series_id>",
    "GET /plan/series/<int:series_id>/<any(publish, invite):_what>",
    "GET /plan/series/<int:series_id>/change", "POST /plan/series/<int:series_id>/change",
    "GET /plan/series/<int:series_id>/reminders", "POST /plan/series/<int:series_id>/reminders",
    "POST /plan/series/<int:series_id>/invite", "POST /plan/series/<int:series_id>/publish",
    "GET /plan/seasons", "GET /plan/seasons/<int:season_id>/next-year",
    "POST /plan/seasons/<int:season_id>/next-year",
    "GET /plan/seasons/<int:season_id>/publish", "POST /plan/seasons/<int:season_id>/publish",
    "GET /plan/import", "POST /plan/import",
    "GET /plan/import/<any(empty, example):which>.<any(xlsx, csv):kind>",
    "GET /plan/import/<int:job_id>", "POST /plan/import/<int:job_id>",
    "GET /plan/import/<int:job_id>/progress", "POST /plan/import/<int:job_id>/undo",
    "GET /plan/export/<int:season_id>.<any(xlsx, csv):kind>",
    "GET /plan/export/<int:season_id>/people.<any(xlsx, csv):kind>",
    "POST /api/v1/sessions/", "POST /api/v1/series/", "POST /api/v1/series/preview",
    # Of the world's series all sessions are drafts.
    "GET /api/v1/series/<int:series_id>", "GET /api/v1/series/<int:series_id>/sessions",
)  # fmt: skip
_OF_ITS_HOST = (
    f"GET {_DESK}", f"GET {_DESK}/<any(publish, reinstate, end, invite, room):_what>",
    f"GET {_DESK}/announce", f"GET {_DESK}/cancel", f"GET {_DESK}/edit", f"GET {_DESK}/move",
    f"GET {_DESK}/people-found", f"GET {_DESK}/postpone", f"GET {_DESK}/repeat",
    f"GET {_DESK}/speakers", f"GET {_DESK}/registrations.<any(xlsx, csv):kind>",
    f"POST {_DESK}/announce", f"POST {_DESK}/cancel", f"POST {_DESK}/edit", f"POST {_DESK}/end",
    f"POST {_DESK}/invite", f"POST {_DESK}/move", f"POST {_DESK}/postpone",
    f"POST {_DESK}/publish", f"POST {_DESK}/reinstate", f"POST {_DESK}/repeat",
    f"POST {_DESK}/room", f"POST {_DESK}/speakers",
    f"GET {_INVITED}/again", f"POST {_INVITED}/again",
    f"GET {_DESK}/seats", f"GET {_INVITED}/<any(answer, seat):_what>",
    f"POST {_INVITED}/answer", f"POST {_INVITED}/seat",
    f"GET {_INVITED}/let-through", f"POST {_INVITED}/let-through",
    f"GET {_DESK}/letters", f"GET {_DESK}/letters/<any(pause, resume):_what>",
    f"POST {_DESK}/letters/pause", f"POST {_DESK}/letters/resume",
    f"GET {_INVITED}/withdraw", f"POST {_INVITED}/withdraw",
    f"GET {_DESK}/times/<int:counter_id>/<any(take, decline):_what>",
    f"GET {_DESK}/strangers/<int:forwarded_id>/<any(allow, reject):_what>",
    f"POST {_DESK}/times/<int:counter_id>/take", f"POST {_DESK}/times/<int:counter_id>/decline",
    f"POST {_DESK}/strangers/<int:forwarded_id>/allow",
    f"POST {_DESK}/strangers/<int:forwarded_id>/reject",
    f"PATCH {_API}", f"POST {_API}/cancel", f"POST {_API}/end", f"POST {_API}/move",
    f"POST {_API}/postpone", f"POST {_API}/reinstate", f"POST {_API}/reschedule",
    f"POST {_API}/schedule",
    *_API_STEPS,
)  # fmt: skip
_OF_ITS_ARCHIVISTS = (
    f"GET {_FILES}", f"GET {_FILES}/progress", f"POST {_FILES}", f"POST {_FILES}/again",
    f"POST {_FILES}/publish", f"POST {_FILES}/remove", f"POST {_FILES}/withhold",
)  # fmt: skip
_A_TALK = (
    f"GET {_TALK}", f"GET {_TALK}/find", f"GET {_TALK}/poster",
    f"GET {_TALK}/captions/<int:file_id>.vtt", f"GET {_TALK}/files/<int:file_id>",
    f"GET {_TALK}/slides/<int:slide_id>.webp",
    "GET /api/v1/talks/<int:talk_id>", "GET /api/v1/talks/<int:talk_id>/transcript",
)  # fmt: skip

TABLE: Mapping[str, Kind] = {
    **dict.fromkeys(_OPEN, OPEN),
    **dict.fromkeys(_OF_ACCOUNTS, OF_ACCOUNTS),
    **dict.fromkeys(_OF_THE_TEAM, OF_THE_TEAM),
    **dict.fromkeys(_OF_ITS_HOST, OF_ITS_HOST),
    **dict.fromkeys(_OF_ITS_ARCHIVISTS, OF_ITS_ARCHIVISTS),
    **dict.fromkeys(_A_TALK, A_TALK),
    "GET /desk": OF_ANY_HOST,
    "GET /sessions/<int:session_id>": A_SESSION,
    "GET /sessions/<int:session_id>.ics": A_SESSION,
    f"GET {_API}": A_SESSION,
    "GET /api/v1/series/<int:series_id>": OF_DRAFTS,
    "GET /api/v1/series/<int:series_id>/sessions": OF_DRAFTS,
    "GET /cities/<int:city_id>/people.<any(xlsx, csv):kind>": OF_ITS_COORDINATOR,
    "GET /tasks": {"own": TEAM | {"coordinator"}},
    "GET /tasks/<int:task_id>/done": {"own": TEAM | {"coordinator"}},
    "POST /tasks/<int:task_id>/done": OF_ITS_COORDINATOR,
    "GET /demo/mailbox": OF_A_DEMO,
    "GET /demo/mailbox/<name>/answer": OF_A_DEMO,
    "POST /demo/mailbox/<name>/answer": OF_A_DEMO,
    "GET /demo/mailbox/<name>": OF_A_DEMO,
    "GET /demo/mailbox/<name>/html": OF_A_DEMO,
    "GET /demo/mailbox/<name>/raw": OF_A_DEMO,
}

# What a token of the API must be good for, whoever owns it.
READING = frozenset({"read"})
CHANGING = frozenset({"plan", "read"})
