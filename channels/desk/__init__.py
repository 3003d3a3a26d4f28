"""The consultants' desk: its pages, and the interface of other offices' systems (contract §7)."""
