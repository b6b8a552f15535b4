import { isOn } from "./docx-styles.ts";
import { childOf, childrenOf, type XmlElement } from "./xml.ts";

interface Field {
  /** Between its begin and its separator a field holds instructions; what it shows comes after. */
  phase: "instruction" | "result";
  readonly form: XmlElement | undefined;
}

const value = (element: XmlElement | undefined): string => element?.attributes["w:val"] ?? "";

/** What a form field of the old kind shows that has no text of its own; "" for one that has. */
function formValue(form: XmlElement | undefined): string {
  const list = childOf(form, "w:ddList");
  if (list) {
    const chosen = Number(value(childOf(list, "w:result") ?? childOf(list, "w:default")) || "0");
    return value(childrenOf(list, "w:listEntry")[chosen]);
  }
  const box = childOf(form, "w:checkBox");
  if (!box) return "";
  return isOn(childOf(box, "w:checked") ?? childOf(box, "w:default")) ? "☒" : "☐";
}

/** Follows the fields of a story (a body, a header, a note) through its runs: a field may span paragraphs. */
export function createFieldState() {
  const open: Field[] = [];
  return {
    /** Whether text here is shown: instructions are not, nor the fields that stand among them. */
    isShown: () => open.every(({ phase }) => phase === "result"),
    /** Whether instructions were opened and have not ended. */
    isCut: () => open.some(({ phase }) => phase === "instruction"),
    /** @returns what is shown in place of the field, "" for nothing. */
    mark(fieldChar: XmlElement): string {
      const type = fieldChar.attributes["w:fldCharType"];
      if (type === "begin") open.push({ phase: "instruction", form: childOf(fieldChar, "w:ffData") });
      const field = open.at(-1);
      if (!field) return "";
      if (type === "separate") field.phase = "result";
      if (type !== "end") return "";
      open.pop();
      return open.every(({ phase }) => phase === "result") ? formValue(field.form) : "";
    },
  };
}

/** Whether a content control or a form is there for its elements alone. */
export const isProperties = (element: XmlElement): boolean =>
  /^w:(?:p|r|sdt|sdtEnd|customXml|smartTag|fld|tbl|tr|tc|ruby|sect)Pr$/.test(element.name);
