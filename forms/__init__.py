"""Forms: JSON Schema 2020-12 + JSON Forms UI schema → fields → page → valid answers. Floor 1: no HTTP, no database,
no clock. What other floors code against (all pure; `now` is an aware UTC datetime; a language is "fr" or "en"):

    form = read_form(schema, ui, translations)   # FormRefused(.findings: document, pointer, rule, message); memoise it
    form.title, form.description, form.pages     # Page(id="vos-coordonnees", title, hint, elements)
    page = form.page("vos-coordonnees")          # PageUnknown
    visible_pages(form, answers), next_page(form, page, answers), previous_page(form, page, answers)   # Page | None
    reopened_pages(form, page, before, after)    # other pages that now ask more than they did

    # A page was posted. pairs: (name, text) of the body in order (Litestar: (await request.form()).multi_items()).
    reading = read(form, page, pairs, answers, language="fr", attachments={id: Attachment(id, name)})
    reading.answers   # earlier answers + this page, hidden ones dropped: save this as the draft, always
    reading.typed     # {input name: [texts]} that could not be read: hand it to page_view (may stay in the draft)
    reading.again     # True: “Add”/“Remove” was pressed or new questions appeared: draw the same page, no errors
    problems = check(form, reading, page=page, now=now, language="fr", sources=sources)  # unreadable + not valid
    problems = validate(form, answers, now=now, language="fr", sources=sources)  # whole form: before filing, API, tasks

    view = page_view(form, page, answers, now=now, language="fr", typed=typed, problems=problems, sources=sources)
    sections = review(form, answers, "fr", sources=sources)   # ReviewSection(page_id, title, rows)

Problem(pointer, field_id, label, message): `say(problem.message, gettext)` names the field and the remedy.
`sources` = {"free_slots": [Choice(value, label, hint, group)]} for controls with option `source`.
`attachments` = what the server received for this draft; other ids are ignored. `attachment_fields(page, answers)` lists
the file inputs and their limits; when a file of input `<pointer>#file` is stored, add the pair (`<pointer>#id`, id).
Computed (option `compute`, FEEL text) and read-only fields are never read from a body: `settle(form, answers,
evaluate)` computes them and drops hidden answers, before page_view and validate; `evaluate(text, answers)` is yours.

Templates: {% from "form/page.html" import form_page with context %}
{% call form_page(view, action=url, autosave=url, upload=url) %} csrf input and buttons {% endcall %}
{% from "form/review.html" import review_list with context %} {{ review_list(sections, change_urls, file_url) }}
They need Jinja's i18n extension (newstyle), `locale/fr/LC_MESSAGES/forms.po`, `form.css`; `form.js` (defer) if wished.
"""

from forms.document import read_form
from forms.elements import Answers, Attachment, Choice, Field, Form, Language, Page
from forms.errors import Finding, FormRefused, FormsError, PageUnknown
from forms.journey import last_page, next_page, previous_page, reopened_pages, visible_pages
from forms.messages import Message, Problem, say
from forms.prefilling import prefilled
from forms.reading import AttachmentField, Reading, attachment_fields, read
from forms.rendering import page_view
from forms.reviewing import ReviewRow, ReviewSection, review
from forms.settling import drop_hidden, settle
from forms.validation import Sources, check, validate

__all__ = [
    "Answers",
    "Attachment",
    "AttachmentField",
    "Choice",
    "Field",
    "Finding",
    "Form",
    "FormRefused",
    "FormsError",
    "Language",
    "Message",
    "Page",
    "PageUnknown",
    "Problem",
    "Reading",
    "ReviewRow",
    "ReviewSection",
    "Sources",
    "attachment_fields",
    "check",
    "drop_hidden",
    "last_page",
    "next_page",
    "page_view",
    "prefilled",
    "previous_page",
    "read",
    "read_form",
    "reopened_pages",
    "review",
    "say",
    "settle",
    "validate",
    "visible_pages",
]
