"""The table of the cache: what may stand in it, and that its URL, which may hold a password, is never shown."""

import importlib.util
from pathlib import Path

import pytest

from tests.gateway.settings.loading import ZYLON, complaint, load

URL = "redis://gateway:hunter2@cache.example.com:6380/2"


def url_of(folder: Path, text: str, environ: dict[str, str] | None = None) -> str | None:
    url = load(folder, f"{ZYLON}\n{text}", environ).cache.redis_url
    return None if url is None else url.get_secret_value()


def test_without_a_table_each_replica_is_on_its_own(tmp_path: Path) -> None:
    cache = load(tmp_path, ZYLON).cache

    assert (cache.max_bytes, cache.redis_url, cache.redis_timeout) == (64 * 1024 * 1024, None, 0.05)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "rediss://:hunter2@cache.example.com?ssl_ca_certs=/etc/passwd&db=1",
        "redis://[::1]",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_a_server_is_named_by_its_url(tmp_path: Path, url: str) -> None:
    assert url == url_of(tmp_path, f'[cache]\nredis_url = "{url}"')


def test_the_url_may_stand_in_a_file_or_a_variable(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text(f"{URL}\n")

    assert URL == url_of(tmp_path, f'[cache]\nredis_url_file = "{secret}"')
    assert URL == url_of(tmp_path, '[cache]\nredis_url_env = "REDIS"', {"REDIS": URL})


def test_the_environment_replaces_whichever_way_the_file_gives_it(tmp_path: Path) -> None:
    environ = {"ANALYTICS_GATEWAY_CACHE__REDIS_URL_ENV": "REDIS", "REDIS": URL}

    assert URL == url_of(tmp_path, '[cache]\nredis_url = "redis://old"', environ)
    assert URL == url_of(tmp_path, "", environ)


def test_the_url_is_shown_nowhere(tmp_path: Path) -> None:
    settings = load(tmp_path, f'{ZYLON}\n[cache]\nredis_url = "{URL}"')

    assert "hunter2" not in repr(settings)
    assert "cache.example.com" not in repr(settings)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('redis_url = "http://:hunter2@cache"', "cache.redis_url: must be redis://HOST:PORT, rediss://HOST:PORT (TLS)"),
        ('redis_url = "redis://"', "cache.redis_url: must be redis://HOST:PORT"),
        ('redis_url = "redis://:hunter2@a..b"', "cache.redis_url: is no URL"),
        (f'redis_url = "redis://:hunter2@{"a" * 64}"', "cache.redis_url: is no URL"),
        ('redis_url = "unix:"', "cache.redis_url: must be redis://HOST:PORT"),
        ('redis_url = "redis://:hunter2@cache:99999"', "cache.redis_url: is no URL"),
        ('redis_url = "redis://:hunter2@cache/first"', "cache.redis_url: is no URL"),
        ('redis_url = "redis://:hunter2@cache/1_0"', "cache.redis_url: is no URL"),
        ('redis_url = "redis://:hunter2@cache/-1"', "cache.redis_url: is no URL"),
        ('redis_url = "redis://:hunter2@cache?db=first"', "cache.redis_url: is no URL"),
        ('redis_url = "unix:///run/redis.sock?db="', "cache.redis_url: is no URL"),
        ('redis_url = "redis://cache?socket_timeout=hunter2"', "cache.redis_url: may have no options but db with redi"),
        ('redis_url = "redis://cache?ssl_ca_certs=/ca"', "cache.redis_url: may have no options but db with redis://"),
        ('redis_url = "rediss://cache?ssl_check_hostname=0"', "cache.redis_url: may have no options but db, ssl_ca_"),
        (
            'redis_url = "rediss://:hunter2@cache?ssl_certfile=/no"',
            "cache.redis_url: names a file as ssl_certfile",
        ),
        ("redis_url = 5", "cache.redis_url: input should be"),
        (f'redis_url = "{URL}"\nredis_url_env = "REDIS"', "cache.redis_url: given 2 times, as redis_url and"),
        ('redis_url_env = "REDIS"', "cache.redis_url_env: there is no environment variable 'REDIS'"),
        ('redis_ulr = "redis://cache"', 'cache.redis_ulr: unknown key; did you mean "redis_url"?'),
        ('max_bytes_file = "/etc/passwd"', "cache.max_bytes_file: unknown key"),
        ("max_bytes = -1", "cache.max_bytes: input should be greater than or equal to 0, not -1"),
        ("redis_timeout = 0", "cache.redis_timeout: input should be greater than 0, not 0"),
        ("redis_timeout = 1.5", "cache.redis_timeout: input should be less than or equal to 1, not 1.5"),
        ('redis_prefix = "a b"', "cache.redis_prefix: string should match pattern"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, line: str, said: str) -> None:
    assert said in complaint(tmp_path, f"{ZYLON}\n[cache]\n{line}")


def test_a_table_that_is_none_is_named(tmp_path: Path) -> None:
    assert "cache: must be a table" == complaint(tmp_path, f"cache = 5\n{ZYLON}")


def test_who_names_a_server_needs_the_package_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    said = complaint(tmp_path, f'{ZYLON}\n[cache]\nredis_url = "{URL}"')

    assert said == 'cache.redis_url: needs the package redis: install "analytics-gateway[redis]"'
