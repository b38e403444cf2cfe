"""Limits of FEEL: what a hostile or mistaken expression may cost. Only numbers; who enforces each is named beside
it."""

TEXT_LENGTH = 10_000  # lexer: characters of one expression
NESTING = 60  # parser: brackets, ifs and functions inside one another
TREE_DEPTH = 220  # compiler: depth of the syntax tree, chains of operators included
STEPS = 300_000  # Run.spend: turns of loops, items visited by built-in functions, calls
SECONDS = 0.12  # Run.spend: processor time of one evaluation, whatever its steps cost
STEPS_PER_LOOK = 1_000  # Run.spend: steps between two looks at the clock
STEPS_PER_CALL = 10  # invoke: a call costs as much as ten turns of a loop
STEPS_PER_COMPARISON = 6  # sort: what asking a function which item comes first costs, besides its body
STEPS_PER_FILTER = 3  # filters: what one costs besides its items, as those of short lists inside one another
STEPS_PER_FUNCTION = 8  # function definitions: a function costs more memory than a number
STEPS_PER_TEMPORAL = 5  # arithmetic: what computing with dates and durations costs
PARTS_PER_STEP = 4  # bodies of loops, filters and functions: parts that cost as much as one turn
PARTS_UNCOUNTED = 40  # filters: one with a longer condition has its steps counted
STEPS_PER_DECISION = 1_000  # decide: a decision asked costs this, and what its own expressions cost
PARTIAL_PER_STEP = 8  # loops that read `partial`: items copied for the cost of one turn
CALL_DEPTH = 60  # Function.call: user functions calling one another
LIST_LENGTH = 100_000  # loops, concatenations, ranges
STRING_LENGTH = 200_000  # concatenation, replace, join
CHARACTERS_PER_STEP = 32  # how much text costs as much as one turn of a loop
NAME_LENGTH = 60  # names: words and signs of one name
VALUES = 150_000  # storable, to_json: values within the value that leaves an expression
PATTERN_LENGTH = 1_000  # regular expressions
PATTERN_ATOMS = 20_000  # regular expressions: with every quantity written out
PATTERN_SECONDS = 0.05
DIGITS = 34  # decimal128
INTEGER_BOUND = 10**DIGITS
