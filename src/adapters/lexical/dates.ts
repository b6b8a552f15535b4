import { monthOf } from "./months.ts";
import { foundParts, kind } from "./pattern.ts";

const MONTH = String.raw`([\p{L}]{3,12})[.]?`;
/** What is looked for in a text in lower case. */
export const kinds = {
  yearFirst: kind(/\d[-./]\d/, String.raw`(?<![\p{N}.])(\d{4})([\-./])(\d{1,2})\2(\d{1,2})(?![\p{N}.]\d|\d)`),
  yearLast: kind(/\d[-./]\d/, String.raw`(?<![\p{N}.])(\d{1,2})([\-./])(\d{1,2})\2(\d{4})(?!\d)`),
  run: kind(
    /(?:19|20)\d{6}/,
    String.raw`(?<![\p{L}\p{N}.,])((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\p{L}\p{N}]|[.,]\d)`,
  ),
  ideographic: kind(/\d[年년]/, String.raw`(?<!\d)(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]`),
  dayMonth: kind(
    /[a-z\x80-\uffff][.]?,? (?:de )?\d{4}/,
    String.raw`(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|[.ºª])? (?:of |de )?${MONTH},? (?:de )?(\d{4})(?!\d)`,
  ),
  monthDay: kind(
    /[a-z\x80-\uffff][.]? \d{1,2}(?:st|nd|rd|th)?,? \d{4}/,
    String.raw`(?<![\p{L}])${MONTH} (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)`,
  ),
};

/** Days as `20310317`; where nobody knows whether the day or the month comes first, both. @param text in lower case. */
export function dates(text: string, ascii: boolean): string[] {
  const days: string[] = [];
  const add = (year = "", month = 0, day = 0): void => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return;
    const inMonth = `${year}${String(month).padStart(2, "0")}`;
    // The month besides, so that the numbers that two ways of writing share do not outweigh the day.
    days.push(`${inMonth}${String(day).padStart(2, "0")}`, `m${inMonth}`);
  };
  for (const [, year, , month, day] of foundParts(text, kinds.yearFirst, ascii)) add(year, Number(month), Number(day));
  for (const [, first, sign, second, year] of foundParts(text, kinds.yearLast, ascii)) {
    add(year, Number(second), Number(first));
    if (sign === "/" && first !== second) add(year, Number(first), Number(second));
  }
  for (const [, year, month, day] of foundParts(text, kinds.run, ascii)) add(year, Number(month), Number(day));
  for (const [, year, month, day] of foundParts(text, kinds.ideographic, ascii)) add(year, Number(month), Number(day));
  for (const [, day, month, year] of foundParts(text, kinds.dayMonth, ascii)) add(year, monthOf(month), Number(day));
  for (const [, month, day, year] of foundParts(text, kinds.monthDay, ascii)) add(year, monthOf(month), Number(day));
  return days;
}
