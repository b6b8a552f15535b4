// What stands between the parts of an element of MathML where one types it: `x^2`, `1/2`, `x_i^2`.
const between: Readonly<Record<string, readonly string[]>> = {
  mfrac: ["", "/"],
  msup: ["", "^"],
  msub: ["", "_"],
  msubsup: ["", "_", "^"],
  munderover: ["", "_", "^"],
};

interface Around {
  readonly before: string;
  readonly after: string;
}

const nothing: Around = { before: "", after: "" };

/**
 * What an element of an equation has before and after it when one types it in a line: 1/2 is no 12.
 *
 * @param parent the element that it is in, of which it is the part `index`, from 0.
 */
export function mathAround(element: string, parent: string | undefined, index: number): Around {
  const mark = parent === undefined ? undefined : between[parent]?.[index];
  const root = element === "msqrt" ? "√" : "";
  if (mark === undefined) return root === "" ? nothing : { before: `${root}(`, after: ")" };
  if (element === "mrow") return { before: `${mark}(`, after: ")" };
  return root === "" ? { before: mark, after: "" } : { before: `${mark}${root}(`, after: ")" };
}
