import type { Range } from "../../core/plan/range.ts";

export function spanOf({ low, high }: Range): string {
  const span = [money(low), money(high)];
  return span[0] === span[1] ? "" : `${span[0]} to ${span[1]}`;
}

export function money(amount: number): string {
  if (amount > 0 && amount < 0.01) return "under 0.01";
  return amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

export function number(value: number): string {
  return value.toLocaleString("en");
}

/** Three digits of an estimate; all of what is counted. */
export function about({ low, expected, high }: Range): string {
  return low === high ? number(Math.round(expected)) : number(Number(expected.toPrecision(3)));
}

export function between({ low, high }: Range): string {
  if (low === high) return "";
  return `${number(Number(low.toPrecision(3)))} to ${number(Number(high.toPrecision(3)))}`;
}

export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}
