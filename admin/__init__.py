"""Admin: what administrators see. Floor 6: modelling, publishing, operations, figures. Holds no rule of a case.

The pages are in `admin.routes`; importing this package alone brings no page, so that workers and migrations need none.
"""
