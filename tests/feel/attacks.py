"""Attacks: what somebody who may write expressions could write to reach the host, or to keep it busy. Data of tests."""

from engine.feel import limits
from tests.feel.test_limits import HOSTILE


def _full(part: str, room: int = 500) -> str:
    """A part again and again, as often as a text may hold it besides `room` other characters."""
    return part * ((limits.TEXT_LENGTH - room) // len(part))


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
    'replace("' + _full("ab") + '", "(a)(b)", "$1$1$2$2$1$1$2$2$1$1$2$2")',
    'split("' + _full(";") + '", ";")',
    '"' + _full("\\\\") + '"',
    "[[[[" * 14 + "1" + "]]]]" * 14,
    "{a: " * 55 + "1" + "}" * 55,
    "not(" * 55 + "true" + ")" * 55,
    "if a then b else " * 55 + "c",
    "-" * 55 + "1",
    _full("x.") + "y",
    "1 in (" + _full("1, ") + "1" + ")",
    'date and time("999999999-12-31T23:59:59") + duration("P999999999D")',
    'duration("P999999999Y") + duration("P999999999Y")',
    "decimal(1 / 3, 6000)",
    "1e6144 * 10",
    "1e-6143 / 10",
    'range("[1..99999999999999]")',
    "every i in [1..99999999] satisfies i > 0",
    "for i in 1..90000 return i" + "+i" * 200,
    "for i in 1..90000 return [i" + _full(",i") + "]",
    "for i in 1..90000 return {" + ",".join(f"a{n}: i" for n in range(1000)) + "}",
    "some i in 1..90000 satisfies i < 0" + _full(" or i < 0"),
    "(for i in 1..90000 return i)[item < 0" + _full(" or item < 0") + "]",
    "{f: function(n) [n" + _full(",n") + "], r: for i in 1..90000 return f(i)}.r",
    "{a: for i in 1..60000 return i ** 7 / (i + 1) - i ** 6, r: sort(a)}.r",
    "sort(for i in 1..90000 return (i - 45000) * (i - 45000))",
    "sort(for i in 1..9000 return i * (9000 - i), function(a, b) a < b)",
    'replace("' + "a" * 4000 + '", "(a)", "' + "$1" * 2500 + '")',
    "for i in 1..90000 return 1.000000001 ** (i * 1.1)",
    'for i in 1..90000 return date(2026, 1, 1) + duration("P1D") * i',
    'for i in 1..90000 return @"2026-11-24T09:00:00@Europe/Paris" + @"PT1H" * i',
    'for i in 1..90000 return matches("aaaaaaaaaaaaaaaaaaaaaaaa" + string(i), "(a|aa)+\\\\1$")',
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


def _twice(rest: str) -> str:
    """A value that holds another twice, which does so too, and so on: written out, more than the world holds."""
    return "{a0: [1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 50)) + f", r: {rest}}}.r"


def _long(rest: str) -> str:
    """A text of 144,000 characters, `s`, and two others, `t` and `u`."""
    return f'{{a: "{"x" * 9000}", b: a+a+a+a, s: b+b+b+b, t: s+"t", u: s+"u", r: {rest}}}.r'


def _wide(rest: str) -> str:
    """A context of 900 entries, `c`."""
    return "{c: {" + ", ".join(f"a{n}: 1" for n in range(900)) + f"}}, r: {rest}}}.r"


# Values that are cheap to write and dear to look at.
HOLDING = [
    *map(_twice, ["a49", "a49 = a49", "a49 in (a49)", "string(a49)", "flatten(a49)", "a49.b", "a49[item = a49]"]),
    _twice("a49 instance of " + "list<" * 19 + "number" + ">" * 19),
    _twice("distinct values([a49, a49])"),
    _twice("index of([a49, a49], a49)"),
    _twice("list contains([a49], a49)"),
    _twice("{f: function(x: list<list<list<number>>>) 1, r: f(a49)}.r"),
    _twice("list replace([a49, a49], function(x, y) x = y, 1)"),
    _twice("for i in 1..90000 return a9"),
    *(
        _long(f"for i in 1..90000 return {each}")
        for each in ("upper case(s)", 's + "a"', "t < u", "substring(s, 2)", 'contains(s, "y")', 'split(s, "x")')
    ),
    _long('for i in 1..90000 return replace(s, "x", "y")'),
    _long("max(for i in 1..90000 return if i < 45000 then t else u)"),
    _long("sort(for i in 1..90000 return if even(i) then t else u)"),
    _long("distinct values(for i in 1..90000 return if even(i) then t else u)"),
    '{a: "' + _full("😀") + '", b: a+a+a+a+a+a+a+a, r: for i in 1..90000 return b + string(i)}.r',
    _wide("for i in 1..90000 return get entries(c)"),
    _wide('for i in 1..90000 return context put(c, "b", 1)'),
    _wide("{b: for i in 1..90000 return c, r: b[item.z = 1]}.r"),
    _wide("for i in 1..90000 return context merge([c, c])"),
    *(
        f"for i in 1..90000 return [{_full(each + ', ')}{each}]"
        for each in ("[i/3..i/7]", "{}", "[]", "function() i", "i / 3", "now()", "{a: i / 3}")
    ),
    "[" + _full("1.1 ** -999.1, ") + "1]",
    "{" + ", ".join(f"a {n}: a {n - 1}" for n in range(700)) + "}",
    "function(" + ", ".join(f"a {n}" for n in range(1300)) + ") 1",
    "for " + ", ".join(f"a{n} in 1" for n in range(850)) + " return a1",
    "{" + "a+" * 2300 + "b: 1, c: " + "a+" * 2300 + "a}",
    "a in (" + _full("a,") + "a)",
    "f(" + _full("a,") + "a)",
    'for i in 1..9000 return matches("a", "(a|b|c|d|e|f|g|h)*" + string(i))',
    'for i in 1..9000 return matches("' + "a" * 900 + 'b", "(a|aa)+\\1$" + string(i))',
    'matches("a", "' + "(a{1,30}" * 30 + "){1,30}" * 30 + '")',
    'matches("a", "(a)' + "(\\1{1,999})" * 70 + '")',
    'matches("a", "' + "[\\w\\W\\c]{9}" * 50 + '", "i")',
    'matches("a", "' + "[\\i-[" * 110 + "a" + "]]" * 110 + '")',
]
ATTACKS = [*HOSTILE, *READING, *REACHING, *BURNING, *HOLDING]


def _power(base: str, depth: int) -> str:
    return "\n".join([f"x = {base}", *["x = x + x"] * depth])


# The same in Python, for script tasks.
PYTHON = [
    'import os\nx = os.popen("id").read()',
    'x = open("/etc/passwd").read()',
    'from pathlib import Path\nx = Path("/etc/passwd").read_text()',
    'x = __import__("subprocess").run(["id"])',
    "import socket\nx = socket.socket()",
    'import urllib.request\nx = urllib.request.urlopen("http://127.0.0.1/")',
    "import ctypes\nx = ctypes.string_at(0)",
    "import sys\nx = sys.modules",
    "x = ().__class__.__bases__[0].__subclasses__()",
    "x = (lambda: 0).__globals__",
    "def f(): pass\nx = f.__code__",
    'x = "{0.__class__.__init__.__globals__}".format(answers)',
    'x = getattr(answers, "__class__")',
    'x = eval("1 + 1")',
    'exec("x = 1")',
    'x = compile("1", "a", "eval")',
    "x = globals()",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e.__traceback__.tb_frame",
    "answers['list'] = answers\nx = answers",
    "x = []\nx.append(x)",
    "x = lambda: 1",
    "x = b'bytes'",
    "import asyncio\nasyncio.run(asyncio.sleep(99))",
    "import time\ntime.sleep(99)",
    "while True: pass",
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "while True: print('a' * 10000)",
    "x = 9**9**9",
    "x = 1 << 10**9",
    "x = (10**4000)**4000",
    'x = int("9" * 100000)',
    "x = 7**20000\nx = str(x) * 1000",
    'x = "a" * 10**10',
    'x = "a" * 2000000',
    _power('"a" * 1000', 40),
    _power("[1] * 1000", 40),
    "x = [[0] * 10**4 for _ in range(10**4)]",
    "x = list(range(10**9))",
    "x = {i: str(i) for i in range(10**7)}",
    "x = sum(i * j for i in range(10**5) for j in range(10**5))",
    "x = sorted(range(10**6), key=lambda i: -i)",
    "x = '%1000000000d' % 1",
    "x = f'{1:>1000000000}'",
    'x = ("a" * 10**6).replace("a", "b" * 10**6)',
    'x = ",".join("a" for _ in range(10**8))',
    'import re\nx = re.match("(a+)+$", "a" * 40 + "b")',
    'import re\nx = re.match("(a|a?)+$", "a" * 5000 + "b")',
    'import json\nx = json.loads("[" * 100000)',
    "def f(n): return f(n + 1)\nx = f(0)",
    "def f(n): return f(n - 1) + f(n - 1) if n else 1\nx = f(90)",
    "x = [g.gi_frame for g in [(y for y in [1])]]",
    'import os\nx = os.environ.get("PATH")',
    "import random\nx = random.random()",
    "from datetime import datetime\nx = str(datetime.now())",
    "class A:\n    x = 1\nx = A().x",
    "match 1:\n    case 1: x = 2",
    "x = [0] * 10**10",
    "x = []\nfor i in range(10**7): x.append([i] * 100)",
    "x = str(10**100000)",
    "x = sum(range(10**10))",
    "x = sorted(range(10**8))",
    'print("x" * 10**8)',
    "x = 1\nfor i in range(1, 10**6): x *= i",
    "x = []\nfor _ in range(100000): x = [x]",
    "x = [1]\nfor _ in range(50): x = [x, x]",
    "x = {}\nfor n in range(50): x = {'a': x, 'b': x}",
    "x = " + "(" * 5000 + "1" + ")" * 5000,
    "x = " + "-" * 15000 + "1",
    "x = 1" + "+1" * 9000,
    "x = " + "[" * 90 + "1" + "]" * 90,
    "x = 1\n" * 3000,
    "\n".join("  " * n + "if True:" for n in range(99)) + "\n" + "  " * 99 + "x = 1",
    "a" * 25000,
    "x = '\x00'",
    "raise SystemExit",
    "raise KeyboardInterrupt",
    "this is not Python",
]
