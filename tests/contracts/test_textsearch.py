"""What every driver of the port `TextIndex` does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.textsearch.port import Document, Query, Skipped, TextIndex
from integrations.textsearch.whoosh_index import WhooshIndex

EVERYONE = frozenset({"public"})
DRIVERS: dict[str, Callable[[Path], TextIndex]] = {
    "whoosh": lambda path: WhooshIndex(path / "index")
}


@pytest.fixture(params=DRIVERS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TextIndex]:
    made = DRIVERS[request.param](tmp_path)
    made.rebuild([])
    yield made
    made.close()


def passage(text: str, number: int = 1, talk: str = "talk:1", **more: object) -> Document:
    given = {"kind": "speech", "access_keys": EVERYONE, **more}
    return Document(id=f"{talk}/{number}", source=talk, text=text, **given)


def put(index: TextIndex, *documents: Document) -> None:
    batch: dict[str, list[Document]] = {}
    for document in documents:
        batch.setdefault(document.source, []).append(document)
    assert index.replace_many(batch) == []


def found(index: TextIndex, words: str, **more: object) -> list[str]:
    results = index.search(Query(words, **{"access_keys": EVERYONE, **more}))
    assert results.available
    return [hit.document_id for hit in results.hits]


# Finding


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Опыт Череповца показал многое", "череповец"),
        ("В Орле открыли школу", "орёл"),
        ("Мы работаем с детьми", "ребенок"),
        ("Он шёл долго", "идти"),
        ("Беседа с учителями", "учитель"),
        ("Олимпиада по математике", "математика"),
        ("Кружок математика", "математике"),
        ("В Ростове-на-Дону прошёл форум", "ростов"),
        ("В Ростове-на-Дону прошёл форум", "Ростов-на-Дону"),
        ("В Ростове на Дону прошёл форум", "ростов-на-дону"),
        ("Открыли IT-куб", "куб"),
        ("Новогодняя ёлка", "елки"),
        ("Новогодняя елка", "ЁЛКА"),
        ("Наш сто́лик у учи\u00adтеля", "столики учителей"),
        ("Пье\u0301са про и\u0306огурт", "пьеса йогурта"),
        ("Это 5-й вебинар", "пятый"),
        ("Это пятый вебинар", "5"),
        ("We visited several cities", "city"),
        ("Доклад про machine learning в школе", "школы machine"),
        ("Олимпиада по математике", "vfntvfnbrf"),
        ("Встреча в zoom", "ящщь"),
        ("Как сказано: быть или не быть", "не быть"),
    ],
)
def test_a_word_is_found_in_any_inflection_and_writing(
    index: TextIndex, said: str, typed: str
) -> None:
    put(index, passage(said), passage("Совсем о другом", number=2))

    results = index.search(Query(typed, EVERYONE))

    assert [hit.document_id for hit in results.hits] == ["talk:1/1"]


@pytest.mark.parametrize(("said", "typed"), [("чугунный мост", "чугуев"), ("столовая", "стол")])
def test_another_word_of_the_same_root_is_not_found(
    index: TextIndex, said: str, typed: str
) -> None:
    put(index, passage(said))

    assert found(index, typed) == []


def test_documents_with_all_the_words_leave_out_those_with_some(index: TextIndex) -> None:
    both = [passage("бюджет школы", number, talk=f"talk:{number}") for number in (1, 2, 3)]
    put(index, *both, passage("бюджет города", 4, talk="talk:4"))

    results = index.search(Query("школьный бюджет школы", EVERYONE))
    exact = index.search(Query("бюджет школы", EVERYONE))

    assert {hit.document_id for hit in exact.hits} == {"talk:1/1", "talk:2/2", "talk:3/3"}
    assert (exact.total, exact.total_is_exact, exact.approximate) == (3, True, False)
    assert results.approximate


def test_where_too_few_hold_all_words_those_with_some_follow_and_are_labelled(
    index: TextIndex,
) -> None:
    put(
        index,
        passage("бюджет города", 1, talk="talk:1"),
        passage("бюджет школы и совет", 2, talk="talk:2"),
        passage("погода", 3, talk="talk:3"),
    )

    results = index.search(Query("совет школы бюджет", EVERYONE))

    assert [(hit.document_id, hit.complete) for hit in results.hits] == [
        ("talk:2/2", True),
        ("talk:1/1", False),
    ]
    assert (results.total, results.approximate) == (2, True)


def test_a_misspelt_word_finds_what_was_meant_and_says_so(index: TextIndex) -> None:
    put(index, passage("Рисуем мультфильмы вместе"), passage("Другое", 2))

    results = index.search(Query("мулттфильм", EVERYONE))

    assert [(hit.document_id, hit.complete) for hit in results.hits] == [("talk:1/1", False)]
    assert results.approximate


def test_small_words_do_not_stand_in_the_way(index: TextIndex) -> None:
    put(index, passage("Развитие наставничества"), passage("для и о", 2))

    results = index.search(Query("о развитии наставничества для школы", EVERYONE))
    complete = index.search(Query("и о развитии наставничества", EVERYONE))

    assert [hit.document_id for hit in results.hits] == ["talk:1/1"]
    assert [hit.complete for hit in complete.hits] == [True]


def test_a_phrase_stands_together_even_across_inflection(index: TextIndex) -> None:
    put(
        index,
        *[passage("собрали круглые столы", n, talk=f"talk:{n}") for n in (1, 2, 3)],
        passage("стол был круглый", 4, talk="talk:4"),
    )

    assert set(found(index, '"круглый стол"')) == {"talk:1/1", "talk:2/2", "talk:3/3"}
    assert set(found(index, "круглый стол")) == {"talk:1/1", "talk:2/2", "talk:3/3", "talk:4/4"}


def test_a_phrase_does_not_reach_from_the_title_into_the_text(index: TextIndex) -> None:
    put(index, passage("стол накрыт", title="Всё круглый"))

    results = index.search(Query('"круглый стол"', EVERYONE))

    assert [hit.complete for hit in results.hits] == [False]


def test_a_word_with_a_minus_is_absent(index: TextIndex) -> None:
    put(index, passage("школа и музыка"), passage("школа и спорт", 2, start_s=90, end_s=150))

    assert found(index, "школы -музыки") == ["talk:1/2"]


def test_title_and_names_weigh_more_than_text(index: TextIndex) -> None:
    put(
        index,
        passage("мы говорили о бюджете Вологды подробно", 1, talk="talk:1"),
        passage("мы говорили о бюджете подробно", 2, talk="talk:2", names="Вологда"),
        passage("мы говорили о Вологде подробно", 3, talk="talk:3", title="Бюджет"),
    )

    assert found(index, "бюджет вологды")[-1] == "talk:1/1"


def test_the_document_with_the_rarer_word_comes_first(index: TextIndex) -> None:
    common = [passage("школа в городе", n, talk=f"talk:{n}") for n in range(1, 6)]
    put(index, *common, passage("буллинг в городе", 9, talk="talk:9"))

    assert found(index, "школа буллинг")[0] == "talk:9/9"


# Access


def test_a_document_is_found_only_where_its_keys_meet_the_viewers(index: TextIndex) -> None:
    put(
        index,
        passage("тайна", 1, talk="talk:1", access_keys=frozenset({"session:1", "hosts"})),
        passage("тайна", 2, talk="talk:2", access_keys=frozenset({"public"})),
        passage("тайна", 3, talk="talk:3", access_keys=frozenset()),
    )

    def seen_with(*keys: str) -> set[str]:
        return set(found(index, "тайна", access_keys=frozenset(keys)))

    assert seen_with("public") == {"talk:2/2"}
    assert seen_with("public", "session:1") == {"talk:1/1", "talk:2/2"}
    assert seen_with("hosts") == {"talk:1/1"}
    assert seen_with("session:2") == set()
    assert seen_with() == set()


def test_what_is_restricted_does_not_show_in_the_total(index: TextIndex) -> None:
    put(
        index,
        *[
            passage("слово", n, talk=f"talk:{n}", access_keys=frozenset({"x"}))
            for n in (1, 2, 3, 4)
        ],
        passage("слово", 5, talk="talk:5"),
    )

    assert index.search(Query("слово", EVERYONE)).total == 1


def test_a_withdrawn_key_counts_at_once(index: TextIndex) -> None:
    put(index, passage("тайна"))
    assert found(index, "тайна") == ["talk:1/1"]

    put(index, passage("тайна", access_keys=frozenset({"hosts"})))

    assert found(index, "тайна") == []


@pytest.mark.parametrize(
    "words",
    ["access:hosts", "filters:hosts тайна", "acl:hosts OR *", "access\0hosts", "тайна OR public"],
)
def test_words_cannot_reach_past_the_access_keys(index: TextIndex, words: str) -> None:
    put(index, passage("тайна public hosts", access_keys=frozenset({"hosts"})))

    assert found(index, words) == []


def test_a_facet_cannot_pass_for_an_access_key(index: TextIndex) -> None:
    put(index, passage("тайна", access_keys=frozenset({"h"}), facets={"access": "public"}))
    put(index, passage("тайна", talk="talk:2", access_keys=frozenset({"h"}), kind="public"))

    assert found(index, "тайна") == []
    assert len(found(index, "тайна", access_keys=frozenset({"h"}))) == 2


# Narrowing and pages


def test_kind_source_and_facets_narrow(index: TextIndex) -> None:
    put(
        index,
        passage("школа", 1, facets={"city": "Вологда", "year": "2026"}),
        passage("школа", 2, kind="slide", facets={"city": "Вологда"}),
        passage("школа", 3, talk="talk:2", facets={"city": "Орёл"}),
    )

    assert found(index, "школа", kinds=frozenset({"slide"})) == ["talk:1/2"]
    assert found(index, "школа", source="talk:2") == ["talk:2/3"]
    assert found(index, "школа", facets={"city": "Вологда", "year": "2026"}) == ["talk:1/1"]
    assert found(index, "школа", facets={"city": "Орёл"}, source="talk:1") == []
    assert found(index, "школа", kinds=frozenset()) == []


def test_of_overlapping_windows_the_best_is_kept(index: TextIndex) -> None:
    windows = [(0.0, 60.0, "школа"), (20.0, 80.0, "школа школа"), (70.0, 130.0, "школа")]
    put(
        index,
        *[passage(t, n, start_s=a, end_s=b) for n, (a, b, t) in enumerate(windows, start=1)],
        passage("школа", 4, kind="slide", start_s=20.0, end_s=80.0),
        passage("школа", 5, talk="talk:2", start_s=20.0, end_s=80.0),
    )

    results = index.search(Query("школа", EVERYONE))

    assert {(h.document_id, h.start_s, h.end_s) for h in results.hits} == {
        ("talk:1/2", 20.0, 80.0),
        ("talk:1/3", 70.0, 130.0),
        ("talk:1/4", 20.0, 80.0),
        ("talk:2/5", 20.0, 80.0),
    }
    assert (results.total, results.total_is_exact) == (4, True)


def test_pages_follow_one_another_without_gap_or_repetition(index: TextIndex) -> None:
    put(index, *[passage("школа", n, talk=f"talk:{n}") for n in range(25)])

    pages = [found(index, "школа", limit=10, offset=offset) for offset in (0, 10, 20, 30)]

    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert len({one for page in pages for one in page}) == 25
    assert index.search(Query("школа", EVERYONE, limit=10)).total == 25


# Junk


@pytest.mark.parametrize(
    "words",
    ["", " ", "[", "*", "?", '"', '""', "-", "--", "-школа", "acl:public OR", "[TO", "школа^", "(",
     "a" * 5000, "школа " * 900, "-" * 5000, "ёж-" * 1700, "\ud800", "школа\ud800", "\0", "a\0b",
     "...!?", "\u0301", "\u00ad", "😀", "«", "١٢٣", "%", "'; drop", "школа~2", "шк*"],
)  # fmt: skip
def test_junk_is_answered(index: TextIndex, words: str) -> None:
    put(index, passage("школа"))

    results = index.search(Query(words, EVERYONE))

    assert results.available
    assert len(results.hits) <= 1
    assert index.marks("школа\ud800 [", words) in ([], [(0, 5)])
    assert "".join(piece for piece, _ in index.excerpt("школа", words, 20)) == "школа"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(max_size=60), key=st.text(max_size=5), source=st.none() | st.text(max_size=5))
def test_any_words_from_anyone_are_answered(
    index: TextIndex, words: str, key: str, source: str | None
) -> None:
    results = index.search(Query(words, frozenset({key}), source=source, limit=5))

    assert (results.hits, results.available) == ([], True)


def test_limit_and_offset_out_of_range_find_nothing(index: TextIndex) -> None:
    put(index, passage("школа"))

    assert found(index, "школа", limit=0) == []
    assert found(index, "школа", offset=10) == []
    assert found(index, "школа", offset=-3) == ["talk:1/1"]


# Writing


def test_replacing_a_source_leaves_nothing_of_what_it_had(index: TextIndex) -> None:
    put(index, passage("старое слово"), passage("старое", 2), passage("чужое", 1, talk="talk:2"))

    put(index, passage("новое слово", 3))

    assert found(index, "старое") == []
    assert found(index, "слово") == ["talk:1/3"]
    assert found(index, "чужое") == ["talk:2/1"]


def test_replacing_twenty_times_leaves_one(index: TextIndex) -> None:
    for _ in range(20):
        put(index, passage("слово"))

    results = index.search(Query("слово", EVERYONE))

    assert ([hit.document_id for hit in results.hits], results.total) == (["talk:1/1"], 1)


def test_replacing_by_nothing_removes(index: TextIndex) -> None:
    put(index, passage("слово"))

    index.replace("talk:1", [])

    assert found(index, "слово") == []


def test_removing_what_is_gone_is_no_error(index: TextIndex) -> None:
    put(index, passage("слово"), passage("слово", talk="talk:2"))

    for source in ("talk:1", "talk:1", "talk:never", "\ud800"):
        index.remove(source)

    assert found(index, "слово") == ["talk:2/1"]


def test_a_document_that_breaks_the_indexer_is_left_out_and_named(index: TextIndex) -> None:
    broken = [
        passage("слово", 2, start_s=float("nan")),
        passage(None, 3),
        passage("слово", "\ud800"),
    ]

    skipped = index.replace("talk:1", [passage("слово"), *broken])
    rebuilt = index.rebuild([*broken, passage("слово")])

    assert [one.document_id for one in skipped] == ["talk:1/2", "talk:1/3", "talk:1/\ud800"]
    assert all(isinstance(one, Skipped) and one.reason for one in skipped)
    assert (rebuilt.documents, rebuilt.skipped, index.count()) == (1, skipped, 1)
    assert found(index, "слово") == ["talk:1/1"]


def test_a_rebuild_takes_the_place_of_all_there_was(index: TextIndex) -> None:
    put(index, passage("прежнее слово"))
    told: list[int] = []

    rebuilt = index.rebuild(
        (passage("новое", n, talk=f"talk:{n}") for n in range(450)), told.append
    )

    assert (rebuilt.documents, rebuilt.skipped) == (450, [])
    assert told[-1] == 450
    assert told == sorted(told)
    assert index.search(Query("новое", EVERYONE)).total == 450
    assert found(index, "прежнее") == []
    assert not index.needs_rebuild()
    assert index.check() == []


def test_a_rebuild_that_fails_leaves_the_index_in_use(index: TextIndex) -> None:
    put(index, passage("прежнее"))

    def failing() -> Iterator[Document]:
        yield passage("новое")
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        index.rebuild(failing())

    assert found(index, "прежнее новое") == ["talk:1/1"]
    put(index, passage("следующее"))
    assert found(index, "следующее") == ["talk:1/1"]


def test_the_index_in_use_answers_while_another_is_built(index: TextIndex) -> None:
    put(index, passage("прежнее"))
    during: list[list[str]] = []

    def documents() -> Iterator[Document]:
        during.append(found(index, "прежнее"))
        yield passage("новое")
        during.append(found(index, "новое"))

    index.rebuild(documents())

    assert during == [["talk:1/1"], []]
    assert found(index, "новое") == ["talk:1/1"]


def test_tidying_changes_no_answer(index: TextIndex) -> None:
    for number in range(5):
        put(index, passage("слово и дело", number, talk=f"talk:{number}", facets={"n": "1"}))
    put(index, passage("другое", 0, talk="talk:0"))
    before = index.search(Query('"слово и дело"', EVERYONE, facets={"n": "1"}))

    index.tidy()
    after = index.search(Query('"слово и дело"', EVERYONE, facets={"n": "1"}))

    assert {h.document_id for h in before.hits} == {f"talk:{n}/{n}" for n in range(1, 5)}
    assert {h.document_id for h in after.hits} == {h.document_id for h in before.hits}
    assert after.total == before.total == 4


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from(["public", "hosts"])),
        max_size=25,
    )
)
def test_after_any_changes_exactly_what_was_put_in_is_found(
    index: TextIndex, changes: list[tuple[int, int, str]]
) -> None:
    index.rebuild([])
    truth: dict[str, list[Document]] = {}
    for talk, count, key in changes:
        source = f"talk:{talk}"
        truth[source] = [
            passage("слово", n, talk=source, access_keys=frozenset({key})) for n in range(count)
        ]
        index.replace(source, truth[source])

    for key in ("public", "hosts"):
        expected = {d.id for docs in truth.values() for d in docs if key in d.access_keys}
        assert set(found(index, "слова", access_keys=frozenset({key}), limit=99)) == expected


# Several at once


def test_threads_search_while_one_writes_and_always_see_a_whole_state(index: TextIndex) -> None:
    talks = [f"talk:{n}" for n in range(3)]
    index.replace_many({talk: [passage("слово 0", 1, talk=talk)] for talk in talks})
    seen: list[set[int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append({index.search(Query("слово", EVERYONE)).total})

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(15):
        index.replace_many({talk: [passage(f"слово {turn}", 1, talk=talk)] for talk in talks})
    done.set()
    for reader in readers:
        reader.join()

    assert set().union(*seen) == {3}


def test_two_threads_write_in_turn(index: TextIndex) -> None:
    def write(thread: int) -> None:
        for number in range(5):
            put(index, passage("слово", number, talk=f"talk:{thread}{number}"))

    writers = [threading.Thread(target=write, args=(n,)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert index.search(Query("слово", EVERYONE)).total == 10


def test_closing_twice_is_no_error_and_a_closed_index_opens_again(index: TextIndex) -> None:
    put(index, passage("слово"))

    index.close()
    index.close()

    assert found(index, "слово") == ["talk:1/1"]
