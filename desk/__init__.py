"""Desk: what surrounds a case (drafts, attachments, exchanges, bookings, surveys...). Floor 3: verbs, one
transaction each."""
