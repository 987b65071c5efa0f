"""Events counted by name and period: what is asked of `event-counts`, and what becomes of its answers."""
