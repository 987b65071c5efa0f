"""What the simulator plays: a portal on which a million events may have happened, and none is kept."""
