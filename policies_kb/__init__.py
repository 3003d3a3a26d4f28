"""Knowledge about assistance programmes, and the screening of a situation against it."""
