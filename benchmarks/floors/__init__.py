"""The least that a piece of the gateway's work can cost in Python, each as a process of its own."""
