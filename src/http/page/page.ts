import { createHash } from "node:crypto";
import { script } from "./script.ts";
import { style } from "./style.ts";

/**
 * The page a person meets at `/`: one search box over `POST /query`. Self-contained, so that it works offline and its
 * security policy can name exactly this style and this script and nothing else.
 */

/** The HTML of `/`. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isthmus</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1><svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor"><path d="M3 5c6-2 9 1 10 6 .6 3 1.4 4 3 4s2.4 1 3 4c1 5 4 8 10 6v5c-9 2-15-2-16-9-.4-2.6-1-3.6-2-4.6C9 15 8 13.5 7.5 11.5 7 9.5 6 9 3 10z"/><circle cx="25" cy="7" r="3" opacity=".45"/><circle cx="7" cy="25" r="3" opacity=".45"/></svg>Isthmus</h1>
<p>Search your documents. Every passage comes with its source.</p>
</header>
<form id="form" role="search">
<div class="ask">
<input id="query" type="search" maxlength="2000" placeholder="What do you want to know?" aria-label="Query" autocomplete="off" autofocus>
<button id="go">Search</button>
</div>
<div class="how">
<label>Find by <select id="mode"><option value="hybrid">meaning and words</option><option value="vector">meaning</option><option value="keyword">words</option></select></label>
<label>Show <select id="k"><option>3</option><option>5</option><option>10</option><option>25</option></select></label>
<label id="key" hidden>API key <input id="api-key" type="password" autocomplete="off"></label>
</div>
</form>
<p id="status" role="status"></p>
<ol id="results" aria-label="Passages"></ol>
</main>
<footer><a href="/documents">Documents</a><a href="/readyz">State</a><a href="/openapi.json">API reference</a><kbd>/</kbd> goes to the search box</footer>
<script>${script}</script>
</body>
</html>
`;

/** Allows this page its own style and script, calls to its own server, and nothing else. */
export const pageSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(style)}'`,
  `script-src 'sha256-${sha256(script)}'`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("base64");
}
