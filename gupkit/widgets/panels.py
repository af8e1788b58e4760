"""The explorer's words as HTML: what is said about a place, the call, the events around it, and the style of it all.

Colours come from JupyterLab's theme; nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..film.call import Call
from ..film.view import Row, View

STYLE = """<style>
.gk-explorer{font-family:var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-content-font-color0,CanvasText)}
.gk-explorer .widget-html-content{line-height:1.45}
.gk-explorer .gk-name{font-size:1.25em;font-weight:600;margin:0}
.gk-explorer .gk-detail{font-size:.72em;font-weight:400;white-space:nowrap}
.gk-explorer .gk-about{margin:.2em 0;max-width:75ch}
.gk-explorer .gk-wide{max-width:120ch}
.gk-explorer .gk-line{border:1px solid currentColor;border-left-width:6px;padding:.4em .7em;font-size:1.05em;
 min-height:5.2em}
.gk-explorer .gk-line .gk-where{font-weight:600}
.gk-explorer .gk-small{font-size:.92em}
.gk-explorer .gk-message{font-style:italic}
.gk-explorer table.gk-call{border-collapse:collapse;width:100%;margin:0}
.gk-explorer table.gk-call caption,.gk-explorer .gk-head{text-align:left;font-weight:600;padding:.3em 0;margin:0}
.gk-explorer table.gk-call th,.gk-explorer table.gk-call td{text-align:left;vertical-align:top;background:none;
 border-top:1px solid #767676;padding:.2em .5em .2em 0;white-space:normal}
.gk-explorer table.gk-call th{font-weight:600;white-space:nowrap;font-family:var(--jp-code-font-family,monospace)}
.gk-explorer table.gk-call tr:first-child th{white-space:normal}
.gk-explorer table.gk-call ul{list-style:none;margin:0;padding:0}
.gk-explorer ol.gk-list{margin:0;padding-left:3.2em}
.gk-explorer ol.gk-list li{padding:.12em .4em;border:2px solid transparent;overflow-wrap:anywhere}
.gk-explorer ol.gk-list li[aria-current]{border-color:currentColor;font-weight:600}
.gk-explorer ol.gk-list li.gk-inside{margin-left:1.6em}
.gk-explorer .gk-rows{margin:0;padding-left:2.2em;font-family:var(--jp-code-font-family,monospace)}
.gk-explorer .gk-rows span{white-space:nowrap}
.gk-explorer .widget-button,.gk-explorer .widget-toggle-button{height:auto;min-height:32px}
.gk-explorer .widget-toggle-button.mod-active{outline:2px solid currentColor;outline-offset:-3px}
</style>"""
"""One style sheet; every rule stays inside ``.gk-explorer``."""


def title(name: str, about: str, detail: str = "") -> str:
    """The head of the explorer; ``about`` is folded away until it is asked for, ``detail`` stands beside the name."""
    aside = f' <span class="gk-detail">{escape(detail)}</span>' if detail else ""
    head = f'<p class="gk-name">{escape(name)}{aside}</p>'
    if not about.strip():
        return head
    return f'{head}<details class="gk-about"><summary>What this is about</summary>{_paragraphs(about)}</details>'


def _paragraphs(text: str) -> str:
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def say(view: View, message: str = "") -> str:
    """Where the reader stands and what has just happened: the line that a screen reader speaks by itself."""
    where = f"Event {view.place} of {view.last}. {view.heading}."
    parts = [
        f'<span class="gk-where">{escape(where)}</span>',
        escape(view.sentence),
        f'<span class="gk-small">{escape(view.changes)}</span>',
    ]
    if message:
        parts.insert(0, f'<span class="gk-message">{escape(message)}</span>')
    if view.problem:
        parts.append(f"<b>The run ended early: {escape(view.problem)}</b>")
    return f'<div class="gk-line" role="status" aria-live="polite" aria-atomic="true">{"<br>".join(parts)}</div>'


def note(view: View) -> str:
    """What the scenario's author remarks on the step; empty where nothing is."""
    return f'<p class="gk-about"><b>Note:</b> {escape(view.note)}</p>' if view.note else ""


def facts(view: View) -> str:
    """The call, the locks and what the debug layer reported, as one table."""
    rows = [*_call_rows(view.call), *((f"mmap_sem of {name}", escape(words)) for name, words in view.locks)]
    if view.reports:
        rows.append(("reports", _list(view.reports)))
    body = "".join(f'<tr><th scope="row">{escape(head)}</th><td>{cell}</td></tr>' for head, cell in rows)
    caption = f"{view.call.function}: {view.call.state}" if view.call else "Locks"
    return f'<table class="gk-call"><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>'


def _call_rows(call: Call | None) -> list[tuple[str, str]]:
    if call is None:
        return []
    return [
        ("returns", escape(call.returned)),
        ("gup_flags", escape(call.flags)),
        ("*nonblocking", escape(call.nonblocking)),
        ("pages[]", _list(call.pages)),
        ("vmas[]", _list(call.vmas)),
        ("faults", _list(call.faults)),
    ]


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def events(rows: Iterable[Row]) -> str:
    """The events around the current one, which is framed, bold and marked as such."""
    rows = list(rows)
    if not rows:
        return ""
    lines = "".join(map(_event, rows))
    return f'<p class="gk-head">What happens around here</p><ol class="gk-list" start="{rows[0].number}">{lines}</ol>'


_SIGNS = {"waits": "‖ ", "wakes": "» ", "bug": "✗ "}


def _event(row: Row) -> str:
    current = ' aria-current="step"' if row.current else ""
    inside = ' class="gk-inside"' if row.depth else ""
    mark = "▶ " if row.current else ""
    return f"<li{current}{inside}>{mark}{_SIGNS.get(row.kind, '')}{escape(row.text)}</li>"


def hint(text: str) -> str:
    """A sentence of advice below a control."""
    return f'<p class="gk-about gk-small gk-wide">{escape(text)}</p>' if text else ""


def alert(text: str) -> str:
    """What went wrong, as the reader is told."""
    return f'<p class="gk-about" role="alert"><b>{escape(text)}</b></p>' if text else ""


def listing(summary: str, lines: Iterable[str]) -> str:
    """A summary that is spoken, and a list below it."""
    items = "".join(f"<li>{_unbroken(line)}</li>" for line in lines)
    return f'<p class="gk-head" role="status" aria-live="polite">{escape(summary)}</p><ol class="gk-rows">{items}</ol>'


def _unbroken(line: str) -> str:
    """The line, broken between its parts only: ``r--`` must not become two lines. A long part may break."""
    return ", ".join(f"<span>{escape(part)}</span>" if len(part) < 40 else escape(part) for part in line.split(", "))
