"""The configuration: what may stand in it, what overrides what, and what an operator is told who got it wrong."""

from pathlib import Path

import pytest

from adapters import installed
from adapters.transport.auth import BearerAuth
from gateway.settings.configuration import Settings, load_settings
from gateway.settings.errors import ConfigurationError
from tests.gateway.settings.loading import ZYLON, complaint, load

KINDS = ", ".join(installed())


def token_of(settings: Settings) -> str:
    auth = getattr(settings.sources[0].settings, "auth", None)
    assert isinstance(auth, BearerAuth)
    return auth.token.get_secret_value()


def test_a_source_is_read_with_the_settings_of_its_kind(tmp_path: Path) -> None:
    (source,) = load(tmp_path, ZYLON).sources

    assert ("ai", "zylon") == (source.id, source.adapter.kind)
    assert "auroralabs" == getattr(source.settings, "org", None)


def test_several_sources_of_one_kind_are_normal_and_sorted(tmp_path: Path) -> None:
    settings = load(tmp_path, ZYLON + ZYLON.replace("[sources.ai]", "[sources.a2]"))

    assert ["a2", "ai"] == [source.id for source in settings.sources]


def test_without_a_server_table_both_fronts_listen_on_loopback(tmp_path: Path) -> None:
    server = load(tmp_path, ZYLON).server

    assert ["127.0.0.1:50051", "127.0.0.1:8080"] == [str(server.grpc_address), str(server.rest_address)]


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    text = ZYLON + '[server]\ngrpc_address = "a:1"\nrest_address = "a:1"\ngrace = 1'
    environ = {"ANALYTICS_GATEWAY_SERVER__GRPC_ADDRESS": "b:2", "ANALYTICS_GATEWAY_SERVER__REST_ADDRESS": "b:2"}

    server = load(tmp_path, text, environ, server={"rest_address": "c:3"}).server

    assert ["b:2", "c:3", 1] == [str(server.grpc_address), str(server.rest_address), server.grace]


def test_the_environment_reaches_any_depth_and_is_read_as_the_keys_type(tmp_path: Path) -> None:
    environ = {
        "ANALYTICS_GATEWAY_SOURCES__AI__RETRY__ATTEMPTS": "7",
        "ANALYTICS_GATEWAY_SOURCES__AI__AUTH__TOKEN": "12345",
    }

    settings = load(tmp_path, ZYLON, environ)

    assert 7 == settings.sources[0].settings.retry.attempts
    assert "12345" == token_of(settings)


def test_a_source_can_come_from_the_environment_alone() -> None:
    environ = {
        "ANALYTICS_GATEWAY_SOURCES__AI__KIND": "zylon",
        "ANALYTICS_GATEWAY_SOURCES__AI__BASE_URL": "https://zylon.example.com",
        "ANALYTICS_GATEWAY_SOURCES__AI__ORG": "auroralabs",
        "ANALYTICS_GATEWAY_SOURCES__AI__AUTH__SCHEME": "bearer",
        "ANALYTICS_GATEWAY_SOURCES__AI__AUTH__TOKEN": "hunter2",
    }

    assert ["ai"] == [source.id for source in load_settings(None, environ=environ).sources]


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "named.toml").write_text(ZYLON, "utf-8")

    settings = load_settings(None, environ={"ANALYTICS_GATEWAY_CONFIG": str(tmp_path / "named.toml")})

    assert ["ai"] == [source.id for source in settings.sources]


def test_a_secret_can_stand_in_a_file_whose_last_newline_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter3\n", "utf-8")
    text = ZYLON.replace('token = "hunter2"', f'token_file = "{tmp_path}/token"')

    assert "hunter3" == token_of(load(tmp_path, text))


def test_a_secret_can_stand_in_a_variable(tmp_path: Path) -> None:
    text = ZYLON.replace('token = "hunter2"', 'token_env = "AI_TOKEN"')

    assert "hunter4" == token_of(load(tmp_path, text, {"AI_TOKEN": "hunter4"}))


def test_a_secret_of_the_environment_replaces_the_files_way_of_giving_it(tmp_path: Path) -> None:
    text = ZYLON.replace('token = "hunter2"', 'token_file = "/nowhere"')

    assert "hunter5" == token_of(load(tmp_path, text, {"ANALYTICS_GATEWAY_SOURCES__AI__AUTH__TOKEN": "hunter5"}))


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    assert "hunter2" not in repr(load(tmp_path, ZYLON))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("token =", "tokn ="), 'sources.ai.auth.tokn: unknown key; did you mean "token"?'),
        (("org =", "organization ="), "sources.ai.organization: unknown key"),
        (
            (', token = "hunter2"', ""),
            'sources.ai.auth.token: missing; "token_file" or "token_env" can say where it stands',
        ),
        (('auth = { scheme = "bearer", token = "hunter2" }', ""), "sources.ai.auth: missing"),
        (('org = "auroralabs"', ""), "sources.ai.org: missing"),
        (('"zylon"', '"zilon"'), f"sources.ai.kind: must be one of {KINDS}, not 'zilon'"),
        (('kind = "zylon"', ""), "sources.ai.kind: must be one of"),
        (('"bearer"', '"bear"'), "sources.ai.auth"),
        (("[sources.ai]", "[sources.AI]"), "sources.AI: an id is a lower-case letter"),
        (("[sources.ai]", "[source.ai]"), 'source: unknown key; did you mean "sources"?'),
        (('token = "hunter2"', 'token = "hunter2", token_env = "X"'), "sources.ai.auth.token: given 2 times"),
        (('token = "hunter2"', 'token_env = "NO_SUCH"'), "sources.ai.auth.token_env: there is no environment variable"),
        (
            ('token = "hunter2"', 'token_env = "hunter2"'),
            "sources.ai.auth.token_env: there is no environment variable of that name",
        ),
        (
            ('token = "hunter2"', r'token_file = "\u0000"'),
            "sources.ai.auth.token_file: the file of that name cannot be",
        ),
        (
            ('token = "hunter2"', 'token_file = "hunter2"'),
            "sources.ai.auth.token_file: the file of that name cannot be read: No",
        ),
        (('{ scheme = "bearer", token = "hunter2" }', '"hunter2"'), "sources.ai.auth: must be a table"),
        (('kind = "zylon"', 'kind = ["hunter2"]'), f"sources.ai.kind: must be one of {KINDS}"),
        (("[sources.ai]", r'[sources."a\ni"]'), "sources.a i: an id is a lower-case letter"),
        (
            ('token = "hunter2"', 'token_file = "/nowhere/x"'),
            "sources.ai.auth.token_file: /nowhere/x cannot be read: No",
        ),
        (('token = "hunter2"', "token = 5"), "sources.ai.auth.token: input should be a valid string"),
        (('token = "hunter2"', 'token = "hunter2 "'), "sources.ai.auth.token: must not be empty"),
        (('"https://zylon.example.com"', '"zylon"'), "sources.ai.base_url: input should be a valid URL"),
        (('example.com"', 'example.com/?key=hunter2"'), "sources.ai.base_url: must end with its path"),
        (("https://", "https://svc:hunter2@"), "sources.ai.base_url: must not hold a user or password"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_key(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert complaint(tmp_path, ZYLON.replace(*change)).startswith(said)


def test_a_kind_that_does_not_exist_is_told_those_that_do(tmp_path: Path) -> None:
    said = complaint(tmp_path, ZYLON.replace('"zylon"', '"zilon"'))

    assert {"fluidtopics", "superoffice", "zylon", "not 'zilon'"} <= set(said.partition("one of ")[2].split(", "))


def test_the_chosen_scheme_is_no_part_of_the_key_and_decides_what_is_meant(tmp_path: Path) -> None:
    text = """
        [sources.docs]
        kind = "fluidtopics"
        base_url = "https://docs.example.com"
        auth = { scheme = "basic", username = "svc", pasword = "hunter2" }
    """

    assert 'sources.docs.auth.pasword: unknown key; did you mean "password"?' == complaint(tmp_path, text)


def test_a_scheme_that_a_kind_does_not_have_is_told_before_what_follows_from_it(tmp_path: Path) -> None:
    text = ZYLON.replace(
        'scheme = "bearer", token = "hunter2"', 'scheme = "basic", username = "svc", password = "hunter2"'
    )

    assert complaint(tmp_path, text).startswith("sources.ai.auth.scheme: input should be 'bearer'")


def test_a_scheme_that_does_not_exist_is_told_those_that_do(tmp_path: Path) -> None:
    text = """
        [sources.docs]
        kind = "fluidtopics"
        base_url = "https://docs.example.com"
        auth = { scheme = "oauth3", token = "hunter2" }
    """

    said = complaint(tmp_path, text)

    assert said == "sources.docs.auth.scheme: input should be 'basic' or 'bearer'"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('grpc_adress = "a:1"', 'server.grpc_adress: unknown key; did you mean "grpc_address"?'),
        ('grpc_address = "a"', "server.grpc_address: must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not 'a'"),
        ('grace = "soon"', "server.grace: input should be a valid number"),
        ("default_timeout = 0", "server.default_timeout: input should be greater than 0, not 0"),
        ("a = 1\nb = 2", "server.a: unknown key"),
    ],
)
def test_the_server_table_is_checked_too(tmp_path: Path, table: str, said: str) -> None:
    assert complaint(tmp_path, f"{ZYLON}\n[server]\n{table}").startswith(said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "none.toml", environ={})


def test_a_file_that_is_no_toml_is_named_with_the_place(tmp_path: Path) -> None:
    assert "not TOML" in complaint(tmp_path, "[sources\n")


def test_a_file_nested_too_deeply_is_named(tmp_path: Path) -> None:
    assert "not TOML" in complaint(tmp_path, f"a = {'[' * 5000}{']' * 5000}")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_bytes(b"\xff\xff")

    with pytest.raises(ConfigurationError, match="not TOML"):
        load_settings(tmp_path / "gateway.toml", environ={})


def test_a_variable_that_names_no_key_is_not_ignored(tmp_path: Path) -> None:
    said = complaint(tmp_path, ZYLON, {"ANALYTICS_GATEWAY_SERVR__GRACE": "1"})

    assert said.startswith("ANALYTICS_GATEWAY_SERVR__GRACE: does not name a key")


@pytest.mark.parametrize(
    "name",
    [
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_GRPC",
        "PORT",
        "PORT_8080_TCP",
        "PORT_8080_TCP_ADDR",
        "METRICS_SERVICE_HOST",
    ],
)
def test_what_kubernetes_says_of_a_service_of_our_name_is_no_configuration(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, ZYLON, {f"ANALYTICS_GATEWAY_{name}": "tcp://10.0.0.1:8080"}).sources


@pytest.mark.parametrize("name", ["CONFG", "SERVER__SERVICE_HOST", "SERVR__PORT"])
def test_other_variables_are_not_mistaken_for_those_of_kubernetes(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        load(tmp_path, ZYLON, {f"ANALYTICS_GATEWAY_{name}": "1"})


def test_a_value_where_a_table_must_be_is_told(tmp_path: Path) -> None:
    assert "sources.ai: must be a table" == complaint(tmp_path, "[sources]\nai = 1")
    assert "sources.ai.kind: must be a table" == complaint(
        tmp_path, ZYLON, {"ANALYTICS_GATEWAY_SOURCES__AI__KIND__X": "1"}
    )


def test_without_any_source_the_operator_is_told_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="--config, or try the simulated ones with serve --sandbox"):
        load_settings(None, environ={})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[server]\nmax_calls = true", "server.max_calls"),
        ("[server]\ndefault_timeout = false", "server.default_timeout"),
        ("[cache]\nmax_bytes = true", "cache.max_bytes"),
        ("[sources.ai.retry]\nattempts = true", "sources.ai.retry.attempts"),
        ("[sources.ai.limits]\nrate = true", "sources.ai.limits.rate"),
    ],
)
def test_true_is_no_number(tmp_path: Path, text: str, key: str) -> None:
    said = complaint(tmp_path, f"{ZYLON}\n{text}")

    assert said in {f"{key}: must not be true", f"{key}: must not be false"}


def test_an_abbreviation_is_not_begun_small(tmp_path: Path) -> None:
    said = complaint(tmp_path, ZYLON.replace("https://", "ftp://"))

    assert said.startswith("sources.ai.base_url: URL scheme should be")
