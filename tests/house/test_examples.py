"""What the documentation shows works: paths, parameters, answers, commands, flags and links."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import typer
from google.protobuf.json_format import Parse, ParseDict, ParseError
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from prometheus_client import CollectorRegistry

from gateway.cli.commands import app
from gateway.contract import load_contract
from gateway.rest.bindings import Binding, read_bindings
from gateway.rest.pages import pages
from gateway.rest.reading import read_message
from gateway.rest.router import Route, Router
from tests.house.pages import ALL, README, Page
from tests.house.tree import ROOT

CONTRACT = load_contract()
RPCS = {method.path: method for method in CONTRACT.methods}
REST = "http://127.0.0.1:8080"
GRPC = "http://127.0.0.1:50051"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

each_page = pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.path.relative_to(ROOT)))


def routes() -> Iterator[Route[Binding | None]]:
    """Every path, and what it is bound to: an RPC, or a page."""
    for found in read_bindings(CONTRACT):
        yield Route(verb=found.verb, template=found.template, endpoint=found)
    for page in pages({}, lambda: True, CollectorRegistry()):
        yield Route(verb=page.verb, template=page.template, endpoint=None)


SERVED = Router(list(routes()))


def commands(page: Page) -> Iterator[list[str]]:
    """The commands in a page's examples, as a shell takes them apart. A quoted text may go over several lines."""
    for example in page.examples("sh"):
        command = ""
        for line in example.splitlines():
            command += line + "\n"
            if words := words_of(command):
                yield words
                command = ""
        assert not command.strip(), f"no whole command: {command}"


def words_of(command: str) -> list[str]:
    """Nothing, where a quoted text is still open."""
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return []


def test_every_rest_path_in_the_readme_exists() -> None:
    shown = re.findall(r"`(?:(GET|POST) )?(/(?:v1/[^` ]+|[a-z.]+))`", README.text)

    assert shown
    for verb, path in shown:
        SERVED.resolve(verb or "GET", re.sub(r"{\w+}", "any", path))


@each_page
def test_a_request_over_rest_can_be_made(page: Page) -> None:
    """But one shows what becomes of a parameter that is not known."""
    for url in (word for command in commands(page) for word in command if word.startswith(REST)):
        path, _, query = url.removeprefix(REST).partition("?")
        route, variables = SERVED.resolve("GET", path)
        binding = route.endpoint
        if binding is not None and "metric=" not in query:
            read_message(binding, variables, query, b"")


@each_page
def test_a_request_over_grpc_can_be_made(page: Page) -> None:
    for command in commands(page):
        for url in (word for word in command if word.startswith(GRPC)):
            request = RPCS[url.removeprefix(GRPC)].request_class()
            Parse(command[command.index("--data") + 1], request)


def is_answer(document: Mapping[str, Any]) -> bool:
    """Whether it is what some RPC answers, or the problem that a call may end with."""
    if "error" in document:
        return bool(ParseDict(document["error"], Status()).message)
    return any(is_a(method.response_class, document) for method in CONTRACT.methods)


def is_a(kind: type[Message], document: Mapping[str, Any]) -> bool:
    try:
        ParseDict(dict(document), kind())
    except ParseError:
        return False
    return True


@pytest.mark.parametrize("example", README.examples("json"))
def test_an_answer_shown_is_one(example: str) -> None:
    assert is_answer(json.loads(example))


def test_the_test_command_is_what_is_checked() -> None:
    told = re.search(r"^## Tests\n\n`make (?P<target>\w+)` runs the tests", README.text, re.MULTILINE)
    checks = re.search(r"^check: (?P<targets>.*?) *(##.*)?$", MAKEFILE, re.MULTILINE)

    assert told is not None
    assert checks is not None
    assert told["target"] in checks["targets"].split()


@each_page
def test_what_is_made_can_be_made(page: Page) -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    shown = {*re.findall(r"`make (\w+)`", page.text), *(c[1] for c in commands(page) if c[:1] == ["make"])}

    assert set() == shown - targets


def flags() -> dict[str, set[str]]:
    """The options of each command of the command line; of the whole, under no name."""
    group: Any = typer.main.get_command(app)
    found = {
        name: {flag for param in command.params for flag in param.opts} for name, command in group.commands.items()
    }
    return {"": {flag for param in group.params for flag in param.opts} | {"--help"}, **found}


@each_page
def test_a_flag_that_is_shown_exists(page: Page) -> None:
    known = flags()
    for command in commands(page):
        if command[0].endswith("analytics-gateway"):
            assert {word for word in command if word.startswith("--")} <= known[command[1]], command
    named = set(re.findall(r"`(?:analytics-gateway )?(?:\w+ )?(--[a-z-]+)[^`]*`", page.text))
    assert set() == named - set().union(*known.values())


def test_every_flag_is_shown() -> None:
    told = "".join(page.text for page in ALL)

    assert set() == {flag for options in flags().values() for flag in options if flag not in told}


@each_page
def test_a_link_leads_somewhere(page: Page) -> None:
    assert [] == [str(target) for target in page.links() if not target.exists()]


@each_page
def test_a_place_that_is_named_exists(page: Page) -> None:
    named = re.findall(r"[`\"]((?:adapters|benchmarks|docs|gateway|proto|tests)/[\w./-]*)[`\" ]", page.text)

    assert [] == [place for place in named if not (ROOT / place).exists()]
