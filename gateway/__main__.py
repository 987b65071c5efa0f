"""`python -m gateway` is `analytics-gateway`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
