import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask, flash, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import BytecodeCache
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange

from sessions.web import assets, look

TEMPLATES = Path(__file__).parents[3] / "templates"
STATIC = TEMPLATES / "static"
SEVEN_UTC = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
UI = '{% from "_partials/ui.html" import band, empty, error_summary, field, pages, state_pill, '
UI += "format_pill, when, when_large, date_tile, flashes %}"


class Compiled(BytecodeCache):
    """Compiles each template once for all the apps of this module."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


def an_app(reader=look.Reader, static=STATIC, **config):
    app = Flask("look", template_folder=str(TEMPLATES), static_folder=str(static))
    app.config.update(
        SECRET_KEY="key", PROGRAMME="Взаимообучение городов", PROGRAMME_EN="Cities", **config
    )
    Babel(app, locale_selector=lambda: config.get("LOCALE", "en"))
    CSRFProtect(app)
    look.install(app, reader)
    app.jinja_env.bytecode_cache = Compiled()
    return app


def drawn(source, app=None, path="/", **values):
    """The text of a template string, spaces made plain and runs of them single."""
    with (app or an_app()).test_request_context(path):
        html = render_template_string(UI + source, **values)
    return " ".join(html.replace("\u2060", "").split())


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u2060", "").split())


def a_page(app, path="/", **values):
    with app.test_request_context(path):
        return render_template_string(
            '{% extends "base.html" %}{% block title %}Title{% endblock %}', **values
        )


# --- the frame ---


@pytest.mark.parametrize(
    ("locale", "opening", "title"),
    [
        (
            "ru",
            '<html lang="ru" data-zone-guessed="Europe/Moscow">',
            "<title>Title — Взаимообучение городов</title>",
        ),
        (
            "en",
            '<html lang="en" data-zone-guessed="Europe/Moscow">',
            "<title>Title — Cities</title>",
        ),
    ],
)
def test_the_frame_speaks_the_language_of_the_page(locale, opening, title):
    page = a_page(an_app(LOCALE=locale))

    assert re.findall(r"<html[^>]*>", page) == [opening]
    assert re.findall(r"<title>.*</title>", page) == [title]


def test_the_scheme_is_left_to_the_reader():
    assert "data-bs-theme" not in a_page(an_app())


def test_the_navigation_holds_only_pages_that_exist_and_that_the_reader_may_open():
    def links(may):
        app = an_app(lambda: look.Reader(name="N. Orlova", may=may))
        for entry in (look.SECTIONS[0], *(e for e in look.SECTIONS if e.needs == "host")):
            app.add_url_rule(f"/{entry.endpoint}", entry.endpoint, lambda: "")
        nav = re.search(r'<ul class="v-nav">(.*?)</ul>', a_page(app), re.DOTALL)
        return re.findall(r'href="/([^"]+)"', nav[1])

    first = look.SECTIONS[0].endpoint
    assert links(frozenset()) == [first]
    assert links(frozenset({"host"})) == [
        first,
        *(entry.endpoint for entry in look.SECTIONS if entry.needs == "host"),
    ]


def test_the_section_of_the_page_is_marked_in_the_navigation():
    app = an_app()
    for entry in look.SECTIONS[:2]:
        app.add_url_rule(f"/{entry.endpoint}", entry.endpoint, lambda: "")

    page = a_page(app, f"/{look.SECTIONS[1].endpoint}")

    marked = re.findall(r'href="/([^"]+)" aria-current="page"', page)
    assert marked == [look.SECTIONS[1].endpoint] * 2  # the wide and the narrow navigation


def test_a_page_in_another_section_names_the_one_to_mark():
    app = an_app()
    app.add_url_rule("/s", look.SECTIONS[0].endpoint, lambda: "")

    page = a_page(app, section=look.SECTIONS[0].endpoint)

    assert page.count('aria-current="page"') == 2


def test_the_header_shows_the_city_of_the_reader_and_its_distance_from_utc():
    there = look.Reader(tz="Asia/Yekaterinburg", place="Пермь")

    assert "Пермь, UTC+5" in words(a_page(an_app(lambda: there)))


def test_a_reader_without_a_zone_sees_that_of_the_programme():
    assert "Omsk, UTC+6" in words(a_page(an_app(TIMEZONE="Asia/Omsk")))


def test_a_signed_in_reader_signs_out_by_a_protected_form():
    app = an_app(lambda: look.Reader(name="N. Orlova"))
    app.add_url_rule("/out", look.PLACES["sign_out"], lambda: "", methods=["POST"])

    form = re.search(r'<form action="/out" method="post">(.*?)</form>', a_page(app), re.DOTALL)

    assert re.findall(r'name="([^"]+)"', form[1]) == ["csrf_token"]


def test_a_long_programme_name_stands_on_two_even_lines():
    assert look.Programme("x", "Взаимообучение городов").short_lines == [
        "Взаимообучение",
        "городов",
    ]
    assert look.Programme("x", "Cities").short_lines == ["Cities"]


def test_a_name_that_carries_markup_is_shown_as_text():
    page = a_page(an_app(lambda: look.Reader(name="<b>Ada</b>")))

    assert "<b>Ada</b>" not in page
    assert page.count("&lt;b&gt;Ada&lt;/b&gt;") == 2


@pytest.mark.parametrize(
    ("request_of", "address"),
    [
        ({"path": "/talks?q=на"}, "/talks?q=%D0%BD%D0%B0"),
        ({"environ_overrides": {"PATH_INFO": "//evil.example/x"}}, "/evil.example/x"),
        ({"environ_overrides": {"PATH_INFO": "/\\evil.example"}}, "/%5Cevil.example"),
        (
            {
                "path": "/move",
                "method": "POST",
                "headers": {"Referer": "http://localhost/session/4"},
            },
            "/session/4",
        ),
        ({"path": "/move", "method": "POST", "headers": {"Referer": "http://evil.example/"}}, None),
    ],
)
def test_the_way_back_never_leaves_the_site(request_of, address):
    with an_app().test_request_context(**request_of):
        assert look.way_back() == address


# --- static files ---


def test_a_static_address_changes_with_the_content(tmp_path):
    def address():
        with an_app(static=tmp_path).test_request_context():
            return look.static_url("a.css")

    (tmp_path / "a.css").write_text("one")
    first, again = address(), address()
    (tmp_path / "a.css").write_text("two")

    assert first == again
    assert address() != first


def test_a_static_file_is_kept_for_good_only_under_the_address_of_its_content():
    app = an_app()
    with app.test_request_context():
        current = look.static_url("vzaimo.css")
    client = app.test_client()

    with client.get(current) as kept, client.get("/static/vzaimo.css?v=0") as stale:
        promises = (kept.headers["Cache-Control"], stale.headers["Cache-Control"])

    assert promises == ("public, max-age=31536000, immutable", "no-cache")


def test_bootstrap_is_the_version_the_stylesheet_was_drawn_over():
    app = an_app()
    with app.test_request_context():
        address = assets.bootstrap_url()

    with app.test_client().get(address) as answer:
        css = answer.text

    assert re.search(r"Bootstrap +v(\d+\.\d+)\.", css)[1] == "5.3"


def test_the_stylesheet_names_every_file_by_the_address_of_its_content():
    css = (STATIC / "vzaimo.css").read_text()
    with an_app().test_request_context():
        named = set(re.findall(r"url\(([^)]+)\)", css))
        right = {look.static_url(name.partition("?")[0]).removeprefix("/static/") for name in named}

    assert named == right
    assert len(named) == 8


def test_the_dark_tokens_are_the_same_for_the_system_and_for_the_choice():
    css = (STATIC / "vzaimo.css").read_text()
    chosen = re.search(r"\[data-bs-theme=dark\]\{(.*?)\n\}", css, re.DOTALL)[1]
    system = re.search(r":root:not\(\[data-bs-theme\]\)\{(.*?)\n\}\}", css, re.DOTALL)[1]

    assert system.split() == chosen.split()


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'id="i-(\w+)"', (STATIC / "img/icons.svg").read_text()))
    named = {entry.icon for entry in look.SECTIONS + look.MINE + look.FOOTER}
    for template in TEMPLATES.rglob("*.html"):
        named |= set(re.findall(r"\bicon\([\"'](\w+)[\"']", template.read_text()))

    assert named - sprite == set()


# --- error pages ---


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("status", look.ERRORS)
def test_an_error_page_keeps_its_status_and_runs_no_inline_code(status, locale):
    app = an_app(LOCALE=locale)
    app.add_url_rule("/", "error", lambda: look.error_page(status))

    answer = app.test_client().get("/")

    assert answer.status_code == status
    assert re.findall(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", answer.text) == []
    assert '<meta name="robots" content="noindex">' in answer.text
    assert answer.text.count("<h1") == 1


def test_when_we_erred_the_page_does_not_ask_who_reads_it():
    def unreachable():
        raise ConnectionError("the database is down")

    app = an_app(unreachable)
    app.add_url_rule("/", "error", lambda: look.error_page(503, request_id="a41f-09c7"))

    answer = app.test_client().get("/")

    assert answer.status_code == 503
    assert "Number for support: a41f-09c7" in words(answer.text)


def test_a_refusal_shows_its_own_reason():
    app = an_app()
    app.add_url_rule("/", "error", lambda: look.error_page(400, reason="The rule gives no dates."))

    page = words(app.test_client().get("/").text)

    assert "This could not be done The rule gives no dates. Go to" in page


def test_too_large_a_file_names_the_limit():
    app = an_app()
    app.add_url_rule("/", "error", lambda: look.error_page(413, limit_bytes=4 * 1024**3))

    assert "Up to 4 GB can be uploaded" in words(app.test_client().get("/").text)


def test_a_stale_edit_shows_both_versions():
    app = an_app()
    changes = [("Start", "10:00", "11:00")]
    app.add_url_rule(
        "/", "error", lambda: look.error_page(409, changes=changes, changed_by="N. Orlova")
    )

    page = words(app.test_client().get("/").text)

    assert "While you were editing, N. Orlova changed this" in page
    assert "Field You N. Orlova Start 10:00 11:00" in page


def test_an_error_without_a_page_of_its_own_borrows_the_nearest():
    app = an_app()
    app.add_url_rule("/", "error", lambda: look.error_page(418))

    answer = app.test_client().get("/")

    assert answer.status_code == 418
    assert "We could not read this request" in words(answer.text)


# --- macros ---


def test_every_format_and_state_has_an_icon_and_a_word():
    formats = ("video_conference", "internship", "seminar", "project_session", "consultation")
    session = ("draft", "scheduled", "postponed", "live", "held", "cancelled")
    talk = ("expected", "fetched", "read", "indexed", "published", "withheld", "missing")

    pills = [drawn("{{ format_pill(it) }}", it=it) for it in formats]
    pills += [drawn("{{ state_pill(it) }}", it=it) for it in session + talk]

    assert [pill.count("#i-") for pill in pills] == [1] * 18
    assert len({words(pill) for pill in pills}) == 18
    assert "" not in {words(pill) for pill in pills}


def test_a_flash_message_becomes_a_band_of_its_kind():
    app = an_app()
    with app.test_request_context():
        flash("Saved.", "ok")
        flash("Lost <b>it</b>.", "error")
        html = render_template_string(UI + "{{ flashes() }}")

    assert re.findall(r'class="v-band (\w+)" role="(\w+)"', html) == [
        ("ok", "status"),
        ("bad", "alert"),
    ]
    assert "Lost &lt;b&gt;it&lt;/b&gt;." in html


def test_only_the_first_way_out_of_an_empty_page_is_primary():
    html = drawn('{{ empty("None", "Text", [("One", "/1", "plus"), ("Two", "/2")]) }}')

    assert re.findall(r'btn-(\w+)" href="([^"]+)"', html) == [
        ("primary", "/1"),
        ("secondary", "/2"),
    ]


def test_a_single_way_out_needs_no_list():
    html = drawn('{{ empty("None", "Text", ("One", "/1")) }}')

    assert re.findall(r'btn-(\w+)" href="([^"]+)"', html) == [("primary", "/1")]


def test_an_instant_is_written_in_the_zone_of_the_reader():
    app = an_app(lambda: look.Reader(tz="Asia/Yekaterinburg"), LOCALE="ru")

    said = words(drawn("{{ when(at, ends=long) }}", app, at=SEVEN_UTC, long=timedelta(hours=1.5)))

    assert said == "четверг, 15 октября 2026, 12:00–13:30 по Екатеринбургу"


def test_the_large_clock_adds_the_zone_of_the_plan_where_it_differs():
    app = an_app(lambda: look.Reader(tz="Asia/Kamchatka"), LOCALE="ru")
    late = datetime(2026, 10, 15, 14, 0, tzinfo=UTC)

    other = words(drawn('{{ when_large(at, second="Europe/Moscow") }}', app, at=late))
    same = words(drawn('{{ when_large(at, second="Asia/Anadyr") }}', app, at=late))

    assert other == (
        "Пятница, 16 октября 2026 2:00 по Камчатке (UTC+12) 17:00 по Москве, 15 октября"
    )
    assert same == "Пятница, 16 октября 2026 2:00 по Камчатке (UTC+12)"


def test_wall_time_is_not_moved_to_another_zone():
    app = an_app(lambda: look.Reader(tz="Asia/Kamchatka"))

    assert words(drawn("{{ at|clock }}", app, at=SEVEN_UTC.replace(tzinfo=None))) == "7:00"


def test_a_date_tile_shows_day_month_and_weekday():
    app = an_app(lambda: look.Reader(tz="Asia/Yekaterinburg"), LOCALE="ru")

    assert words(drawn("{{ date_tile(at) }}", app, at=SEVEN_UTC)) == "15 октября четверг"


class Pages:
    page, pages, has_prev, has_next = 2, 3, True, True

    def iter_pages(self, **_edges):
        return iter([1, 2, 3])


def test_other_pages_of_a_list_keep_its_filters():
    html = drawn("{{ pages(it) }}", path="/talks?city=1&city=2&page=2", it=Pages())

    links = [unescape(link) for link in re.findall(r'href="(\?[^"]*)"', html)]
    assert links == [f"?city=1&city=2&page={page}" for page in (1, 1, 3, 3)]


def test_one_page_needs_no_pages():
    class One(Pages):
        pages = 1

    assert drawn("{{ pages(it) }}", it=One()) == ""


class Delegation(FlaskForm):
    email = EmailField("E-mail", [InputRequired()], description="Where the letter goes")
    people = IntegerField("People", [NumberRange(1, 200, "Give a number from 1 to 200")])
    how = RadioField("How", [InputRequired("Choose one")], choices=["Online", "Here"])
    note = StringField("Note")
    agreed = BooleanField("We agree")


def a_form(app, **values):
    with app.test_request_context():
        form = Delegation(MultiDict(values), meta={"csrf": False})
        form.validate()
    return form


def test_a_refused_field_keeps_the_words_of_the_reader_and_names_what_is_wrong():
    app = an_app()

    html = drawn("{{ field(form.people) }}", app, form=a_form(app, people="many"))

    control = re.search(r"<input[^>]*>", html)[0]
    assert 'value="many"' in control
    assert 'type="text"' in control
    assert 'aria-invalid="true"' in control
    assert 'aria-describedby="people-error"' in control
    assert words(re.search(r'<p[^>]*id="people-error".*?</p>', html)[0]) == (
        "Give a number from 1 to 200"
    )


def test_a_hint_stands_before_its_control_and_is_announced_with_it():
    app = an_app()

    html = drawn("{{ field(form.email) }}", app, form=a_form(app, email="a@example.org"))

    assert html.index('id="email-hint"') < html.index("<input")
    assert 'aria-describedby="email-hint"' in html


def test_a_field_that_may_be_left_out_says_so():
    app = an_app()
    form = a_form(app)

    assert words(drawn("{{ field(form.note) }}", app, form=form)) == "Note — optional"
    assert "optional" not in drawn("{{ field(form.email) }}", app, form=form)


def test_choices_are_a_group_with_one_legend():
    app = an_app()

    html = drawn("{{ field(form.how) }}", app, form=a_form(app, how="Here"))

    assert words(re.search(r"<legend>.*?</legend>", html)[0]) == "How"
    assert re.findall(r'for="([^"]+)"', html) == ["how-0", "how-1"]
    assert len(re.findall(r"<input[^>]*\bchecked\b[^>]*>", html)) == 1


def test_the_summary_leads_to_each_refused_field():
    app = an_app()

    html = drawn("{{ error_summary(form) }}", app, form=a_form(app, people="many"))

    assert words(html) == (
        "Please correct 3 fields E-mail: this field is required. "
        "People: give a number from 1 to 200 How: choose one"
    )
    assert re.findall(r'<a href="([^"]+)"', html) == ["#email", "#people", "#how"]


def test_a_form_that_was_accepted_has_no_summary():
    app = an_app()
    form = a_form(app, email="a@example.org", people="3", how="Here")

    assert drawn("{{ error_summary(form) }}", app, form=form) == ""


def test_the_title_of_a_refused_form_begins_with_the_error():
    app = an_app()

    page = a_page(app, form=a_form(app))

    assert "<title>Error: Title — Cities</title>" in page


# --- the typographic filter ---


def test_text_is_escaped_before_it_is_set():
    html = drawn("{{ text|typo }}", text='<script>alert("и")</script> & на 5')

    assert html.replace("\u00a0", " ") == ("&lt;script&gt;alert(«и»)&lt;/script&gt; &amp; на 5")


def test_markup_that_is_safe_already_stays_markup():
    html = drawn("{{ ('<b>' ~ '18')|safe|typo }}") + drawn("{{ none|typo }}")

    assert html == "<b>18"
