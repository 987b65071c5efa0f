"""Zylon played on loopback: totals, rankings and daily series of the fictional company's organisation.

Where the reference is silent this simulator has to choose: both ends of a window belong to it, rankings go by
interactions, dates that are left out mean all that is kept, a missing `x-org` is 400 and an unknown one 403. The body
of an error says nothing, on purpose.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from adapters.simulation import Control, Person, Project, Simulator, World, simulator
from adapters.zylon import profiles
from adapters.zylon.workspace import Deeds, Workspace

ORG = "auroralabs"
TOKEN = "simulated-zylon-token"  # noqa: S105 - it opens nothing but this simulator

SWITCHES = {
    "unit": ("seconds", "milliseconds"),
    "days": ("gaps", "fill"),
    "optional": ("present", "absent", "null"),
    "members": ("absent", "present"),
}
"""The unit of dates, whether days without anything are left out, and what becomes of fields that are not required."""

_SERIES: Mapping[str, Callable[[Deeds], int]] = {
    "thread": lambda deeds: deeds.threads,
    "interactions": lambda deeds: deeds.interactions,
    "artifact_agent_flow": lambda deeds: deeds.agent_flows,
    "artifact_document": lambda deeds: deeds.documents,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = {"seconds": timedelta(seconds=1), "milliseconds": timedelta(milliseconds=1)}
_KEPT = timedelta(days=365)
_DEFAULT_LIMIT = 5


def create_simulator(world: World) -> Simulator:
    """Zylon, with the organisation of the world's company."""
    control = Control(SWITCHES)
    answers = _Answers(Workspace(world), control)
    analytics = "/api/v1/app/organization/analytics"
    routes = [
        web.get("/api/health", _health),
        web.get("/api/v1/app/me", _guarded(answers.me)),
        web.get(f"{analytics}/totals", _guarded(answers.totals)),
        web.get(f"{analytics}/ranking/active-users", _guarded(answers.active_users)),
        web.get(f"{analytics}/ranking/active-projects", _guarded(answers.active_projects)),
        web.get(f"{analytics}/timeseries", _guarded(answers.timeseries)),
    ]
    source = {"kind": "zylon", "org": ORG, "auth": {"scheme": "bearer", "token": TOKEN}}
    return simulator("zylon", routes, control=control, source=source)


Answer = Callable[[web.Request], object]


def _guarded(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An answer for those who show the token and name the organisation."""

    async def handler(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _refused(web.HTTPUnauthorized)
        if "x-org" not in request.headers:
            raise _refused(web.HTTPBadRequest)
        if request.headers["x-org"] not in {ORG, profiles.ORG_ID}:
            raise _refused(web.HTTPForbidden)
        return web.json_response(answer(request))

    return handler


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok", "uptime": 1, "commit": "simulated"})


class _Answers:
    """What each path answers."""

    def __init__(self, workspace: Workspace, control: Control) -> None:
        self._workspace = workspace
        self._control = control

    def me(self, _request: web.Request) -> object:
        return self._user(self._workspace.company.people[0])

    def totals(self, _request: web.Request) -> object:
        sums = self._sums(_EPOCH, self._workspace.now())
        return {
            "projects_total": len(self._workspace.projects()),
            "threads_total": sums["thread"],
            "interactions_total": sums["interactions"],
            "agent_flows_total": sums["artifact_agent_flow"],
            "uploaded_artifacts_total": sums["artifact_document"],
        }

    def active_users(self, request: web.Request) -> object:
        people = self._workspace.company.people
        ranked = self._ranked(request, lambda deeds: deeds.person.number)
        return [{"user": self._user(people[number])} | measures for number, measures in ranked]

    def active_projects(self, request: web.Request) -> object:
        projects = self._workspace.company.projects
        ranked = self._ranked(request, lambda deeds: None if deeds.project is None else deeds.project.number)
        return [{"project": self._project(projects[number])} | measures for number, measures in ranked]

    def timeseries(self, request: web.Request) -> object:
        count = _SERIES.get(request.query.get("type", ""))
        if count is None or not {"start_date", "end_date"} <= request.query.keys():
            raise _refused(web.HTTPBadRequest)
        window = self._window(request.query)
        days = {day: sum(count(deeds) for deeds in done) for day, done in self._workspace.deeds(*window)}
        fill = self._control.switches["days"] == "fill"
        return [{"date": day.isoformat(), "value": value} for day, value in days.items() if value or fill]

    def _sums(self, start: datetime, end: datetime) -> Counter[str]:
        sums: Counter[str] = Counter()
        for _day, deeds in self._workspace.deeds(start, end):
            for kind, count in _SERIES.items():
                sums[kind] += sum(map(count, deeds))
        return sums

    def _ranked(
        self, request: web.Request, key: Callable[[Deeds], int | None]
    ) -> Sequence[tuple[int, dict[str, object]]]:
        """The subjects with most interactions, by their numbers, with their measures."""
        limit = _whole(request.query.get("limit", str(_DEFAULT_LIMIT)))
        if limit < 1:
            raise _refused(web.HTTPBadRequest)
        interactions: Counter[int] = Counter()
        flows: Counter[int] = Counter()
        for _day, done in self._workspace.deeds(*self._window(request.query)):
            for deeds in done:
                if (number := key(deeds)) is not None:
                    interactions[number] += deeds.interactions
                    flows[number] += deeds.agent_flows
        return [
            (number, {"interactions_created": count, "agent_flows_created": flows[number]})
            for number, count in interactions.most_common(limit)
            if count
        ]

    def _window(self, query: Mapping[str, str]) -> tuple[datetime, datetime]:
        """The first moment, and the one behind the last. What the calendar cannot hold lies after now anyway."""
        now = self._workspace.now()
        tick = _TICK[self._control.switches["unit"]]
        first = _whole(query["start_date"]) if "start_date" in query else (now - _KEPT - _EPOCH) // tick
        last = _whole(query["end_date"]) if "end_date" in query else (now - _EPOCH) // tick
        if first > last:
            raise _refused(web.HTTPBadRequest)
        ahead = (now - _EPOCH) // tick + 1
        return _EPOCH + min(first, ahead) * tick, _EPOCH + min(last + 1, ahead) * tick

    def _user(self, person: Person) -> object:
        return self._with_optional(*profiles.user(person, self._workspace))

    def _project(self, project: Project) -> object:
        required, optional = profiles.project(project, self._workspace)
        members = {"members": profiles.members(project)} if self._control.switches["members"] == "present" else {}
        return self._with_optional(required, optional) | members

    def _with_optional(self, required: dict[str, object], optional: dict[str, object]) -> dict[str, object]:
        match self._control.switches["optional"]:
            case "absent":
                return required
            case "null":
                return required | dict.fromkeys(optional)
            case _:
                return required | {name: value for name, value in optional.items() if value is not None}


def _whole(text: str) -> int:
    """Plain digits. The longest that mean anything are the milliseconds of a far future."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - what 64 bits hold
        raise _refused(web.HTTPBadRequest)
    return int(text)


def _refused(status: type[web.HTTPClientError]) -> web.HTTPClientError:
    return status(text="refused")
