"""A SuperOffice source and the simulator that it asks, as the tests handle them."""

import json
from dataclasses import dataclass

from adapters.inquiry import Inquiry
from adapters.query import AccountQuestion, MetricsQuestion, Window
from adapters.simulation import Control
from adapters.superoffice.client import SuperOfficeSource
from adapters.superoffice.metrics import COUNTERS
from tests.clock import START
from unified.analytics.v1.account_pb2 import Account

WINDOW = Window(start=START.replace(hour=0), end=START)


@dataclass(slots=True, kw_only=True)
class Crm:
    """What a test asks, and what the simulator was asked."""

    source: SuperOfficeSource
    control: Control
    inquiry: Inquiry

    async def metrics(self, *wanted: str) -> dict[str, float | None]:
        """The metrics wanted, or all, with None for those without a value."""
        question = MetricsQuestion(window=WINDOW, metrics=frozenset(wanted or COUNTERS))
        rows = await self.source.metrics(question, self.inquiry)
        return {row.metric: row.value if row.HasField("value") else None for row in rows}

    async def account(self, *paths: str) -> Account:
        """The account, or the parts of it that are wanted."""
        return await self.source.account(AccountQuestion(paths=frozenset(paths)), self.inquiry)

    def answers(self, answer: object) -> None:
        """From now on, SuperOffice answers this."""
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.control.rewrite = lambda _: body

    def headers(self) -> dict[str, str]:
        """Those of the last request, by name in lower case."""
        return dict(self.control.requests[-1].headers)

    def drift(self) -> list[str]:
        """The fields that departed."""
        return [field for field, _, _ in self.inquiry.drift]
