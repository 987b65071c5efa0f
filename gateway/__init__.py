"""One analytics service over several upstreams, on gRPC and REST."""
