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
