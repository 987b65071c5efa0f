"""For how long an observation is fresh. No I/O."""

import math
from datetime import datetime, timedelta

from adapters.query import AccountQuestion, EventsQuestion, MetricsQuestion, Window
from adapters.settings.freshness import FreshnessSettings
from gateway.federation.asks import Ask, CheckQuestion


def fresh_for(ask: Ask, observe_time: datetime) -> float:
    """Seconds from its observation on, by the policy of the source and by what it was asked."""
    policy = ask.source.freshness
    match ask.question:
        case MetricsQuestion(metrics=metrics, window=window):
            levels = ask.source.level_metrics
            of_now = math.inf if metrics.isdisjoint(levels) else policy.totals
            return of_now if metrics <= levels else min(of_now, _of_window(policy, window, observe_time))
        case CheckQuestion():
            return 0.0
        case AccountQuestion():
            return policy.accounts
        case EventsQuestion():
            return policy.events
        case question:
            return _of_window(policy, question.window, observe_time)


def _of_window(policy: FreshnessSettings, window: Window, observe_time: datetime) -> float:
    is_over = window.end <= observe_time - timedelta(seconds=policy.settling)
    return policy.closed_window if is_over else policy.open_window
