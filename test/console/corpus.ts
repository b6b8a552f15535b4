/** A folder of documents as a person has them, and one that means harm: nothing of it may become more than text. */
export const corpus: Readonly<Record<string, string>> = {
  "backups.md": [
    "# Backups",
    "",
    "## Retention",
    "",
    "Backups are kept for 30 days. They lie in another region.",
    "",
    "| what | how often |",
    "|---|---|",
    "| database | every hour |",
    "| files | every night |",
    "",
    "```sh",
    "backup --all > /var/backups",
    "```",
  ].join("\n"),
  "people.csv": "name,born,field\nAda Lovelace,1815,analytical engines\nGrace Hopper,1906,compilers\n",
  "settings.json": JSON.stringify({ server: { port: 8080, names: ["a", "b"] } }),
  "notes.txt": "Tea is brewed at ninety degrees.\n\nIt draws for four minutes.\n",
  "broken.pdf": "%PDF-1.7 and nothing behind it",
};

const harm = [
  "<script>window.harmed = 1</script>",
  '<img src="http://127.0.0.1:9/x.png" onerror="window.harmed = 1">',
  '<svg onload="window.harmed = 1"><script>window.harmed = 1</script></svg>',
  "[a link](javascript:window.harmed=1) and [another](data:text/html,<script>window.harmed=1</script>)",
  "![a picture](http://127.0.0.1:9/y.png)",
  "<style>body { display: none }</style>",
  '<iframe src="http://127.0.0.1:9/"></iframe>',
  '<a href="javascript:window.harmed=1" onclick="window.harmed=1">click</a>',
  '<base href="http://127.0.0.1:9/"><form action="http://127.0.0.1:9/"><input name="zebra"></form>',
  "\u202Eright to left override\u202C zero\u200Bwidth\u200D characters \u2066isolated\u2069 مرحبا بالعالم",
];

export const hostile: Readonly<Record<string, string>> = {
  "harm.md": `# Harm zebra\n\n${harm.join("\n\n")}\n`,
  "harm.txt": `Harm zebra in plain text.\n${harm.join("\n")}\n`,
  "harm.csv": `name,note\n${harm.map((each, at) => `zebra ${at},"${each.replaceAll('"', '""')}"`).join("\n")}\n`,
  "deep.md": `# Deep zebra\n\n${"> ".repeat(3000)}zebra\n\n${"- ".repeat(300)}zebra\n\n${"*".repeat(3000)}zebra\n\n${"[".repeat(3000)}zebra\n`,
  "line.txt": `zebra ${"word ".repeat(60_000)}`,
  "<img src=x onerror=window.harmed=1>.txt": "zebra in a file whose name means harm\n",
};

const times = (count: number, of: (at: number) => string) => Array.from({ length: count }, (_, at) => of(at));

/** What is more than a page can hold, in every form that is drawn by elements of its own; made when it is wanted. */
export const vast: Readonly<Record<string, () => string>> = {
  "line.txt": () => `zebra ${"word ".repeat(500_000)}needle ${"word ".repeat(500_000)}`,
  "letters.txt": () => `zebra ${"x".repeat(5_000_000)}`,
  "turns.txt": () => `zebra ${"\u202Eab\u200Bc\u202C".repeat(400_000)}`,
  "table.md": () =>
    `# A table\n\n| a | b | c |\n|---|---|---|\n${times(10_000, (at) => `| zebra ${at} | x | y |`).join("\n")}`,
  "cells.md": () => `# Cells\n\n|${" a |".repeat(5_000)}\n|${"---|".repeat(5_000)}\n|${" zebra |".repeat(5_000)}\n`,
  "stars.md": () => `# zebra\n\n${"*a* ".repeat(200_000)}`,
  "items.md": () => `# zebra\n\n${"- a\n".repeat(100_000)}`,
  "heading.md": () => `# zebra ${"heading ".repeat(100_000)}\n\nzebra\n${"more of it. ".repeat(50_000)}`,
  "table.html": () =>
    `<h1>zebra</h1><table>${times(10_000, (at) => `<tr><td>zebra ${at}</td><td>x</td></tr>`).join("")}</table>`,
  "rows.csv": () => `name,note\n${times(10_000, (at) => `zebra ${at},x`).join("\n")}`,
  "members.json": () =>
    JSON.stringify(Object.fromEntries(times(10_000, (at) => `zebra${at}`).map((name, at) => [name, at]))),
};
