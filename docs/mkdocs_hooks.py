"""Teaches MkDocs about this repository: pages outside `docs/`, and links to files that are not pages.

All documents link to each other by relative paths, as they lie in the repository. The site has the Markdown files
outside `docs/` below `repository/`; a link to anything else there becomes plain text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ELSEWHERE = "repository"
# Where pages are; the suite `docs` checks the links of the same files.
PATTERNS = ["*.md", "*/README.md", "benches/*.md", "examples/*/README.md"]
# A fenced block, or a link; links in code are text.
LINK = re.compile(
    r"(?P<code>^ *```.*?^ *```|`[^`\n]*`)"
    r"|\[(?P<text>(?:`[^`]*`|[^`\[\]])*)\]\((?P<target>[^)\s]+)\)",
    re.DOTALL | re.MULTILINE,
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    root = Path(config.docs_dir).parent
    places = {path.relative_to(root).as_posix() for pattern in PATTERNS for path in root.glob(pattern)}
    for place in sorted(places):
        if not place.startswith("docs/"):
            files.append(File.generated(config, f"{ELSEWHERE}/{place}", abs_src_path=str(root / place)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    here = page.file.src_uri
    in_repository = here.removeprefix(f"{ELSEWHERE}/") if here.startswith(f"{ELSEWHERE}/") else f"docs/{here}"

    def rewrite(link: re.Match[str]) -> str:
        target = link["target"]
        if link["code"] or target.startswith("#") or "://" in target or target.startswith("mailto:"):
            return link[0]
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(in_repository), path))
        page_of = path.removeprefix("docs/") if path.startswith("docs/") else f"{ELSEWHERE}/{path}"
        folder = posixpath.join(page_of, "README.md")
        if files.get_file_from_path(page_of) is None and files.get_file_from_path(folder):
            page_of = folder
        elif files.get_file_from_path(page_of) is None and (Path(config.docs_dir).parent / path).exists():
            return link["text"]
        relative = posixpath.relpath(page_of, posixpath.dirname(here) or ".")
        return f"[{link['text']}]({relative}{'#' + anchor if anchor else ''})"

    return LINK.sub(rewrite, markdown)
