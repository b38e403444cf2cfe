"""Survey: invites the applicant, by mail, to say how it went."""
