"""Forms of a procedure's version, read once and kept: the definition holds their sources."""

from collections import OrderedDict

from engine import deployments
from forms import Form, read_form
from web.pages.errors import NotFound

KEPT = 256

_kept: OrderedDict[tuple[str, str], Form] = OrderedDict()


async def form_of(definition_hash: str, form_id: str) -> Form:
    """The form of this name in this version. Raises `NotFound`."""
    key = (definition_hash, form_id)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    definition = await deployments.definition_of(definition_hash)
    source = definition.forms.get(form_id)
    if source is None:
        raise NotFound
    form = read_form(source.schema, source.ui, source.translations)
    _kept[key] = form
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return form
