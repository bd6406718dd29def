"""Where policy comes from and which repository this is: protected reads and the host's facts."""
