"""The typed shape of gates.yaml and its loading, with the place of every problem. Nothing is opened or decided here."""
