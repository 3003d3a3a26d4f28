"""The screening's inside: what is known and what it means, as one plan, and the plan carried out for one resident."""
