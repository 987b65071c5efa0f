"""The settings: the only place that reads a file or the environment.

Nothing is imported here: `server` can be had without `configuration`, which loads the adapters.
"""
