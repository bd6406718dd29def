"""What the machine found: the manifest, the layout of its directory, and how it is written and read."""
