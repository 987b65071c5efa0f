"""Why a run is given up."""


class BenchmarkError(Exception):
    """The run can't be made, or what it measured isn't what it claims. The text is one line, for whoever runs it."""
