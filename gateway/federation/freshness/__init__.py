"""What was observed is used again: for how long, from where, and by whom; and nothing is asked twice at once."""
