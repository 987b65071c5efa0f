"""Single events: page after page from a position on, each once, ahead of the reader, and to an end."""
