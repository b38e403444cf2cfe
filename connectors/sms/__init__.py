"""SMS: writes a short message to a mobile telephone through a supplier's HTTP gateway."""
