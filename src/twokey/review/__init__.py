"""The review bundle: what people look at, what they say of it, what it comes to, and the packet that they decide on."""

MAY_HOLD = (
    "items may hold personal data: detectors hid what they recognise; names, and values that are encoded or disguised,"
    " may still be there"
)
"""What whoever is shown items, or is sent them, is told."""

REVIEW = "review"
"""The name of the review among the gates: its selection when judged, its grades when concluded."""

LOW, DOUBTED, HIGH, FLIPPED, AUDITED = "low-confidence", "second-opinion", "impact", "flip", "audit"
"""The strata of the items, by why each is shown."""
