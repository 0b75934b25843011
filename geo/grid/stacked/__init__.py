"""The same ground divided more than once: what is shared, which borders cut, who lives there, what is compared."""
