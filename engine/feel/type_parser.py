"""Type parser: the type after `instance of` and after a parameter's colon (DMN 1.5, rules 50 to 52)."""

from engine.feel.sentences import expecting
from engine.feel.token_reader import TokenReader
from engine.feel.types import ANY, ContextOf, FunctionOf, ListOf, RangeOf, Simple, Type, simple_type


def parse_type(parser: TokenReader, depth: int = 0) -> Type:
    """The type that starts at the current token. Raises `FeelSyntaxError`."""
    if depth > 20:
        raise parser.error(expecting("simpler_type"))
    name = _type_name(parser)
    if parser.at("<"):
        return _generic(parser, name, depth)
    known = parser.types.get(name) or simple_type(name)
    if known is None:
        # A type nobody declared has no values: `instance of` answers false, and the lint reports the name.
        return Simple(name)
    return known


def _type_name(parser: TokenReader) -> str:
    parts = [_word(parser)]
    while parser.accept("."):
        parts.append(_word(parser))
    return ".".join(parts)


def _word(parser: TokenReader) -> str:
    known = parser.names.longest_at(parser.tokens, parser.index)
    if known is not None:
        parser.index += known[1]
        return known[0]
    if parser.token.kind != "name":
        raise parser.error(expecting("type"))
    parser.index += 1
    return parser.tokens[parser.index - 1].text


def _generic(parser: TokenReader, name: str, depth: int) -> Type:
    parser.expect("<")
    match name:
        case "list" | "range":
            item = parse_type(parser, depth + 1)
            parser.expect(">")
            return ListOf(item) if name == "list" else RangeOf(item)
        case "context":
            return _context(parser, depth)
        case "function":
            return _function(parser, depth)
        case _:
            raise parser.error(expecting("generic"))


def _context(parser: TokenReader, depth: int) -> Type:
    entries: list[tuple[str, Type]] = []
    while not parser.at(">"):
        name = _word(parser)
        parser.expect(":")
        entries.append((name, parse_type(parser, depth + 1)))
        if not parser.accept(","):
            break
    parser.expect(">")
    return ContextOf(tuple(entries))


def _function(parser: TokenReader, depth: int) -> Type:
    parameters: list[Type] = []
    while not parser.at(">"):
        parameters.append(parse_type(parser, depth + 1))
        if not parser.accept(","):
            break
    parser.expect(">")
    result = parse_type(parser, depth + 1) if parser.accept("->") else ANY
    return FunctionOf(tuple(parameters), result)
