"""What decisions must be about, and what they come to, made of evidence, deciding policy and the change under review.

The rules themselves are in `decisions` and `review`, which know nothing of each other; here they are brought together.
"""
