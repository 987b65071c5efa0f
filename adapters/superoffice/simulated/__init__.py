"""What the simulator plays: an Online tenant, where it is, and how one signs in to it."""
