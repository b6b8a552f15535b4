/** What a file is read as; `foreign` is known and not read. */
export type FileKind =
  | "text"
  | "markdown"
  | "html"
  | "pdf"
  | "docx"
  | "xlsx"
  | "ods"
  | "pptx"
  | "odt"
  | "odp"
  | "epub"
  | "rtf"
  | "csv"
  | "tsv"
  | "json"
  | "jsonl"
  | "subtitles"
  | "notebook"
  | "xml"
  | "feed"
  | "mail"
  | "mbox"
  | "msg"
  | "zip"
  | "tar"
  | "gzip"
  | "rst"
  | "asciidoc"
  | "org"
  | "latex"
  | "foreign";

/** File name extensions of each kind, separated by spaces. */
export const extensionsOf: Readonly<Record<FileKind, string>> = {
  text: [
    "txt text log json5 yaml yml xsd xsl toml ini cfg conf properties diff",
    "patch js mjs cjs jsx mts cts tsx py pyi rb go rs java kt kts scala groovy gradle c h cc cpp cxx hpp cs fs swift m",
    "php pl lua r jl dart ex exs erl hs clj sql sh bash zsh fish ps1 bat cmd css scss less vue svelte graphql proto tf",
    "tfvars hcl cmake",
  ].join(" "),
  markdown: "md markdown mdown mkd mdx qmd rmd",
  html: "html htm xhtml",
  pdf: "pdf",
  // What is called DOC may be anything that Word opens, see office-kind.ts.
  docx: "docx docm dotx dotm doc dot",
  xlsx: "xlsx xlsm xltx xltm xlsb xls xlt",
  ods: "ods ots fods",
  pptx: "pptx pptm ppsx ppsm potx potm ppt pps pot",
  odt: "odt ott fodt",
  odp: "odp otp fodp",
  epub: "epub",
  rtf: "rtf",
  csv: "csv",
  tsv: "tsv tab",
  json: "json",
  jsonl: "jsonl ndjson",
  subtitles: "srt vtt",
  notebook: "ipynb",
  xml: "xml dbk docbook dita ditamap nxml tei",
  feed: "rss atom",
  mail: "eml emlx mht mhtml",
  mbox: "mbox",
  msg: "msg tnef",
  zip: "zip",
  tar: "tar",
  gzip: "gz tgz gzip",
  rst: "rst rest",
  asciidoc: "adoc asciidoc",
  org: "org",
  latex: "tex latex ltx",
  foreign: [
    "png jpg jpeg gif bmp webp ico tif tiff heic heif avif svg psd ai eps mp3 wav flac ogg oga m4a aac mp4 m4v mov avi",
    "mkv webm bz2 xz zst 7z rar jar war ear apk dmg iso deb rpm exe dll msi so dylib a o obj lib class",
    "pyc wasm node bin woff woff2 ttf otf eot sqlite sqlite3 db parquet avro orc arrow onnx pt pth safetensors gguf",
    "npy npz pkl h5 mobi pages",
  ].join(" "),
};

const kindByExtension: ReadonlyMap<string, FileKind> = new Map(
  (Object.entries(extensionsOf) as [FileKind, string][]).flatMap(([kind, names]) =>
    names.split(" ").map((name): [string, FileKind] => [name, kind]),
  ),
);

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const odtType = "application/vnd.oasis.opendocument.text";
const odpType = "application/vnd.oasis.opendocument.presentation";
const odsType = "application/vnd.oasis.opendocument.spreadsheet";

const kindByType: ReadonlyMap<string, FileKind> = new Map([
  ["text/markdown", "markdown"],
  ["text/x-markdown", "markdown"],
  ["text/html", "html"],
  ["application/xhtml+xml", "html"],
  ["application/pdf", "pdf"],
  [docxType, "docx"],
  ["application/vnd.ms-word.document.macroenabled.12", "docx"],
  ["application/msword", "docx"],
  [xlsxType, "xlsx"],
  ["application/vnd.ms-excel.sheet.macroenabled.12", "xlsx"],
  ["application/vnd.ms-excel", "xlsx"],
  [odsType, "ods"],
  [pptxType, "pptx"],
  ["application/vnd.ms-powerpoint", "pptx"],
  [odtType, "odt"],
  [`${odtType}-flat-xml`, "odt"],
  [`${odsType}-flat-xml`, "ods"],
  [`${odpType}-flat-xml`, "odp"],
  [odpType, "odp"],
  ["application/epub+zip", "epub"],
  ["application/rtf", "rtf"],
  ["text/rtf", "rtf"],
  ["text/csv", "csv"],
  ["application/csv", "csv"],
  ["text/tab-separated-values", "tsv"],
  ["application/json", "json"],
  ["application/jsonl", "jsonl"],
  ["application/x-jsonlines", "jsonl"],
  ["application/ndjson", "jsonl"],
  ["application/x-ndjson", "jsonl"],
  ["text/vtt", "subtitles"],
  ["application/x-subrip", "subtitles"],
  ["application/x-ipynb+json", "notebook"],
  ["application/xml", "xml"],
  ["text/xml", "xml"],
  ["application/docbook+xml", "xml"],
  ["application/rss+xml", "feed"],
  ["message/rfc822", "mail"],
  ["application/mbox", "mbox"],
  ["application/vnd.ms-outlook", "msg"],
  ["application/ms-tnef", "msg"],
  ["application/vnd.ms-tnef", "msg"],
  ["application/zip", "zip"],
  ["application/x-zip-compressed", "zip"],
  ["application/x-tar", "tar"],
  ["application/gzip", "gzip"],
  ["application/x-gzip", "gzip"],
  ["text/x-rst", "rst"],
  ["text/asciidoc", "asciidoc"],
  ["text/org", "org"],
  ["application/x-latex", "latex"],
  ["application/x-tex", "latex"],
  ["text/x-tex", "latex"],
  ["application/atom+xml", "feed"],
]);

/** The content type under which a kind is parsed. */
export const typeOfKind: Readonly<Record<Exclude<FileKind, "foreign">, string>> = {
  text: "text/plain",
  markdown: "text/markdown",
  html: "text/html",
  pdf: "application/pdf",
  docx: docxType,
  xlsx: xlsxType,
  ods: odsType,
  pptx: pptxType,
  odt: odtType,
  odp: odpType,
  epub: "application/epub+zip",
  rtf: "application/rtf",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  json: "application/json",
  jsonl: "application/jsonl",
  subtitles: "application/x-subrip",
  notebook: "application/x-ipynb+json",
  xml: "application/xml",
  feed: "application/rss+xml",
  mail: "message/rfc822",
  mbox: "application/mbox",
  msg: "application/vnd.ms-outlook",
  zip: "application/zip",
  tar: "application/x-tar",
  gzip: "application/gzip",
  rst: "text/x-rst",
  asciidoc: "text/asciidoc",
  org: "text/org",
  latex: "application/x-latex",
};

/** By the name's extension (lower case, no dot); undefined for one that says nothing. */
export function kindOfExtension(extension: string): FileKind | undefined {
  return kindByExtension.get(extension);
}

/** By a declared media type, its parameters ignored; undefined for none, or one that says nothing (octet-stream). */
export function kindOfType(contentType: string | undefined): FileKind | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const known = kindByType.get(type);
  if (known) return known;
  if (/^text\//.test(type) || /^application\/(?:yaml|x-yaml|toml|javascript|sql)$/.test(type)) return "text";
  return /^(?:image|audio|video|font)\//.test(type) || /\bzip$|gzip/.test(type) ? "foreign" : undefined;
}
