"""Limits of FEEL: what a hostile or mistaken expression may cost. Only numbers; who enforces each is named beside
it."""

TEXT_LENGTH = 20_000  # lexer: characters of one expression
NESTING = 60  # parser: brackets, ifs and functions inside one another
TREE_DEPTH = 220  # compiler: depth of the syntax tree, chains of operators included
STEPS = 300_000  # Run.spend: turns of loops, items visited by built-in functions, calls
STEPS_PER_CALL = 10  # invoke: a call costs as much as ten turns of a loop
STEPS_PER_DECISION = 1_000  # decide: a decision asked costs this, and what its own expressions cost
PARTIAL_PER_STEP = 8  # loops that read `partial`: items copied for the cost of one turn
CALL_DEPTH = 60  # Function.call: user functions calling one another
LIST_LENGTH = 100_000  # loops, concatenations, ranges
STRING_LENGTH = 200_000  # concatenation, replace, join
CHARACTERS_PER_STEP = 64  # how much text costs as much as one turn of a loop
PATTERN_LENGTH = 1_000  # regular expressions
PATTERN_SECONDS = 0.05
DIGITS = 34  # decimal128
INTEGER_BOUND = 10**DIGITS
