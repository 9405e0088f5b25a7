from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import force_locale

from sessions.models.poll import Topic
from sessions.web import voting
from tests.builders import (
    a_ballot,
    a_city,
    a_decision,
    a_person,
    a_season,
    a_topic,
    a_vote,
)
from tests.conftest import Clock
from tests.queries import counted


def said(app: Flask, macro: str, won: voting.Won | None) -> str:
    """What a macro of the votes makes of it, in Russian."""
    with app.test_request_context(), force_locale("ru"):
        template = app.jinja_env.get_template("_partials/votes.html")
        made = getattr(template.module, macro)
        text = made(won, "ru") if macro == "votes" else made(won)
    return str(text).replace("\u00a0", " ")


def test_a_topic_names_the_cities_that_chose_it_and_shares_its_place_with_its_equals(
    app: Flask,
) -> None:
    season = a_season()
    perm, omsk, kazan = a_city("Пермь"), a_city("Омск"), a_city("Казань")
    first, second, third = (a_topic(season, title) for title in ("Первая", "Вторая", "Третья"))
    a_ballot(season)
    a_vote(first, perm, omsk)
    a_vote(second, perm, kazan)

    won = [voting.votes_of(topic.id) for topic in (first, second, third)]

    assert [
        one and (one.votes, one.electorate, one.place, one.topics, [c.name for c in one.cities])
        for one in won
    ] == [
        (2, 3, 1, 3, ["Омск", "Пермь"]),
        (2, 3, 1, 3, ["Казань", "Пермь"]),
        (0, 3, 3, 3, []),
    ]


def test_while_cities_vote_nobody_learns_what_a_topic_has(app: Flask, clock: Clock) -> None:
    season = a_season()
    topic = a_topic(season)
    a_ballot(season, clock.at + timedelta(days=1))
    a_vote(topic, a_city())

    while_open = voting.votes_of(topic.id)
    clock.pass_by(days=1)
    after = voting.votes_of(topic.id)

    assert while_open is None
    assert after is not None
    assert (after.votes, after.electorate, after.is_chosen) == (1, 1, None)


def test_a_topic_of_a_season_without_a_ballot_won_nothing(app: Flask) -> None:
    assert voting.votes_of(a_topic(a_season()).id) is None
    assert voting.votes_of(1_000_000) is None


def test_what_was_decided_stays_whoever_joins_later(app: Flask) -> None:
    season = a_season()
    topic = a_topic(season)
    a_ballot(season)
    a_vote(topic, a_city("Пермь"))
    a_decision(topic, votes=1, of=1, place=1)
    a_city("Омск")

    won = voting.votes_of(topic.id)

    assert won is not None
    assert (won.votes, won.electorate, won.place, won.is_chosen) == (1, 1, 1, True)


def test_people_who_voted_are_counted_and_not_named(app: Flask) -> None:
    season = a_season()
    topic = a_topic(season)
    a_ballot(season, electorate="person")
    a_vote(topic, a_person())
    a_person("other@example.org")

    won = voting.votes_of(topic.id)

    assert won is not None
    assert (won.votes, won.electorate, won.by_cities, won.cities) == (1, 2, False, ())


def test_the_number_of_queries_does_not_grow_with_topics_and_votes(app: Flask) -> None:
    season = a_season()
    a_ballot(season)
    cities = [a_city(f"Город {number}") for number in range(20)]
    topic = a_topic(season)
    a_vote(topic, cities[0])
    number = topic.id
    with counted() as few:
        voting.votes_of(number)

    a_vote(topic, *cities[1:])
    for other in range(20):
        a_vote(a_topic(season, f"Тема {other}"), *cities)
    with counted() as many:
        voting.votes_of(number)

    assert len(few) == len(many) <= 6


def test_the_sentence_counts_in_russian(app: Flask) -> None:
    season = a_season()
    topic = a_topic(season)

    def of(votes: int, *, by_cities: bool = True) -> str:
        won = voting.Won(topic, votes, 1230, 2, 34, by_cities, None)
        return said(app, "votes_sentence", won).strip()

    assert [of(0), of(1), of(3), of(61), of(11)] == [
        "Эту тему не выбрал ни один город из 1 230.",
        "Эту тему выбрал 1 город из 1 230: 2-е место из 34.",
        "Эту тему выбрали 3 города из 1 230: 2-е место из 34.",
        "Эту тему выбрал 61 город из 1 230: 2-е место из 34.",
        "Эту тему выбрали 11 городов из 1 230: 2-е место из 34.",
    ]
    assert of(1021, by_cities=False) == ("Эту тему выбрал 1 021 человек из 1 230: 2-е место из 34.")


def test_one_square_is_one_city_and_a_bar_stands_for_too_many(app: Flask) -> None:
    topic = Topic(title="Наставничество")
    cities = (a_city("Пермь"), a_city("Омск"))
    some = voting.Won(topic, 3, 5, 1, 1, True, None, cities)
    many = voting.Won(topic, 50, 200, 1, 1, True, None)

    squares, bar = said(app, "votes", some), said(app, "votes", many)

    assert (squares.count('<i class="y"'), squares.count("<i>")) == (3, 2)
    assert [name in squares for name in ('title="Пермь"', 'title="Омск"')] == [True, True]
    assert (bar.count("<i"), "p25 c-brand" in bar, "p75 c-prev" in bar) == (0, True, True)
