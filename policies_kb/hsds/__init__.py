"""Resources to and from the tabular form of the Human Services Data Specification 3."""
