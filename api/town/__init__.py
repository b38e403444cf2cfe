"""Town: what only a town has, for other systems (`/api`): procedures, forms, drafts, submissions, follow-up, bookings,
surveys, figures. The verbs are the desk's, the same as the pages'.
"""
