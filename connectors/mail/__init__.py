"""Mail: writes to somebody for a case, by SMTP, from a letter of the bundle."""
