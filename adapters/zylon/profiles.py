"""The fictional people and projects as Zylon describes them, for the simulator: required fields, and optional ones."""

from datetime import UTC, date, datetime, time

from adapters.simulation import Person, Project
from adapters.simulation.chance import digest
from adapters.zylon.workspace import Workspace

Fields = dict[str, object]

_ADMIN_TITLES = {"IT Administrator": "AppAdmin", "Documentation Manager": "AppOwner"}


def identifier(prefix: str, *key: object) -> str:
    """An id in Zylon's form, such as `user_4b7c2a1d9e5f3c8b`."""
    return f"{prefix}_{digest(0, prefix, *key) >> 64:016x}"


ORG_ID = identifier("org", "auroralabs")


def user(person: Person, workspace: Workspace) -> tuple[Fields, Fields]:
    """A `UserDTO`."""
    today = workspace.now().date()
    required: Fields = {
        "id": identifier("user", person.id),
        "org_id": ORG_ID,
        "account_id": identifier("acct", person.id),
        "name": person.name,
        "email": person.email,
        "state": "Active" if person.is_active(today) else "Inactive",
        "roles": [_ADMIN_TITLES.get(person.title, "AppMember")],
        "created_at": _moment(max(person.hired, workspace.adopted), hour=9),
    }
    optional: Fields = {
        "profile_picture": f"/api/v1/account/{person.id}/picture" if person.number % 2 else None,
        "job_position_name": person.title,
        "job_position_description": f"{person.title} in {person.department}" if person.number % 3 else None,
    }
    return required, optional


def project(project: Project, workspace: Workspace) -> tuple[Fields, Fields]:
    """A `ProjectDTO`, without its members."""
    required: Fields = {
        "id": identifier("proj", project.id),
        "name": project.name,
        "visibility": "Private" if project.is_private else "Public",
        "default_member_role": "Editor" if project.number % 2 else "Viewer",
        "default_role_enabled": not project.is_private,
    }
    optional: Fields = {
        "goal": project.goal,
        "deadline": None if project.deadline is None else _moment(project.deadline, hour=0),
        "member_count": len(project.members),
        "project_context": f"Since {max(project.started, workspace.adopted).isoformat()}.",
        "answer_context": "Use approved templates." if project.number % 2 else None,
        "is_pinned": project.number % 5 == 0,
    }
    return required, optional


def members(project: Project) -> list[Fields]:
    """The `ProjectMemberDTO`s, whose form the analytics reference does not tell."""
    return [
        {"user_id": identifier("user", member.id), "name": member.name, "role": "Editor" if place else "Owner"}
        for place, member in enumerate(project.members)
    ]


def _moment(day: date, *, hour: int) -> str:
    return datetime.combine(day, time(hour), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
