"""What the simulators of all upstreams share: one fictional company, faults on demand, and a server on loopback."""

from adapters.simulation.company import Company, Document, Person, Project
from adapters.simulation.control import Control, Received
from adapters.simulation.faults import Fault
from adapters.simulation.server import Simulator, serve, simulator
from adapters.simulation.world import World, create_world

__all__ = [
    "Company",
    "Control",
    "Document",
    "Fault",
    "Person",
    "Project",
    "Received",
    "Simulator",
    "World",
    "create_world",
    "serve",
    "simulator",
]
