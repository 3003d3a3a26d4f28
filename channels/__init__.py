"""What faces people: the gateway and its channels. Nothing imports this package."""
