"""Where the histograms are cut."""

RPC_SECONDS = (
    *(0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01),
    *(0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8),
    *(1, 2, 5, 10, 20, 50, 100),
)
"""Those of gRFC A66 for durations."""

BYTES = (0, *(1024 * size for size in (1, 2, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304)))
"""Those of gRFC A66 for sizes."""

HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Those of OpenTelemetry's semantic conventions for `http.server.request.duration`."""

OVERHEAD_SECONDS = (
    *(0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05),
    *(0.1, 0.25, 1),
)
"""Close together where an answer at hand lies, and an answer of several sources; the rest tells of overload."""

WAIT_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""From a turn that came soon to the longest time that a call has by default."""

LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
"""From nothing to what every caller feels."""
