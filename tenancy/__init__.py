"""Who asks, for which institution, in which transaction."""
