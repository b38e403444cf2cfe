"""Address: looks an address up in the national address base."""
