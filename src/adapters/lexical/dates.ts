import { monthOf } from "./months.ts";
import { pattern } from "./pattern.ts";

/** What dates cannot do without; see `hints` of forms.ts. */
const hints = {
  numeric: /\d[-./]\d/,
  run: /(?:19|20)\d{6}/,
  ideographic: /\d[年년]/,
  dayMonth: /[a-z\x80-\uffff][.]?,? (?:de )?\d{4}/,
  monthDay: /[a-z\x80-\uffff][.]? \d{1,2}(?:st|nd|rd|th)?,? \d{4}/,
};
const MONTH = String.raw`([\p{L}]{3,12})[.]?`;
const YEAR_FIRST = pattern(String.raw`(?<![\p{N}.])(\d{4})([\-./])(\d{1,2})\2(\d{1,2})(?![\p{N}.]\d|\d)`);
const YEAR_LAST = pattern(String.raw`(?<![\p{N}.])(\d{1,2})([\-./])(\d{1,2})\2(\d{4})(?!\d)`);
const RUN_OF_DAY = pattern(
  String.raw`(?<![\p{L}\p{N}.,])((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\p{L}\p{N}]|[.,]\d)`,
);
const IDEOGRAPHIC = pattern(String.raw`(?<!\d)(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]`);
const DAY_MONTH = pattern(
  String.raw`(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|[.ºª])? (?:of |de )?${MONTH},? (?:de )?(\d{4})(?!\d)`,
);
const MONTH_DAY = pattern(String.raw`(?<![\p{L}])${MONTH} (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)`);

/** Days as `20310317`; where nobody knows whether the day or the month comes first, both. @param text in lower case. */
export function dates(text: string, ascii: boolean): string[] {
  const days: string[] = [];
  const add = (year = "", month = 0, day = 0): void => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return;
    const inMonth = `${year}${String(month).padStart(2, "0")}`;
    // The month besides, so that the numbers that two ways of writing share do not outweigh the day.
    days.push(`${inMonth}${String(day).padStart(2, "0")}`, `m${inMonth}`);
  };
  if (hints.numeric.test(text)) {
    for (const [, year, , month, day] of text.matchAll(YEAR_FIRST(ascii))) add(year, Number(month), Number(day));
    for (const [, first, sign, second, year] of text.matchAll(YEAR_LAST(ascii))) {
      add(year, Number(second), Number(first));
      if (sign === "/" && first !== second) add(year, Number(first), Number(second));
    }
  }
  if (hints.run.test(text))
    for (const [, year, month, day] of text.matchAll(RUN_OF_DAY(ascii))) add(year, Number(month), Number(day));
  if (hints.ideographic.test(text))
    for (const [, year, month, day] of text.matchAll(IDEOGRAPHIC(ascii))) add(year, Number(month), Number(day));
  if (hints.dayMonth.test(text))
    for (const [, day, month, year] of text.matchAll(DAY_MONTH(ascii))) add(year, monthOf(month), Number(day));
  if (hints.monthDay.test(text))
    for (const [, month, day, year] of text.matchAll(MONTH_DAY(ascii))) add(year, monthOf(month), Number(day));
  return days;
}
