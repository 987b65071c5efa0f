"""What the gateway costs: each piece of its work beside a floor that does the least that the same work needs.

`python -m benchmarks` runs them all and prints a table. The load, the floors, the upstreams and the gateway are
processes of their own; floor and gateway take turns, because the machine may be doing other things.
"""
