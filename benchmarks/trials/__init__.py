"""Trials: the whole gateway under trouble, with real processes, and what came of it."""
