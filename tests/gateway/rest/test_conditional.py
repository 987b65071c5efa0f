"""Entity tags, and `If-None-Match`."""

import pytest

from gateway.rest.conditional import entity_tag, is_known

TAG = '"xyz-gzip"'


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ((), False),
        (("",), False),
        ((TAG,), True),
        ((f"W/{TAG}",), True),
        (("*",), True),
        ((" * ",), True),
        ((f'"a", {TAG}',), True),
        ((f'"a,b",W/"c" , {TAG} ,"d"',), True),
        (('"a"', TAG), True),
        (('"xyz"',), False),
        (("xyz-gzip",), False),
        (('"a", *',), False),
        (('"*"',), False),
        (('"a xyz-gzip b"',), False),
        (('"', '"', '""'), False),
    ],
)
def test_a_tag_is_known_if_the_headers_name_it_or_any(if_none_match: tuple[str, ...], known: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    assert known == is_known(if_none_match, TAG)


def test_a_tag_is_another_for_another_body_and_for_another_coding() -> None:
    tags = {entity_tag(body, coding) for body in (b"a", b"b") for coding in ("identity", "gzip", "zstd")}

    assert 6 == len(tags)
    assert entity_tag(b"a", "gzip") in tags


def test_a_tag_is_strong_and_well_formed() -> None:
    assert '"ypeBEsobvcr6wjGzmiPcTQ"' == entity_tag(b"a", "identity")
    assert '"ypeBEsobvcr6wjGzmiPcTQ-gzip"' == entity_tag(b"a", "gzip")
