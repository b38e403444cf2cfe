"""What every page needs: the visit, guards, protection of forms, language, layout, uploads, problem pages."""
