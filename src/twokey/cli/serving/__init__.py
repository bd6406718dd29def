"""The review page served on this machine: its grades, what the approver is shown, and the signature."""
