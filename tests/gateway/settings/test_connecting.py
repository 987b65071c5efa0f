"""The tables `tls` and `proxy` of a source: secrets in them, and files that cannot be used."""

from pathlib import Path

import pytest

from adapters.settings import SourceSettings
from gateway.settings.configuration import Settings
from tests.adapters.certificates import Authority, encrypted
from tests.gateway.settings.loading import ZYLON, complaint, load

PROXY = 'proxy = { url = "http://proxy:3128", username = "svc", password = "hunter2" }'


def only(settings: Settings) -> SourceSettings:
    (source,) = settings.sources
    return source.settings


def password_of(settings: Settings) -> str:
    proxy = only(settings).proxy
    assert proxy is not None
    assert proxy.password is not None
    return proxy.password.get_secret_value()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


def test_without_tables_there_is_no_proxy_and_the_system_is_believed(tmp_path: Path) -> None:
    settings = only(load(tmp_path, ZYLON))

    assert (settings.proxy, settings.tls, settings.connect_timeout) == (None, None, 3.0)


def test_the_password_of_a_proxy_can_stand_in_a_file_or_a_variable(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter3\n", "utf-8")
    in_a_file = PROXY.replace('password = "hunter2"', f'password_file = "{tmp_path}/password"')
    in_a_variable = PROXY.replace('password = "hunter2"', 'password_env = "PROXY_PASSWORD"')

    assert password_of(load(tmp_path, ZYLON + in_a_file)) == "hunter3"
    assert password_of(load(tmp_path, ZYLON + in_a_variable, {"PROXY_PASSWORD": "hunter4"})) == "hunter4"


def test_the_environment_replaces_whichever_way_the_file_gives_a_password(tmp_path: Path) -> None:
    text = ZYLON + PROXY.replace('password = "hunter2"', 'password_file = "/nowhere"')

    settings = load(tmp_path, text, {"ANALYTICS_GATEWAY_SOURCES__AI__PROXY__PASSWORD": "hunter5"})

    assert password_of(settings) == "hunter5"


def test_the_files_of_certificates_are_paths_and_the_password_of_a_key_is_a_secret(
    tmp_path: Path, authority: Authority
) -> None:
    cert_file, key_file = authority.issue()
    (tmp_path / "password").write_text("hunter2\n", "utf-8")
    text = f"""{ZYLON}
[sources.ai.tls]
ca_file = "{authority.ca_file}"
cert_file = "{cert_file}"
key_file = "{encrypted(key_file, "hunter2")}"
key_password_file = "{tmp_path}/password"
"""

    tls = only(load(tmp_path, text)).tls

    assert tls is not None
    assert (tls.ca_file, tls.cert_file) == (authority.ca_file, cert_file)


def test_the_environment_can_name_a_file_in_place_of_another(tmp_path: Path, authority: Authority) -> None:
    text = f'{ZYLON}tls = {{ ca_file = "/nowhere" }}'

    tls = only(load(tmp_path, text, {"ANALYTICS_GATEWAY_SOURCES__AI__TLS__CA_FILE": str(authority.ca_file)})).tls

    assert tls is not None
    assert tls.ca_file == authority.ca_file


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('tls = { ca_file = "/no/ca.pem" }', "sources.ai.tls.ca_file: /no/ca.pem cannot be read: No such file"),
        ('tls = { cert_file = "/no/c.pem" }', "sources.ai.tls.key_file: missing; cert_file needs it"),
        ('tls = { key_password = "hunter2" }', "sources.ai.tls.cert_file: missing"),
        ('tls = { ca_flie = "x" }', 'sources.ai.tls.ca_flie: unknown key; did you mean "ca_file"?'),
        ('tls = { ca_env = "X" }', "sources.ai.tls.ca_env: unknown key"),
        ("tls = { insecure_skip_verify = true }", "sources.ai.tls.insecure_skip_verify: unknown key"),
        ('tls = "hunter2"', "sources.ai.tls: must be a table"),
        ('proxy = "http://svc:hunter2@proxy"', "sources.ai.proxy: must be a table"),
        (PROXY.replace("url", "ulr"), 'sources.ai.proxy.ulr: unknown key; did you mean "url"?'),
        (PROXY.replace("//proxy", "//svc:hunter2@proxy"), "sources.ai.proxy.url: must not hold a user or password"),
        (PROXY.replace(', username = "svc"', ""), "sources.ai.proxy.username: missing; password needs it"),
        (PROXY.replace("}", ', password_env = "X" }'), "sources.ai.proxy.password: given 2 times, as password and"),
        (PROXY.replace("password =", "password_file ="), "sources.ai.proxy.password_file: "),
        ("connect_timeout = 0", "sources.ai.connect_timeout: input should be greater than 0, not 0"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_key(tmp_path: Path, table: str, said: str) -> None:
    assert complaint(tmp_path, f"{ZYLON}{table}").startswith(said)


def test_certificates_for_an_upstream_without_tls_are_refused(tmp_path: Path, authority: Authority) -> None:
    """Whoever configures them counts on them, and the credential would go along in the clear."""
    told = complaint(tmp_path, f'{ZYLON.replace("https", "http")}tls = {{ ca_file = "{authority.ca_file}" }}')

    assert told.startswith("sources.ai.tls: says nothing to an upstream that is spoken to over http;")
