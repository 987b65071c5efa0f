"""SuperOffice CRM: one snapshot of counters, licence, preferences and version, from `GetAnalyticsData`."""

from adapters import Adapter
from adapters.superoffice.client import open_source
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.simulator import create_simulator

ADAPTER = Adapter(
    kind="superoffice",
    display_name="SuperOffice CRM",
    settings=SuperOfficeSettings,
    open=open_source,
    simulator=create_simulator,
)
