"""The reference pages of connectors, made from their templates: `python -m tests.connectors.reference` writes them."""

from pathlib import Path

from connectors.catalogue import Field, Input, Template, load_catalogue

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "connectors"
TYPES = {"String": "texte", "Text": "texte long", "Number": "nombre", "Boolean": "oui ou non", "Dropdown": "choix"}


def page_of(template: Template, owner: Template | None) -> str:
    """The page of one connector, in French like its panel in the editor."""
    parts = [f"# {template.name} (`{template.job_type}`)\n\n{template.description}"]
    if template.beyond.about:
        parts.append(template.beyond.about)
    if template.inputs:
        parts.append("## Ce que l’élément donne\n\n" + table("entrée", [input_row(each) for each in template.inputs]))
    if template.beyond.outputs:
        parts.append(f"## Ce qu’il rend\n\n`{template.beyond.outputs}`")
    if template.beyond.errors:
        rows = [f"| `{each.code}` | {each.means} |" for each in template.beyond.errors]
        parts.append("## Cas d’exception\n\n| code | quand |\n|---|---|\n" + "\n".join(rows))
    parts += connection_of(template, owner)
    made = "Page faite à partir de `connectors/{}/template.json` par `python -m tests.connectors.reference`."
    return "\n\n".join(parts) + f"\n\n_{made.format(template.id.partition('.')[2])}_\n"


def connection_of(template: Template, owner: Template | None) -> list[str]:
    """Its connection: the fields, or whose it shares."""
    part = template.connection
    if part is None:
        return []
    default = f" Connexion habituelle : `{part.default}`." if part.default else ""
    if not part.fields:
        name = owner.name if owner else part.kind
        return [f"## Connexion\n\nCelle du connecteur « {name} » (`{part.kind}`).{default}"]
    fields = table("champ", [field_row(each) for each in part.fields])
    return ["## Connexion\n\n" + fields, *([default.strip()] if default else [])]


def table(first: str, rows: list[str]) -> str:
    """A table of rows."""
    return f"| {first} | | |\n|---|---|---|\n" + "\n".join(rows)


def input_row(given: Input) -> str:
    """One input."""
    choices = "Choix : " + ", ".join(f"`{each}`" for each in given.choices) + "." if given.choices else ""
    said = [given.description, choices, f"Au départ : `{given.default}`." if given.default else ""]
    return f"| `{given.name}` | {given.label}{', obligatoire' if given.required else ''} | {joined(said)} |"


def field_row(field: Field) -> str:
    """One field of the connection."""
    kind = "secret, chiffré" if field.secret else TYPES[field.type]
    choices = ", ".join(f"`{each['value']}` ({each['name']})" for each in field.choices)
    value = str(field.value).lower() if field.type == "Boolean" else field.value
    default = "" if field.value is None else f"Au départ : `{value}`."
    must = f"{kind}{', obligatoire' if field.required else ''}."
    said = [must, field.description, choices and f"Choix : {choices}.", default]
    return f"| `{field.name}` | {field.label} | {joined(said)} |"


def joined(said: list[str]) -> str:
    """Sentences that have something to say, in one cell."""
    return " ".join(each.replace("|", "\\|") for each in said if each)


def pages() -> dict[str, str]:
    """File name → page."""
    catalogue = load_catalogue()
    templates = {each.id: each for each in [*catalogue.templates.values(), *catalogue.kinds.values()]}
    return {f"{each.id.partition('.')[2]}.md": page_of(each, templates.get(each.kind)) for each in templates.values()}


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, "utf-8")
