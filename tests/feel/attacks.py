"""Attacks: what somebody who may write expressions could write to reach the host, or to keep it busy. Data of tests."""

from tests.feel.test_limits import HOSTILE

# Reaching for Python, its modules and the machine.
REACHING = [
    '__import__("os").system("id")',
    "().__class__.__bases__[1].__subclasses__()",
    '"{0.__class__.__init__.__globals__}"',
    'getattr(1, "__class__")',
    "(function(x) x).__globals__",
    "(function(x) x).call",
    'open("/etc/passwd")',
    'eval("1 + 1")',
    'exec("x = 1")',
    "globals()",
    "locals()",
    "os.environ",
    "sys.modules",
    "answers.__class__.__mro__",
    "answers.get",
    "answers.keys()",
    'answers["__class__"]',
    'get value(answers, "__class__")',
    '{"__class__": 1}.__class__',
    'function(x) external {java: {class: "java.lang.Runtime", method signature: "exec(java.lang.String)"}}',
    '{f: function(c) external {java: {class: "java.lang.System", method signature: "getenv(s)"}}, r: f("PATH")}.r',
    '@"file:///etc/passwd"',
    "string(function(x) x)",
    '"\\u0000feel"',
    '{"\\u0000feel": ["number", "1"]}',
    "[1, 2, 3].append",
    "today.__init__",
    "now().__reduce__",
    'date("2026-11-24").ctime()',
    'replace("a", "a", "\\\\g<0>{0.__class__}")',
    "sort([3, 1], function(a, b) a.__lt__(b))",
    'matches("a", "(?{print(1)})")',
    'matches("a", "(?P<n>a)(?&n)")',
    'matches("aa", "(?R)?a")',
]
# Keeping the machine busy, or full.
BURNING = [
    "9 ** 9 ** 9 ** 9",
    "exp(1000000)",
    "2 ** 999999999",
    "9999999999 ** 0.0000001 ** -99999",
    "factorial(100000)",
    "for i in 1..100000 return for j in 1..100000 return i * j",
    "for i in -1000000000..1000000000 return i",
    "some i in 1..90000, j in 1..90000 satisfies i + j < 0",
    "count(for i in 1..99999 return string(i))",
    "{a: [1..90000], b: for i in a return a}",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(50)}.r",
    "{f: function(n) [f(n), f(n)], r: f(1)}.r",
    "{f: function(l) f(concatenate(l, l)), r: f([1])}.r",
    '{f: function(s) f(s + s), r: f("aaaaaaaaaaaaaaaa")}.r',
    "for i in 1..90000 return partial",
    "flatten(for i in 1..1000 return for j in 1..1000 return j)",
    "union(for i in 1..50000 return i, for i in 1..50000 return -i)",
    "distinct values(for i in 1..99999 return i)",
    "index of(for i in 1..99999 return 1, 1)",
    'string join(for i in 1..99999 return "aaaaaaaaaaaaaaaaaaaa")',
    "mode(for i in 1..99999 return i)",
    "stddev(for i in 1..99999 return i * 10 ** 30)",
    "median(for i in 1..99999 return modulo(i * 7919, 99999))",
    'matches("' + "a" * 60 + '!", "^(([a-z])+.)+[A-Z]([a-z])+$")',
    'matches("' + "x" * 3000 + '", "(x+x+)+y")',
    'matches("' + "a" * 2000 + '", "(a|a?)+\\\\1b")',
    'matches("a", "' + "(" * 400 + "a" + ")" * 400 + '")',
    'matches("a", "a{1,99999999}")',
    'matches("a", "((((a{1,99}){1,99}){1,99}){1,99}){1,99}")',
    'replace("' + "ab" * 4000 + '", "(a)(b)", "$1$1$2$2$1$1$2$2$1$1$2$2")',
    'split("' + ";" * 15000 + '", ";")',
    '"' + "\\\\" * 9000 + '"',
    "[[[[" * 14 + "1" + "]]]]" * 14,
    "{a: " * 55 + "1" + "}" * 55,
    "not(" * 55 + "true" + ")" * 55,
    "if a then b else " * 55 + "c",
    "-" * 55 + "1",
    "x." * 5000 + "y",
    "1 in (" + ", ".join(["1"] * 5000) + ")",
    'date and time("999999999-12-31T23:59:59") + duration("P999999999D")',
    'duration("P999999999Y") + duration("P999999999Y")',
    "decimal(1 / 3, 6000)",
    "1e6144 * 10",
    "1e-6143 / 10",
    'range("[1..99999999999999]")',
    "every i in [1..99999999] satisfies i > 0",
]


def _nested(text: str, depth: int) -> str:
    """The text, with itself in the place of its `_`."""
    found = "1"
    for _ in range(depth):
        found = text.replace("_", found)
    return found


# Making the parser read the same text again and again.
READING = [
    _nested("1 in (_)[1]", 28),
    _nested("1 in (_..2)", 28),
    _nested("1 in (_) + 1", 28),
    _nested("not(_", 28),
    "not(" + _nested("1 in (_)[1]", 26) + ") and 1",
    _nested("f(a: _)", 28),
    _nested("{a: _}.a", 28),
    _nested("[_..2]", 28),
    _nested("(_)[1]", 55),
    _nested("1 between _ and 2", 55),
]
ATTACKS = [*HOSTILE, *READING, *REACHING, *BURNING]
