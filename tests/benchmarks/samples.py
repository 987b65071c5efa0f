"""What tools print, as they printed it."""

H2LOAD = """\
starting benchmark...
spawning thread #0: 16 total client(s). 20000 total requests
Application protocol: http/1.1
progress: 50% done
progress: 100% done

finished in 3.99s, 5006.26 req/s, 733.34KB/s
requests: 20000 total, 20000 started, 20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 20000 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 2.86MB (3000000) total, 2.06MB (2160000) headers (space savings 0.00%), 136.72KB (140000) data
                     min         max         mean         sd        +/- sd
time for request:      253us     12.95ms      3.18ms      1.34ms    82.73%
time for connect:      122us       929us       474us       228us    62.50%
time to 1st byte:     5.43ms      6.73ms      6.06ms       435us    56.25%
req/s           :     313.20      315.21      313.90        0.64    68.75%
"""

H2LOAD_LOG = """\
1795354080656142\t200\t4556
1795354080656134\t200\t4659
1795354080656125\t503\t4798
1795354080656120\t200\t253
"""

METRICS = """\
# HELP analytics_gateway_calls_total Calls that ended, by what they came to
# TYPE analytics_gateway_calls_total counter
analytics_gateway_calls_total{code="OK",method="ListMetrics",transport="grpc"} 7.0
analytics_gateway_calls_total{code="UNAVAILABLE",method="ListMetrics",transport="rest"} 1.0
# HELP analytics_gateway_calls_created Calls that ended, by what they came to
# TYPE analytics_gateway_calls_created gauge
analytics_gateway_calls_created{code="OK",method="ListMetrics",transport="grpc"} 1.795354080656142e+09
# HELP analytics_gateway_source_outcomes_total What sources came to, once per call and part
# TYPE analytics_gateway_source_outcomes_total counter
analytics_gateway_source_outcomes_total{part="metrics",source="crm",state="answered"} 7.0
"""
