"""What people look at and what they find: selection, packet, grades, and what the grades allow to claim."""
