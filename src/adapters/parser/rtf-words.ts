/** Groups whose content is no text of the document, whether or not they are marked as ignorable. */
export const silentGroups: ReadonlySet<string> = new Set(
  `colortbl filetbl revtbl rsidtbl listtable listoverridetable generator xmlnstbl leveltext levelnumbers listname mmathPr themedata colorschememapping datastore
  latentstyles pict objdata objclass objname objalias objtime nonshppict shprslt bkmkstart bkmkend xe tc tcn txe rxe
  atnid atntime atnref atndate atnicn atnparent atrfstart atrfend ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn private pgdsctbl
  operator creatim revtim printim buptim doccomm hlinkbase docvar template userprops falt panose fname fontemb
  fldinst ffdeftext ffname datafield pn pntxta pntxtb pnseclvl blipuid blipuuid protusertbl wgrffmtfilter
  company manager category pnpict passwordhash nonesttables`.split(/\s+/),
);

/** Groups that are marked as ignorable and hold text all the same. */
export const spokenGroups: ReadonlySet<string> = new Set(
  `annotation atnauthor shpinst shptxt dptxbxtext do shppict pict picprop sp sn sv ud formfield ffl moMath moMathPara footnote
  listtext pntext nesttableprops outlinelevel`.split(/\s+/),
);

/** Groups of an equation that hold its letters; those of their properties (`mfPr`) do not. */
export const mathGroup =
  /^m(?:oMath|oMathPara|r|t|f|num|den|e|sub|sup|s(?:Sub|Sup|SubSup|Pre)|rad|deg|d|m|mr|nary|func|fName|lim|lim(?:Low|Upp)|acc|bar|box|borderBox|eqArr|groupChr|phant)$/;

/** Words that stand for a character. */
export const characterWords: ReadonlyMap<string, string> = new Map([
  ["emdash", "—"],
  ["endash", "–"],
  ["emspace", " "],
  ["enspace", " "],
  ["qmspace", " "],
  ["bullet", "•"],
  ["lquote", "‘"],
  ["rquote", "’"],
  ["ldblquote", "“"],
  ["rdblquote", "”"],
  ["tab", "\t"],
  ["line", "\n"],
  ["lbr", "\n"],
  ["softline", "\n"],
  ["zwj", "\u200d"],
  ["zwnj", "\u200c"],
]);

/** Code pages of the character sets that fonts name; that of the file for the others. */
export const pageOfCharset: ReadonlyMap<number, number> = new Map([
  [77, 10_000],
  [78, 10_001],
  [79, 10_003],
  [80, 10_008],
  [81, 10_002],
  [89, 10_007],
  [128, 932],
  [129, 949],
  [134, 936],
  [136, 950],
  [161, 1253],
  [162, 1254],
  [163, 1258],
  [177, 1255],
  [178, 1256],
  [186, 1257],
  [204, 1251],
  [222, 874],
  [238, 1250],
]);

const headingName = /^heading (\d)$/i;

/** The level of a style by its name, 1 to 9; undefined for one of no heading. */
export function levelOfName(style: string): number | undefined {
  const level = headingName.exec(style)?.[1];
  if (level !== undefined && level !== "0") return Number(level);
  return /^title$/i.test(style) ? 1 : undefined;
}
