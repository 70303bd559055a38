"""More than 120 texts that run a script where a page forgets to escape: `X()` sets the canary."""

from itertools import product

TAGS = (
    "<script>X()</script>", "<img src=x onerror=X()>", "<svg onload=X()>", "<svg><script>X()</script></svg>",
    "<body onload=X()>", "<iframe srcdoc='<script>parent.X()</script>'>", "<details open ontoggle=X()>",
    "<input autofocus onfocus=X()>", "<video src=x onerror=X()>", "<audio src=x onerror=X()>",
    "<marquee onstart=X()>", "<style onload=X()></style>",
    "<math><mi href='javascript:X()'>m</mi></math>",
    "<object data='javascript:X()'></object>", "<embed src='javascript:X()'>", "<div hx-on:load='X()'>",
    "<div hx-get='/x' hx-trigger='load' hx-on::after-request='X()'>",
    "<svg><animate onbegin=X() attributeName=x dur=1s>",
    "<template><script>X()</script></template>", "<noscript><img src=x onerror=X()></noscript>",
)  # fmt: skip
OUT_OF = ("", "'>", '">', "</textarea>", "</title>", "</script>", "-->", "</option></select>")
ATTRIBUTES = (
    "' onmouseover='X()' x='", '" onmouseover="X()" autofocus onfocus="X()" x="', "` onload=X() x=`",
    "javascript:X()", "JaVaScRiPt:X()", "java\tscript:X()", "data:text/html,<script>X()</script>",
    "{{constructor.constructor('X()')()}}", "${X()}", "{{7*7}}{% raw %}", "';X();//", '";X();//', "\\';X();//",
    "</script><script>X()</script>", "&lt;img src=x onerror=X()&gt;", "&#60;script&#62;X()&#60;/script&#62;",
    "\u2028X()", "<a href=javascript:X()>a</a>", "<<script>X()//<</script>",
)  # fmt: skip
PAYLOADS = tuple(dict.fromkeys([out + tag for out, tag in product(OUT_OF, TAGS)] + list(ATTRIBUTES)))
ALL = " ".join(PAYLOADS)
