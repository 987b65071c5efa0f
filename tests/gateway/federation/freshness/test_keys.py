"""Which questions are the same, here and at other replicas."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import Secret, SecretBytes, SecretStr

from adapters.query import CountQuestion, EventFilter, MetricsQuestion
from adapters.settings import SourceSettings
from gateway.federation import OpenSource
from gateway.federation.asks import Ask, CheckQuestion, Question
from gateway.federation.freshness.keys import fingerprint, shared_key
from tests.fakes import FakeSource
from tests.gateway.federation.freshness.asking import ASK, CLOSED, OPEN


class Settings(SourceSettings):
    """Those of a kind with a password and a file."""

    password: SecretStr
    file: Path | None = None
    token: SecretBytes = SecretBytes(b"mine")
    codes: Secret[tuple[str, ...]] = Secret(("mine",))


def a_source(id: str = "crm", *, word: str = "secret", **more: object) -> OpenSource:  # noqa: A002 - as ports
    settings = Settings.model_validate({"kind": "fake", "password": word, **more})
    return OpenSource(id=id, kind="fake", display_name=id, source=FakeSource(id), settings=settings)


FINGERPRINT = fingerprint(a_source())


def a_key(question: Question, mark: bytes = FINGERPRINT) -> str:
    return shared_key(Ask(source=a_source(), question=question), mark)


def a_key_of_many() -> str:
    names = frozenset(f"name{number}" for number in range(20))
    return a_key(MetricsQuestion(window=OPEN, metrics=names))


def test_a_check_has_no_key() -> None:
    assert Ask(source=a_source(), question=CheckQuestion()).key is None


@pytest.mark.parametrize(
    "other",
    [
        a_source("crm2"),
        a_source(word="other"),
        a_source(token=SecretBytes(b"other")),
        a_source(codes=Secret(("other",))),
    ],
    ids=["id", "password", "bytes", "of any type"],
)
def test_sources_of_other_credentials_or_ids_never_meet(other: OpenSource) -> None:
    assert fingerprint(other) != FINGERPRINT


def test_a_file_counts_by_what_it_says(tmp_path: Path) -> None:
    """A certificate is replaced, and its path stays."""
    file = tmp_path / "cert.pem"
    file.write_text("one")
    before = fingerprint(a_source(file=file))
    same = fingerprint(a_source(file=file))
    file.write_text("two")

    assert before == same != fingerprint(a_source(file=file))


def test_equal_sources_and_questions_have_equal_keys_in_every_process() -> None:
    """Whatever order its sets have: that of texts differs from process to process."""
    code = "from tests.gateway.federation.freshness.test_keys import a_key_of_many; print(a_key_of_many())"
    told = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]

    assert told == [a_key_of_many().encode() + b"\n"] * 2


def test_different_questions_have_different_keys() -> None:
    questions: list[Question] = [
        CountQuestion(window=OPEN),
        CountQuestion(window=CLOSED),
        CountQuestion(window=OPEN, filter=EventFilter(user_ids=("a", "b"))),
        CountQuestion(window=OPEN, filter=EventFilter(user_ids=("ab",))),
        CountQuestion(window=OPEN, filter=EventFilter(user_groups=("a", "b"))),
        MetricsQuestion(window=OPEN, metrics=frozenset({"a"})),
    ]

    assert len({a_key(question) for question in questions}) == len(questions)


def test_the_same_question_under_another_fingerprint_has_another_key() -> None:
    assert a_key(CountQuestion(window=OPEN)) != a_key(CountQuestion(window=OPEN), bytes(32))


def test_a_key_shows_nothing_of_question_or_credential() -> None:
    key = a_key(CountQuestion(window=OPEN, filter=EventFilter(user_ids=("ada@example.com",))))

    assert key.startswith("crm:")
    assert not any(word in key for word in ("ada", "secret", "2026"))


def test_numbers_as_of_now_have_one_key_for_all_windows() -> None:
    window = MetricsQuestion(window=CLOSED, metrics=ASK.source.metrics)

    assert ASK.key == Ask(source=ASK.source, question=window).key
