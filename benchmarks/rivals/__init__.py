"""What one would take instead of the gateway, each as a process of its own."""
