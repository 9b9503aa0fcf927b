"""Texts that something between a person and a screen could take for more than text."""

HOST = "foreign.invalid"
URL = f"http://{HOST}/q"

MARKDOWN = [
    *("*a*", "**a**", "***a***", "_a_", "__a__", "~~a~~", "~a~", "`a`", "``a` b``", "a`b", "` a"),
    *(
        "# a",
        "###### a",
        "- a",
        "+ a",
        "* a",
        "1. a",
        "2) a",
        "1999. a",
        "> a",
        ">> a",
        "| a | b |",
    ),
    *(
        "``` a",
        "~~~ a",
        "```mermaid a",
        "- [ ] a",
        "- [x] a",
        "[ ] a",
        "[^1]",
        "[^1]: a",
        "a\\",
        "\\",
    ),
    *("&amp; a", "&lt;b&gt;", "&#33; &#x21;", "&copy; a", "a  b", "a\\_b", "\\*a\\*", "\\\\ a"),
    *("==a==", "^a^", "a~b~", "++a++", "{.a}", "{#a}", ":::note", "::a[b]", "a|b", "---|--- a"),
]
LINKS = [
    f"![a]({URL})",
    f"![a][b] [b]: {URL}",
    f"[a]({URL})",
    f"[a](<{URL}> 'b')",
    f"[![a]({URL})]({URL})",
    f"a`b ![x]({URL}) <img src={URL}>",
    f"``` ![x]({URL})",
    f"<{URL}>",
    URL,
    f"HTTPS://{HOST.upper()}",
    f"www.{HOST}",
    f"WWW.{HOST}/a?b=c#d",
    f"a@{HOST}",
    f"mailto:a@{HOST}",
    f"xmpp:a@{HOST}/b",
    f"ftp://{HOST}",
    f"//{HOST}/a",
    f"({URL})",
    f"*{URL}*",
    f"{URL}/`a`",
    f"\\{URL}",
    f"a.{URL}",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](vbscript:a)",
    f"[a]: {URL}",
    "javascript:alert(1)",
]
CODES = [
    *(":smile:", ":+1:", ":-1:", "a:smile:b", ":material/home:", ":material_home:", ":streamlit:"),
    *(":red[a]", ":blue-background[a]", ":small[a]", ":gray[]", ":red-badge[a]", ":rainbow[a]"),
    *(":material/a:b", "\\:smile:", "::smile::", ":color[a]{foreground='red'}", ":violet[:red[a]]"),
    *("->", "<-", "<->", "--", ">=", "<=", "~=", "a -> b", "a -- b", "a <-> b >= c", "<-->", "-->"),
]
LATEX = [
    *(
        "$a$",
        "$$a$$",
        "$a_1$ $b$",
        "\\(a\\)",
        "\\[a\\]",
        "$\\text{a}$",
        "\\$a$",
        "${a}",
        "$1 and $2",
    ),
    f"$\\includegraphics{{{URL}}}$",
    f"$\\href{{{URL}}}{{a}}$",
    "$\\unicode{x41}$",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "a & b \\\\ c",
    "%a",
    "a_b^c",
]
HTML = [
    "<b>a</b>",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    f"<img src={URL}>",
    f"<IMG SRC={URL} />",
    f"<iframe src={URL}></iframe>",
    f"<link rel=stylesheet href={URL}>",
    f"<style>@import '{URL}';</style>",
    f"<svg><image href={URL} /></svg>",
    "<svg onload=alert(1)>",
    f"<a href={URL}>a</a>",
    f"<base href={URL}>",
    f"<meta http-equiv=refresh content='0;url={URL}'>",
    f"<object data={URL}></object>",
    f"<video src={URL} autoplay></video>",
    f"<form action={URL}><button>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<math><mtext></mtext></math>",
    "<template><script>alert(1)</script></template>",
    "<!-- a",
    "<!-- a --> b",
    "<![CDATA[a]]>",
    "<?php a ?>",
    "</div></body></html>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<scr<script>ipt>alert(1)</script>",
    "<img/src='x'onerror=alert(1)>",
    "<input onfocus=alert(1) autofocus>",
    "<x onclick=alert(1)>a</x>",
    f"<table background={URL}>",
    f"<div style='background:url({URL})'>",
    f'<p style="behavior:url({URL})">',
]
PROGRAMS = [
    *("{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{a}", "{0}", "{}", "%s", "%(a)s", "{% a %}"),
    *(
        "'; alert(1); '",
        '"; alert(1); "',
        "`${alert(1)}`",
        "');alert(1)//",
        "\\u003cb\\u003e",
        "\\x3cb",
    ),
    *("datum.a", "' + alert(1) + '", "datum['a']", "toString()", "__proto__", "constructor"),
    *(
        "' OR 1=1 --",
        "a\\nb",
        "$(id)",
        "`id`",
        "| id",
        "; id",
        "&& id",
        "../../etc/passwd",
        "a\\..\\b",
    ),
    *(
        "eval(alert(1))",
        "import('a')",
        "None",
        "null",
        "undefined",
        "NaN",
        "true",
        "0",
        "-1",
        "1e999",
    ),
]
FORMULAS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(A1)", "=IMAGE(A1)"),
    *(
        f'=WEBSERVICE("{URL}")',
        f'=IMPORTXML("{URL}","//a")',
        "'=1",
        "\uff1d1+1",
        ";=1",
        ",=1",
        '"=1',
    ),
]
UNICODE = [
    *(
        "日本語：テスト",
        "العربية",
        "שלום",
        "🙂",
        "👩‍👩‍👧",
        "é",
        "ﬁ",
        "İ",
        "ß",
        "\u200ba",
        "a\u200db",
    ),
    *(
        "\ufeffa",
        "a\u00adb",
        "\uff1cscript\uff1e",
        "\u2028a",
        "a\u0301\u0301",
        "𝕒",
        "\ue000",
        "a\u00a0b",
    ),
]
TEXTS = [
    *(*MARKDOWN, *LINKS, *CODES, *LATEX, *HTML, *PROGRAMS, *FORMULAS, *UNICODE),
]


def shown(text: str) -> str:
    """Return what is to be seen of a text: runs of white space become one space.

    A byte order mark cannot be seen, and Markdown leaves it out.
    """
    return " ".join(text.replace("\ufeff", "").split())


def marked(text: str, number: int) -> str:
    """Return a text with an end by which it is found on a page."""
    return " ".join(f"{text} z{number}z".split())
