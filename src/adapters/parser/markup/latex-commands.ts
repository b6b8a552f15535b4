const words = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** Headings from the outermost in. */
export const headingLevels: ReadonlyMap<string, number> = new Map(
  ["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"].map((name, index) => [
    name,
    index + 1,
  ]),
);

/** Commands that leave nothing in the text, with the number of their arguments. */
export const silentCommands: ReadonlyMap<string, number> = new Map(
  [
    "0 maketitle tableofcontents listoffigures listoftables newpage clearpage cleardoublepage pagebreak linebreak noindent indent centering raggedright",
    "0 bigskip medskip smallskip hfill vfill hline toprule midrule bottomrule appendix frontmatter mainmatter backmatter par tiny scriptsize",
    "0 footnotesize small normalsize large Large LARGE huge Huge bfseries itshape ttfamily sffamily rmfamily scshape em bf it tt sf sc rm sl printindex",
    "0 left right displaystyle limits nolimits nonumber notag onecolumn twocolumn sloppy fussy protect relax endinput makeatletter makeatother",
    "0 doublespacing singlespacing onehalfspacing newline hrulefill dotfill null strut",
    "1 label ref pageref eqref autoref cref Cref nameref vref hypertarget includegraphics vspace hspace usepackage RequirePackage documentclass",
    "1 bibliographystyle pagestyle thispagestyle pagenumbering index glossary hyphenation input include subfile bibliography addbibresource",
    "1 graphicspath usetikzlibrary theoremstyle date author title newif newcounter newlength nocite phantom vphantom hphantom color pagecolor",
    "1 geometry hypersetup captionsetup lstset sisetup tikzset pgfplotsset cline cmidrule linespread fontsize selectlanguage",
    "2 setlength addtolength setcounter addtocounter newcommand renewcommand providecommand DeclareMathOperator newtheorem fontfamily rule",
    "2 colorbox rotatebox resizebox scalebox multicolumn textcolor addcontentsline",
    "3 definecolor newenvironment renewenvironment fcolorbox multirow",
  ].flatMap((line) => {
    const [count = "0", ...names] = line.split(" ");
    return names.map((name): [string, number] => [name, Number(count)]);
  }),
);

/** Commands whose last argument alone is text: a colour, a link's target or a number of columns stand before it. */
export const lastArgument: ReadonlyMap<string, number> = new Map([
  ["textcolor", 2],
  ["colorbox", 2],
  ["fcolorbox", 3],
  ["multicolumn", 3],
  ["multirow", 3],
  ["rotatebox", 2],
  ["scalebox", 2],
  ["resizebox", 3],
  ["href", 2],
  ["hyperref", 1],
  ["hyperlink", 2],
]);

export const verbatimEnvironments = words("verbatim verbatim* Verbatim lstlisting minted alltt code spverbatim");
export const mathEnvironments = words(
  "equation equation* align align* gather gather* multline multline* eqnarray eqnarray* displaymath math alignat alignat* flalign flalign*",
);
export const silentEnvironments = words("comment tikzpicture pgfpicture picture filecontents filecontents* pspicture");
export const tableEnvironments = words("tabular tabular* tabularx longtable array tabulary supertabular tabu longtabu");
/** Of slides: what stands in braces behind their name is a title. */
export const titledEnvironments = words("frame block alertblock exampleblock");
/** Arguments of `\begin{name}` that are no text. */
export const environmentArguments: ReadonlyMap<string, number> = new Map([
  ["tabular", 1],
  ["tabular*", 2],
  ["tabularx", 2],
  ["tabulary", 2],
  ["longtable", 1],
  ["array", 1],
  ["minipage", 1],
  ["multicols", 1],
  ["thebibliography", 1],
  ["wrapfigure", 2],
  ["wraptable", 2],
  ["adjustbox", 1],
  ["list", 2],
]);

export const symbols: ReadonlyMap<string, string> = new Map(
  Object.entries({
    LaTeX: "LaTeX",
    TeX: "TeX",
    LaTeXe: "LaTeX2e",
    BibTeX: "BibTeX",
    ldots: "…",
    dots: "…",
    textellipsis: "…",
    textbackslash: "\\",
    textasciitilde: "~",
    textasciicircum: "^",
    textbar: "|",
    textless: "<",
    textgreater: ">",
    textunderscore: "_",
    textendash: "–",
    textemdash: "—",
    textquotedblleft: "“",
    textquotedblright: "”",
    S: "§",
    P: "¶",
    copyright: "©",
    textcopyright: "©",
    textregistered: "®",
    texttrademark: "™",
    pounds: "£",
    euro: "€",
    texteuro: "€",
    textdegree: "°",
    degree: "°",
    ss: "ß",
    SS: "ẞ",
    ae: "æ",
    AE: "Æ",
    oe: "œ",
    OE: "Œ",
    o: "ø",
    O: "Ø",
    aa: "å",
    AA: "Å",
    l: "ł",
    L: "Ł",
    i: "ı",
    j: "ȷ",
    dh: "ð",
    DH: "Ð",
    th: "þ",
    TH: "Þ",
    quad: " ",
    qquad: " ",
    textperiodcentered: "·",
    textbullet: "•",
    dag: "†",
    ddag: "‡",
    slash: "/",
    today: "",
  }),
);

/** Combining characters of the accents. */
export const accents: ReadonlyMap<string, string> = new Map([
  ["`", "\u0300"],
  ["'", "\u0301"],
  ["^", "\u0302"],
  ["~", "\u0303"],
  ["=", "\u0304"],
  ["u", "\u0306"],
  [".", "\u0307"],
  ['"', "\u0308"],
  ["r", "\u030a"],
  ["H", "\u030b"],
  ["v", "\u030c"],
  ["d", "\u0323"],
  ["c", "\u0327"],
  ["k", "\u0328"],
  ["b", "\u0331"],
]);
